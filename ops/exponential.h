#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

// Entry by entry, in float32 or float64 (DtypeError otherwise).

/// e^x; ∞ where it overflows (x > 88.7 in float32, 709.7 in float64), 0 where it underflows.
Tensor exp(const Operand& x);
/// e^x - 1 without losing digits near 0.
Tensor expm1(const Operand& x);
/// The natural logarithm; -∞ at 0, NaN below.
Tensor log(const Operand& x);
/// log(1 + x) without losing digits near 0; -∞ at -1, NaN below.
Tensor log1p(const Operand& x);

/// 2/√π ∫₀ˣ e^(-t²) dt.
Tensor erf(const Operand& x);
/// 1 - erf(x) without losing digits for large x; Φ(x) of the normal distribution is ½ erfc(-x/√2).
Tensor erfc(const Operand& x);

}  // namespace gradus
