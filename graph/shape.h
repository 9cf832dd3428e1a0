#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>

#include <gradus/graph/dtype.h>

namespace gradus {

/// The most axes that a tensor can have.
inline constexpr int max_rank = 8;

/// The sizes of a tensor along its axes, outermost first. A scalar has rank 0 and one entry.
class Shape {
 public:
  Shape() = default;
  /// Throws ShapeError on more than max_rank axes or a negative size.
  Shape(std::initializer_list<Index> sizes) : Shape(std::span<const Index>(sizes.begin(), sizes.size())) {}
  explicit Shape(std::span<const Index> sizes);

  int rank() const { return rank_; }
  Index operator[](int axis) const { return sizes_[static_cast<std::size_t>(axis)]; }
  Index& operator[](int axis) { return sizes_[static_cast<std::size_t>(axis)]; }
  /// The product of the sizes; 1 for a scalar.
  Index count() const;
  std::span<const Index> sizes() const { return {sizes_.data(), static_cast<std::size_t>(rank_)}; }
  const Index* begin() const { return sizes_.data(); }
  const Index* end() const { return sizes_.data() + rank_; }

  void append(Index size);
  /// The same sizes without one axis; with one more, of the given size, before `axis`.
  Shape without(int axis) const;
  Shape with(int axis, Index size) const;

  bool operator==(const Shape& other) const {
    if (rank_ != other.rank_) return false;
    for (int axis = 0; axis < rank_; ++axis) {
      if ((*this)[axis] != other[axis]) return false;
    }
    return true;
  }
  /// "[10, 784]"; "[]" for a scalar.
  std::string text() const;

 private:
  std::array<Index, max_rank> sizes_{};
  int rank_ = 0;
};

/// Whether two shapes broadcast (aligned at their last axes, each pair of sizes equal or one of them 1), and to what.
bool broadcastable(const Shape& a, const Shape& b);
Shape broadcast(const Shape& a, const Shape& b);

}  // namespace gradus
