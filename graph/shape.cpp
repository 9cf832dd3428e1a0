#include <gradus/graph/shape.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <gradus/graph/error.h>

namespace gradus {

std::string_view name_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::float32:
      return "float32";
    case Dtype::float64:
      return "float64";
    case Dtype::int32:
      return "int32";
    case Dtype::boolean:
      return "bool";
  }
  return "unknown";
}

Shape::Shape(std::span<const Index> sizes) {
  if (sizes.size() > max_rank) {
    throw ShapeError(
        fmt::format("shape [{}] has {} axes; at most {} are possible", fmt::join(sizes, ", "), sizes.size(), max_rank));
  }
  for (const Index size : sizes) {
    if (size < 0)
      throw ShapeError(fmt::format("shape [{}] has the size {}; sizes are 0 or more", fmt::join(sizes, ", "), size));
    append(size);
  }
  static_cast<void>(count());  // throws where it cannot be counted
}

void Shape::append(Index size) {
  if (rank_ == max_rank) throw ShapeError(fmt::format("shape {} cannot have more than {} axes", text(), max_rank));
  if (size < 0)
    throw ShapeError(fmt::format("shape {} cannot have an axis of size {}: sizes are 0 or more", text(), size));
  sizes_[static_cast<std::size_t>(rank_++)] = size;
}

Index Shape::count() const {
  Index count = 1;
  for (const Index size : sizes()) {
    if (__builtin_mul_overflow(count, size, &count)) {
      throw ShapeError(fmt::format("shape {} has more entries than can be counted", text()));
    }
  }
  return count;
}

Shape Shape::without(int axis) const {
  Shape shape;
  for (int i = 0; i < rank_; ++i) {
    if (i != axis) shape.append((*this)[i]);
  }
  return shape;
}

Shape Shape::with(int axis, Index size) const {
  Shape shape;
  for (int i = 0; i <= rank_; ++i) {
    if (i == axis) shape.append(size);
    if (i < rank_) shape.append((*this)[i]);
  }
  return shape;
}

std::string Shape::text() const {
  return fmt::format("[{}]", fmt::join(sizes(), ", "));
}

namespace {

// The size along the k-th axis from the back; missing axes count as 1.
Index size_from_back(const Shape& shape, int k) {
  return k < shape.rank() ? shape[shape.rank() - 1 - k] : 1;
}

}  // namespace

bool broadcastable(const Shape& a, const Shape& b) {
  for (int k = 0; k < std::min(a.rank(), b.rank()); ++k) {
    const Index x = size_from_back(a, k), y = size_from_back(b, k);
    if (x != y && x != 1 && y != 1) return false;
  }
  return true;
}

Shape broadcast(const Shape& a, const Shape& b) {
  if (a == b) return a;
  if (!broadcastable(a, b)) {
    throw ShapeError(fmt::format("shapes {} and {} do not broadcast", a.text(), b.text()));
  }
  Shape shape = a.rank() >= b.rank() ? a : b;
  for (int k = 0; k < shape.rank(); ++k) {
    const Index x = size_from_back(a, k), y = size_from_back(b, k);
    shape[shape.rank() - 1 - k] = x == 1 ? y : x;
  }
  return shape;
}

}  // namespace gradus
