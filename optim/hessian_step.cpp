#include <gradus/optim/hessian_step.h>

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/operation.h>
#include <gradus/graph/operators.h>

namespace gradus {

namespace {

void require_finite(double number, std::string_view what, Where where) {
  if (std::isfinite(number)) return;
  throw ValueError(fmt::format("{}hessian_step: the {} is {}; it must be finite", at(where), what, number));
}

}  // namespace

HessianStepReport hessian_step(const Operand& cost, const Parameters& parameters, const HessianStepOptions& options) {
  require_finite(options.learning_rate, "learning rate", cost.where());
  require_finite(options.damping, "damping", cost.where());
  Tensors weights;
  for (const Parameter& parameter : parameters) weights.push_back(parameter.tensor());
  Tensors downhill;
  for (const Tensor& gradient : gradients(cost, weights)) downhill.push_back(-gradient);
  evaluate(downhill, cost.where());
  for (Tensor& direction : downhill) direction = direction.detach();

  const LinearMap damped_hessian = [&](const Tensors& vector) {
    Tensors product = hessian_vector_product(cost, weights, vector);
    for (std::size_t i = 0; i < product.size(); ++i) product[i] = product[i] + options.damping * vector[i];
    return product;
  };
  const ConjugateGradientsResult found = conjugate_gradients(damped_hessian, downhill, options.solver, cost.where());

  std::vector<Assignment> moved;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    moved.push_back({parameters[i], weights[i] + options.learning_rate * found.solution[i]});
  }
  weights.clear();
  assign(moved, {}, cost.where());
  return {found.iterations, found.residual, found.negative_curvature};
}

}  // namespace gradus
