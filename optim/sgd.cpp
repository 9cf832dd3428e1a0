#include <gradus/optim/sgd.h>

#include <gradus/graph/operators.h>

namespace gradus {

Sgd::Sgd(Parameters parameters, SgdOptions options, Where where)
    : Optimizer(std::move(parameters), std::move(options.learning_rate), where) {}

Tensors Sgd::update(Index, const Tensor& parameter, const Tensor& gradient, const Tensor& learning_rate) const {
  return {parameter - learning_rate * gradient};
}

}  // namespace gradus
