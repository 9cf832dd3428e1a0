#pragma once

#include <cstddef>
#include <memory>

#include <gradus/datasets/augmentation.h>
#include <gradus/datasets/warp.h>
#include <gradus/graph/tensor.h>

namespace gradus::datasets {

/// What an Augmentation draws and does, for examples of one shape. From any number of threads at once.
class Augmenter {
 public:
  /// Throws ShapeError where the examples are no images, ValueError on a number that is not finite or not what it may
  /// be.
  Augmenter(const Augmentation& augmentation, const Shape& feature_shape, Dtype dtype, Where where);
  ~Augmenter();
  Augmenter(const Augmenter&) = delete;
  Augmenter& operator=(const Augmenter&) = delete;

  const ImageLayout& layout() const { return layout_; }
  /// Writes the example as it looks in the given epoch. Its number decides, with the epoch, what is drawn.
  void augment(const std::byte* features, Index example, std::int64_t epoch, std::byte* augmented) const;

 private:
  struct Elastic;

  Augmentation augmentation_;
  ImageLayout layout_;
  Dtype dtype_;
  std::unique_ptr<const Elastic> elastic_;  // none: no displacement
};

}  // namespace gradus::datasets
