#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <gradus/datasets/batches.h>
#include <gradus/graph/tensor.h>

namespace gradus::datasets {

struct Examples;

/// Examples and the class of each: features [n, feature_shape...] (float32 or float64) and labels [n] (int32, from 0).
/// A cheap handle on memory that is shared and never changes; only shuffled() copies.
class Dataset {
 public:
  /// No examples.
  Dataset();

  /// From your own numbers: `features` holds the examples one behind another, row-major, each of shape `feature_shape`
  /// (the number of examples is not part of it); `labels` the class of each. Throws ShapeError where their numbers do
  /// not fit, and ValueError on a negative label.
  static Dataset from(
      std::vector<float> features, const Shape& feature_shape, std::vector<std::int32_t> labels,
      Where where = Where::current());
  /// The same in float64. (A template, so that `from({0, 1}, …)` means float32.)
  template <std::same_as<double> T>
  static Dataset from(
      std::vector<T> features, const Shape& feature_shape, std::vector<std::int32_t> labels,
      Where where = Where::current()) {
    return from_float64(std::move(features), feature_shape, std::move(labels), where);
  }
  /// From tensors, evaluated if need be and copied: features [n, ...] and labels [n]. Throws ShapeError,
  /// DtypeError or ValueError where they are not that.
  static Dataset from(const Tensor& features, const Tensor& labels, Where where = Where::current());
  /// For those who fill the memory themselves, once. Throws as the others do.
  static Dataset over(Examples examples, Where where = Where::current());

  /// How many examples there are.
  Index size() const;
  bool empty() const { return size() == 0; }
  /// The shape of one example.
  const Shape& feature_shape() const;
  Dtype dtype() const;
  /// One more than the highest label; slices keep the number of the whole. 0 where there are no examples.
  Index class_count() const;

  /// [n, feature_shape...] and [n], over the shared memory.
  Tensor features(Where where = Where::current()) const;
  Tensor labels(Where where = Where::current()) const;

  /// The examples from `begin` up to, but without, `end`. Throws ValueError unless 0 <= begin <= end <= size().
  Dataset slice(Index begin, Index end, Where where = Where::current()) const;
  /// The first `count` examples. Throws ValueError where there are fewer.
  Dataset take(Index count, Where where = Where::current()) const;
  /// The first `count` examples, and the rest. Throws ValueError where there are fewer.
  std::pair<Dataset, Dataset> split(Index count, Where where = Where::current()) const;
  /// A copy in random order, which depends on the seed alone. Its rows are those of batches({.seed = seed}).
  Dataset shuffled(std::int64_t seed) const;

  /// One epoch of mini-batches: `for (auto [images, labels] : train.batches({.size = 10, .seed = epoch}))`. Throws
  /// ValueError where the size is not positive, or drop_last would leave nothing of a data set that is not empty; for
  /// an augmentation, ShapeError where examples are no images and ValueError on numbers that are not what they may be.
  Batches batches(const BatchOptions& options = {}, Where where = Where::current()) const;

 private:
  explicit Dataset(std::shared_ptr<const Examples> examples) : examples_(std::move(examples)) {}
  static Dataset from_float64(
      std::vector<double> features, const Shape& feature_shape, std::vector<std::int32_t> labels, Where where);

  std::shared_ptr<const Examples> examples_;
};

}  // namespace gradus::datasets
