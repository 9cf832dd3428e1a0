#pragma once

#include <gradus/graph/parameter.h>
#include <gradus/optim/conjugate_gradients.h>

namespace gradus {

struct HessianStepOptions {
  double learning_rate = 1;  ///< the book's η in Δw = −η H⁻¹∇C
  /// δ: H + δI is solved with. Shortens steps, and makes them possible where H is not positive definite (Levenberg,
  /// Marquardt).
  double damping = 0;
  ConjugateGradientsOptions solver = {};  ///< how long, and how exactly
};

struct HessianStepReport {
  Index iterations = 0;             ///< each is one Hessian–vector product
  double residual = 0;              ///< ‖(H + δI) H⁻¹∇C − ∇C‖ / ‖∇C‖ of the solution that was found
  bool negative_curvature = false;  ///< whether the cost is not convex here; the step goes as far as it was
};

/// Newton's method, the book's (106): w → w − η (H + δI)⁻¹∇C, where H = ∂²C/∂w² over all parameters together. Conjugate
/// gradients find the step from Hessian–vector products; H itself is never formed. If anything throws, no parameter has
/// changed. Throws as `gradients` and `conjugate_gradients` do, and ValueError unless η and δ are finite.
///
///     HessianStepReport report = hessian_step(cost, {w1, b1, w2, b2}, {.damping = 0.1});
HessianStepReport hessian_step(
    const Operand& cost, const Parameters& parameters, const HessianStepOptions& options = {});

}  // namespace gradus
