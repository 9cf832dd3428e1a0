#include <gradus/graph/kernel.h>

namespace gradus {

Layout Layout::dense(const Shape& shape) {
  Layout layout{.shape = shape};
  Index stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    layout.stride(axis) = stride;
    stride *= shape[axis];
  }
  return layout;
}

bool Layout::is_dense() const {
  Index expected = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (shape[axis] == 0) return true;
    if (shape[axis] != 1 && stride(axis) != expected) return false;
    expected *= shape[axis];
  }
  return true;
}

Layout Layout::permuted(const std::array<int, max_rank>& order) const {
  Layout result{.shape = shape, .offset = offset};
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int from = order[static_cast<std::size_t>(axis)];
    result.shape[axis] = shape[from];
    result.stride(axis) = stride(from);
  }
  return result;
}

}  // namespace gradus
