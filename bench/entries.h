#pragma once

#include <Eigen/Core>

#include <gradus/gradus.h>

namespace bench {

/// The entries of a matrix, row after row. With zeros at the end up to a whole number of vectors a loop over all of
/// them needs no special case.
using Entries = Eigen::ArrayXf;

inline Entries padded(gradus::Index count) {
  constexpr gradus::Index vector = EIGEN_MAX_STATIC_ALIGN_BYTES / sizeof(float);
  return Entries::Zero((count + vector - 1) / vector * vector);
}

/// A float32 tensor's entries, padded.
inline Entries entries(const gradus::Tensor& tensor) {
  const std::vector<float> values = tensor.values<float>();
  Entries copy = padded(tensor.count());
  copy.head(tensor.count()) = Eigen::Map<const Entries>(values.data(), tensor.count());
  return copy;
}

/// A row in each of the first rows of a matrix, for a product to add to.
inline void fill_rows(const Entries& row, gradus::Index columns, gradus::Index rows, Entries& matrix) {
  for (gradus::Index i = 0; i < rows; ++i) matrix.segment(i * columns, columns) = row.head(columns);
}

/// Whether two ways to train came to the same entries, but for float32's rounding.
inline bool agree(const gradus::Parameter& trained, const Entries& by_hand) {
  const Entries expected = entries(trained.tensor());
  return ((expected - by_hand).abs() <= 1e-5F + 1e-4F * expected.abs()).all();
}

}  // namespace bench
