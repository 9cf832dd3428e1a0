#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

// Entry by entry, in float32 or float64 (DtypeError otherwise). Angles are in radians.

Tensor sin(const Operand& x);
Tensor cos(const Operand& x);
/// sin x / cos x.
Tensor tan(const Operand& x);
/// The angle in (-π/2, π/2) whose tangent is x.
Tensor arctan(const Operand& x);

}  // namespace gradus
