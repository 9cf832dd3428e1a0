#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

// The few operations that derivatives are put together with. Declared here because graph/ builds gradients from them;
// defined in ops/ like every other operation.

/// Entry by entry, with broadcasting. Floating dtypes and int32 (division: floating only).
Tensor operator+(const Operand& a, const Operand& b);
Tensor operator-(const Operand& a, const Operand& b);
Tensor operator*(const Operand& a, const Operand& b);
Tensor operator/(const Operand& a, const Operand& b);
Tensor operator-(const Operand& x);

/// Copies of x along new or stretched axes; see ops/movement.h.
Tensor broadcast_to(const Operand& x, const Shape& shape);
/// The transpose of broadcast_to: sums x over the axes along which a tensor of `shape` would have been broadcast.
Tensor sum_to(const Operand& x, const Shape& shape);
/// The same entries in another shape; see ops/movement.h.
Tensor reshape(const Operand& x, const Shape& shape);
/// Tensors of one shape side by side along a new axis; see ops/movement.h.
Tensor stack(const Tensors& tensors, Index axis = 0, Where where = Where::current());
/// A tensor of one number; see ops/creation.h.
Tensor full(const Shape& shape, double value, Dtype dtype = Dtype::float32, Where where = Where::current());

inline Tensor& operator+=(Tensor& a, const Operand& b) {
  return a = Operand(a, b.where()) + b;
}
inline Tensor& operator-=(Tensor& a, const Operand& b) {
  return a = Operand(a, b.where()) - b;
}
inline Tensor& operator*=(Tensor& a, const Operand& b) {
  return a = Operand(a, b.where()) * b;
}
inline Tensor& operator/=(Tensor& a, const Operand& b) {
  return a = Operand(a, b.where()) / b;
}

}  // namespace gradus
