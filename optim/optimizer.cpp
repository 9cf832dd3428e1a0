#include <gradus/optim/optimizer.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include <gradus/graph/derivation.h>
#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>

namespace gradus {

Optimizer::Optimizer(Parameters parameters, LearningRate rate, Where where)
    : parameters_(std::move(parameters)),
      states_(parameters_.size()),
      assigned_(parameters_),
      learning_rate_(std::move(rate)),
      identity_(new_identity()) {
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
  assigned_.clear();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& parameter = parameters_[i];
    const std::string full_name = fmt::format("{}.{}", parameter.name(), name);
    states_[i].emplace_back(full(parameter.shape(), 0, parameter.dtype()), full_name);
    assigned_.push_back(parameter);
    assigned_.insert(assigned_.end(), states_[i].begin(), states_[i].end());
  }
}

Tensors Optimizer::new_values(const Tensors& gradients, const Tensors& rates) const {
  Tensors moved;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& rate = rates[parameters_[i].dtype() == Dtype::float64 ? 1 : 0];
    Tensors updated = update(static_cast<Index>(i), parameters_[i].tensor(), gradients[i], rate);
    if (updated.size() != 1 + states_[i].size()) {
      throw ValueError(fmt::format(
          "optimizer: update of '{}' must return the parameter and {} states, not {} tensors", parameters_[i].name(),
          states_[i].size(), updated.size()));
    }
    moved.insert(moved.end(), std::move_iterator(updated.begin()), std::move_iterator(updated.end()));
  }
  return moved;
}

void Optimizer::step(const Operand& cost) {
  const double rate = learning_rate();
  const std::function<Tensors(const Tensors&, const Tensors&)> update = [&](const auto& gradients, const auto& rates) {
    return new_values(gradients, rates);
  };
  assign_derived(
      cost.tensor(),
      {.identity = is_same_at_every_step() ? identity_ : 0,
       .with_respect_to = parameters_,
       .assigned = assigned_,
       .numbers = std::span(&rate, 1),
       .update = update},
      cost.where());
  ++steps_;
}

}  // namespace gradus
