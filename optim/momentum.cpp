#include <gradus/optim/momentum.h>

#include <gradus/graph/operators.h>

namespace gradus {

Momentum::Momentum(Parameters parameters, MomentumOptions options, Where where)
    : Optimizer(std::move(parameters), std::move(options.learning_rate), std::move(options.regularization), where) {
  add_state("velocity");
  add_number("momentum", std::move(options.momentum), where);
}

Tensors Momentum::update(Index i, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const {
  const Tensor velocity = numbers.further[0] * states(i)[0] - numbers.learning_rate * gradient;
  return {parameter + velocity, velocity};
}

Nesterov::Nesterov(Parameters parameters, MomentumOptions options, Where where)
    : Optimizer(std::move(parameters), std::move(options.learning_rate), std::move(options.regularization), where) {
  add_state("velocity");
  options.momentum.require_finite("momentum", where);
  add_number("momentum", options.momentum, where);
  add_number(
      "momentum",
      [momentum = std::move(options.momentum)](Index step) { return momentum.at_step(step + 1, "momentum"); }, where);
}

// The point ahead is w + μv before and w' + μ'v' after the step, where w' = w + v' and v' = μv − ηg.
Tensors Nesterov::update(Index i, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const {
  const Tensor step = numbers.learning_rate * gradient;
  const Tensor velocity = numbers.further[0] * states(i)[0] - step;
  return {parameter - step + numbers.further[1] * velocity, velocity};
}

}  // namespace gradus
