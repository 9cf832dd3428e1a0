#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

// Entry by entry. Several inputs broadcast against each other (ShapeError where they do not). Booleans have no
// derivative.

/// a < b as bool. Both of one dtype (DtypeError otherwise); comparisons with NaN are false.
Tensor less(const Operand& a, const Operand& b);
Tensor less_equal(const Operand& a, const Operand& b);
Tensor greater(const Operand& a, const Operand& b);
Tensor greater_equal(const Operand& a, const Operand& b);
inline Tensor operator<(const Operand& a, const Operand& b) {
  return less(a, b);
}
inline Tensor operator<=(const Operand& a, const Operand& b) {
  return less_equal(a, b);
}
inline Tensor operator>(const Operand& a, const Operand& b) {
  return greater(a, b);
}
inline Tensor operator>=(const Operand& a, const Operand& b) {
  return greater_equal(a, b);
}
/// Whether entries are equal, as bool. Not operator==, which would read as if it compared handles.
Tensor equal(const Operand& a, const Operand& b);
/// Whether entries differ, as bool; true where either is NaN.
Tensor not_equal(const Operand& a, const Operand& b);
/// Whether x is neither infinite nor NaN, as bool. Floating dtypes.
Tensor is_finite(const Operand& x);

/// On booleans (DtypeError otherwise).
Tensor logical_and(const Operand& a, const Operand& b);
Tensor logical_or(const Operand& a, const Operand& b);
Tensor logical_xor(const Operand& a, const Operand& b);
Tensor logical_not(const Operand& x);

/// a where the condition holds, else b. The condition is bool; a and b share a dtype, which is the result's (DtypeError
/// otherwise). The cotangent goes to the side that was chosen and is exactly 0 on the other.
Tensor where(const Operand& condition, const Operand& a, const Operand& b);

/// The same numbers in another dtype; the tensor itself if it has that dtype already. Floating to int32 cuts off the
/// fraction, keeps to int32's range and makes 0 of NaN; to bool asks x != 0. Gradients pass between floating dtypes
/// only.
Tensor cast(const Operand& x, Dtype dtype);

/// 1 where x > 0, else 0, in x's dtype: the slope of relu. Floating dtypes; no derivative.
Tensor step(const Operand& x);
/// 1 where a > b, ½ where they are equal, else 0: the slope of maximum. Floating dtypes; no derivative.
Tensor exceeds(const Operand& a, const Operand& b);

}  // namespace gradus
