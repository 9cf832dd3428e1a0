#pragma once

#include <gradus/graph/operators.h>
#include <gradus/graph/tensor.h>

namespace gradus {

// Entry by entry. Several inputs broadcast against each other (ShapeError where they do not) and share a dtype, which
// is the result's (DtypeError otherwise). Numbers take the dtype of the tensor they meet. The operators + - * / are the
// same operations; graph/operators.h declares them.

/// a + b. Floating dtypes and int32.
inline Tensor add(const Operand& a, const Operand& b) {
  return a + b;
}
/// a - b. Floating dtypes and int32.
inline Tensor subtract(const Operand& a, const Operand& b) {
  return a - b;
}
/// a · b, the book's Hadamard product ⊙ (28). Floating dtypes and int32.
inline Tensor multiply(const Operand& a, const Operand& b) {
  return a * b;
}
/// a / b. Floating dtypes; x / 0 is ±∞ or NaN.
inline Tensor divide(const Operand& a, const Operand& b) {
  return a / b;
}
/// -x. Floating dtypes and int32.
inline Tensor negate(const Operand& x) {
  return -x;
}

/// x to the power of `exponent`, both tensors or numbers. Floating dtypes. NaN for x < 0 unless the exponent is whole.
/// The slope in x is right at x = 0 (0 for exponent 0); in the exponent it is y·log x, taken as 0 where x <= 0, where
/// there is none.
Tensor power(const Operand& x, const Operand& exponent);
/// x². Floating dtypes and int32.
Tensor square(const Operand& x);
/// √x. Floating dtypes; NaN for x < 0. The slope at 0 is ∞: add a small number first if x can be 0.
Tensor square_root(const Operand& x);
/// 1 / x. Floating dtypes; ±∞ at 0.
Tensor reciprocal(const Operand& x);

/// |x|. Floating dtypes and int32. The slope at 0 is 0.
Tensor absolute(const Operand& x);
/// -1, 0 or 1; 0 for NaN. Floating dtypes and int32. Constant but for its jump: no derivative.
Tensor sign(const Operand& x);
/// The next whole number below, above, or nearest (halves to the even one). Floating dtypes; no derivative.
Tensor floor(const Operand& x);
Tensor ceil(const Operand& x);
Tensor round(const Operand& x);

/// The greater of a and b; NaN where either is. Floating dtypes and int32. Where they are equal, each has the slope ½,
/// so that maximum(x, x) has slope 1.
Tensor maximum(const Operand& a, const Operand& b);
/// The lesser of a and b; NaN where either is. Floating dtypes and int32. Where they are equal, each has the slope ½.
Tensor minimum(const Operand& a, const Operand& b);
/// x, but at least `low` and at most `high` (which wins if low > high): minimum(maximum(x, low), high). Exactly on a
/// border the slope in x is ½.
Tensor clip(const Operand& x, const Operand& low, const Operand& high);

}  // namespace gradus
