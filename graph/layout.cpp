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

}  // namespace gradus
