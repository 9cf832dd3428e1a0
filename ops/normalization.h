#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

/// y_j = e^{z_j} / Σ_k e^{z_k} along an axis: positive numbers that add up to 1, the book's (78). Finite for any finite
/// z. z: float32 or float64, rank 1 or more (ShapeError otherwise). The result has z's shape. Throws ShapeError where
/// there is no such axis.
Tensor softmax(const Operand& z, Index axis = -1);

/// ln softmax(z), as exact where softmax underflows: log_softmax([−1e4, 1e4]) is [−2e4, 0]. As softmax in all else.
Tensor log_softmax(const Operand& z, Index axis = -1);

}  // namespace gradus
