#include <gradus/optim/sgd.h>

#include <gradus/graph/operators.h>

namespace gradus {

Sgd::Sgd(Parameters parameters, SgdOptions options, Where where)
    : Optimizer(std::move(parameters), std::move(options.learning_rate), std::move(options.regularization), where) {}

Tensors Sgd::update(Index, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const {
  return {parameter - numbers.learning_rate * gradient};
}

}  // namespace gradus
