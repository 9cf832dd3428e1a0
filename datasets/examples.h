#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <gradus/graph/tensor.h>

namespace gradus::datasets {

/// Where the rows of a data set lie in memory that never changes. What Dataset and Batches share; not for users.
struct Examples {
  Index count = 0;
  Index class_count = 0;
  Shape feature_shape;  // of one example
  Dtype dtype = Dtype::float32;
  std::shared_ptr<const std::byte> features;  // each keeps its memory alive, and points at the first example
  std::shared_ptr<const std::int32_t> labels;

  /// The bytes of the features of one example.
  Index row_bytes() const { return feature_shape.count() * bytes_of(dtype); }
  const std::byte* row(Index example) const { return features.get() + example * row_bytes(); }
};

/// Memory that begins on a cache line. Never null.
std::shared_ptr<std::byte> aligned_memory(Index bytes);

/// `count` examples from `begin` on, without a copy: [count, feature_shape...] and [count].
Tensor features_of(const Examples& examples, Index begin, Index count, Where where);
Tensor labels_of(const Examples& examples, Index begin, Index count, Where where);

/// Copies the rows of the given examples one behind another.
void gather(const Examples& examples, const Index* order, Index count, std::byte* features, std::int32_t* labels);

}  // namespace gradus::datasets
