#include <gradus/optim/optimizer.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/operation.h>

namespace gradus {

Optimizer::Optimizer(Parameters parameters, LearningRate rate, Where where)
    : parameters_(std::move(parameters)), states_(parameters_.size()), learning_rate_(std::move(rate)) {
  if (parameters_.empty()) throw ValueError(at(where) + "optimizer: there are no parameters to move");
  for (auto parameter = parameters_.begin(); parameter != parameters_.end(); ++parameter) {
    if (parameter->empty()) throw ValueError(at(where) + "optimizer: one of the parameters is an empty handle");
    if (!is_floating(parameter->dtype())) {
      throw DtypeError(fmt::format(
          "{}optimizer: {} is not floating: there is no gradient to move it by", at(where),
          describe(parameter->tensor())));
    }
    if (std::find(parameters_.begin(), parameter, *parameter) != parameter) {
      throw ValueError(
          fmt::format("{}optimizer: parameter {} is given twice", at(where), describe(parameter->tensor())));
    }
  }
}

void Optimizer::add_state(std::string_view name) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& parameter = parameters_[i];
    const std::string full_name = fmt::format("{}.{}", parameter.name(), name);
    states_[i].emplace_back(full(parameter.shape(), 0, parameter.dtype()), full_name);
  }
}

std::vector<Assignment> Optimizer::updates(const Operand& cost) const {
  Tensors values;
  for (const Parameter& parameter : parameters_) values.push_back(parameter.tensor());
  const Tensors slopes = gradients(cost, values);
  const double rate = learning_rate();
  const Tensor rates[] = {variable_number(rate, Dtype::float32), variable_number(rate, Dtype::float64)};
  std::vector<Assignment> assignments;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& eta = rates[parameters_[i].dtype() == Dtype::float64 ? 1 : 0];
    Tensors moved = update(static_cast<Index>(i), values[i], slopes[i], eta);
    if (moved.size() != 1 + states_[i].size()) {
      throw ValueError(fmt::format(
          "optimizer: update of '{}' must return the parameter and {} states, not {} tensors", parameters_[i].name(),
          states_[i].size(), moved.size()));
    }
    assignments.push_back({parameters_[i], std::move(moved[0])});
    for (std::size_t k = 0; k < states_[i].size(); ++k) {
      assignments.push_back({states_[i][k], std::move(moved[k + 1])});
    }
  }
  return assignments;
}

void Optimizer::step(const Operand& cost) {
  // No handle to a gradient may be left here: what somebody holds is kept, and could not be fused into its update.
  const std::vector<Assignment> assignments = updates(cost);
  assign(assignments, {cost.tensor()}, cost.where());
  ++steps_;
}

}  // namespace gradus
