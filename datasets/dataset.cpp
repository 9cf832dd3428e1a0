#include <gradus/datasets/dataset.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/datasets/examples.h>
#include <gradus/datasets/shuffle.h>
#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>

namespace gradus::datasets {
namespace {

template <class T>
std::shared_ptr<const T> shared_data(std::vector<T> values) {
  auto owner = std::make_shared<const std::vector<T>>(std::move(values));
  static const T nothing{};  // an empty vector's data may be null
  return {owner, owner->empty() ? &nothing : owner->data()};
}

std::shared_ptr<const std::byte> as_bytes(const auto& data) {
  return {data, reinterpret_cast<const std::byte*>(data.get())};
}

/// How many examples the features are; throws unless the labels are as many.
Index example_count(Index numbers, const Shape& feature_shape, Index labels, Where where) {
  const Index each = feature_shape.count();
  if (each == 0) {
    if (numbers == 0) return labels;
    throw ShapeError(fmt::format(
        "{}Dataset: features hold {} numbers, but an example of {} holds none", at(where), numbers,
        feature_shape.text()));
  }
  if (numbers % each != 0) {
    throw ShapeError(fmt::format(
        "{}Dataset: features hold {} numbers, which is no multiple of the {} of one example of {}", at(where), numbers,
        each, feature_shape.text()));
  }
  if (numbers / each != labels) {
    const bool whole = feature_shape.rank() > 0 && feature_shape[0] == labels && numbers == each;
    throw ShapeError(fmt::format(
        "{}Dataset: features hold {} examples of {}, labels {}{}", at(where), numbers / each, feature_shape.text(),
        labels, whole ? "; give the shape of one example, without their number" : ""));
  }
  return labels;
}

template <class T>
Dataset from_vectors(
    std::vector<T> features, const Shape& feature_shape, std::vector<std::int32_t> labels, Where where) {
  Examples examples;
  examples.count =
      example_count(static_cast<Index>(features.size()), feature_shape, static_cast<Index>(labels.size()), where);
  examples.feature_shape = feature_shape;
  examples.dtype = dtype_of<T>;
  examples.features = as_bytes(shared_data(std::move(features)));
  examples.labels = shared_data(std::move(labels));
  return Dataset::over(std::move(examples), where);
}

}  // namespace

Dataset::Dataset() : Dataset(from_vectors<float>({}, Shape{}, {}, Where::current())) {}

Dataset Dataset::from(
    std::vector<float> features, const Shape& feature_shape, std::vector<std::int32_t> labels, Where where) {
  return from_vectors(std::move(features), feature_shape, std::move(labels), where);
}

Dataset Dataset::from_float64(
    std::vector<double> features, const Shape& feature_shape, std::vector<std::int32_t> labels, Where where) {
  return from_vectors(std::move(features), feature_shape, std::move(labels), where);
}

Dataset Dataset::from(const Tensor& features, const Tensor& labels, Where where) {
  if (features.rank() < 1 || labels.rank() != 1 || features.size(0) != labels.size(0)) {
    throw ShapeError(fmt::format(
        "{}Dataset: features are {} and labels {}; expected [n, ...] and [n]", at(where), features.shape().text(),
        labels.shape().text()));
  }
  if (!is_floating(features.dtype()) || labels.dtype() != Dtype::int32) {
    throw DtypeError(fmt::format(
        "{}Dataset: features are {} and labels {}; expected float32 or float64, and int32", at(where),
        name_of(features.dtype()), name_of(labels.dtype())));
  }
  // Copied: a parameter's value is overwritten in place when the parameter moves on.
  const Shape feature_shape = features.shape().without(0);
  auto classes = labels.values<std::int32_t>(where);
  return features.dtype() == Dtype::float32
             ? from_vectors(features.values<float>(where), feature_shape, std::move(classes), where)
             : from_vectors(features.values<double>(where), feature_shape, std::move(classes), where);
}

Dataset Dataset::over(Examples examples, Where where) {
  for (Index i = 0; i < examples.count; ++i) {
    const std::int32_t label = examples.labels.get()[i];
    if (label < 0) {
      throw ValueError(
          fmt::format("{}Dataset: example {} has label {}; labels are classes, counted from 0", at(where), i, label));
    }
    examples.class_count = std::max(examples.class_count, Index{label} + 1);
  }
  return Dataset(std::make_shared<const Examples>(std::move(examples)));
}

Index Dataset::size() const {
  return examples_->count;
}
const Shape& Dataset::feature_shape() const {
  return examples_->feature_shape;
}
Dtype Dataset::dtype() const {
  return examples_->dtype;
}
Index Dataset::class_count() const {
  return examples_->class_count;
}

Tensor Dataset::features(Where where) const {
  return features_of(*examples_, 0, size(), where);
}
Tensor Dataset::labels(Where where) const {
  return labels_of(*examples_, 0, size(), where);
}

Dataset Dataset::slice(Index begin, Index end, Where where) const {
  if (begin < 0 || begin > end || end > size()) {
    throw ValueError(fmt::format(
        "{}Dataset: no examples {} up to {}; there are {}: 0 <= begin <= end <= {}", at(where), begin, end, size(),
        size()));
  }
  Examples part = *examples_;
  part.count = end - begin;
  part.features = {examples_->features, examples_->row(begin)};
  part.labels = {examples_->labels, examples_->labels.get() + begin};
  return Dataset(std::make_shared<const Examples>(std::move(part)));
}

Dataset Dataset::take(Index count, Where where) const {
  return slice(0, count, where);
}

std::pair<Dataset, Dataset> Dataset::split(Index count, Where where) const {
  return {slice(0, count, where), slice(count, size(), where)};
}

Dataset Dataset::shuffled(std::int64_t seed) const {
  const auto order = permutation(size(), seed);
  const auto features = aligned_memory(size() * examples_->row_bytes());
  std::vector<std::int32_t> labels(order.size());
  gather(*examples_, order.data(), size(), features.get(), labels.data());
  Examples copy = *examples_;
  copy.features = features;
  copy.labels = shared_data(std::move(labels));
  return Dataset(std::make_shared<const Examples>(std::move(copy)));
}

Batches Dataset::batches(const BatchOptions& options, Where where) const {
  if (options.size < 1) {
    throw ValueError(fmt::format("{}Dataset: batches of {}; expected at least 1", at(where), options.size));
  }
  if (options.drop_last && !empty() && size() < options.size) {
    throw ValueError(fmt::format(
        "{}Dataset: drop_last leaves no batch of {}; there are {} examples", at(where), options.size, size()));
  }
  return Batches(examples_, options, where);
}

}  // namespace gradus::datasets
