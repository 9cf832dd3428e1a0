#pragma once

#include <gradus/graph/operators.h>

namespace gradus {

/// The product of matrices, [m, k] × [k, n] → [m, n]: c_ij = Σ_p a_ip b_pj. A vector counts as a row on the left and a
/// column on the right, and that axis goes away again: [k] × [k, n] → [n], [m, k] × [k] → [m], [k] × [k] → []. With
/// more axes, the last two are matrices and those before broadcast: [8, 1, m, k] × [5, k, n] → [8, 5, m, n]. Transposed
/// operands cost no copy. float32 or float64. Throws ShapeError where the inner sizes differ or the batch axes do not
/// broadcast. The book's w·a in (22), (25).
Tensor matmul(const Operand& a, const Operand& b);
/// Σ_i a_i b_i of two vectors of one size (ShapeError otherwise).
Tensor dot(const Operand& a, const Operand& b);
/// y_ij = a_i b_j of two vectors (ShapeError otherwise): [m], [n] → [m, n]. The book's BP4 for one example.
Tensor outer(const Operand& a, const Operand& b);
/// Σ_i x_ii of the last two axes: [.., n, m] → [..]. Throws ShapeError on less than two axes.
Tensor trace(const Operand& x);

}  // namespace gradus
