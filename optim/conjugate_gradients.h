#pragma once

#include <functional>

#include <gradus/graph/tensor.h>

namespace gradus {

struct ConjugateGradientsOptions {
  Index max_iterations = 0;  ///< 0: as many as there are unknowns, after which exact arithmetic would be done
  double tolerance = 1e-6;   ///< done once ‖b − Ax‖ <= tolerance · ‖b‖
};

struct ConjugateGradientsResult {
  Tensors solution;
  Index iterations = 0;
  /// ‖b − Ax‖ / ‖b‖, as the recurrence has it; 0 for b = 0.
  double residual = 0;
  /// Whether a direction p with p·Ap <= 0 ended it: A is not positive definite. The solution is then that of the
  /// iterations before, or b where there is none: a direction of descent of ½ x·Ax − b·x all the same.
  bool negative_curvature = false;
};

/// A vector, as several tensors, to its product with a symmetric matrix: shapes and dtype stay.
using LinearMap = std::function<Tensors(const Tensors& vector)>;

/// Solves A x = b for a symmetric positive definite A that is known by its products alone. All tensors of b together
/// are one vector; they must share a floating dtype (DtypeError otherwise). Throws ValueError where b is empty, a
/// product is NaN or has another number of tensors, or an option is out of range, and ShapeError where a product's
/// shape is not b's. M. R. Hestenes, E. Stiefel, "Methods of conjugate gradients for solving linear systems", 1952; the
/// end at negative curvature: J. Nocedal, S. J. Wright, "Numerical optimization", 2006, algorithm 7.1.
ConjugateGradientsResult conjugate_gradients(
    const LinearMap& product, const Tensors& b, const ConjugateGradientsOptions& options = {},
    Where where = Where::current());

}  // namespace gradus
