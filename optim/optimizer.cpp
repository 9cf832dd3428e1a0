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
    : Optimizer(std::move(parameters), std::move(rate), {}, where) {}

Optimizer::Optimizer(Parameters parameters, LearningRate rate, Regularization regularization, Where where)
    : parameters_(std::move(parameters)),
      states_(parameters_.size()),
      assigned_(parameters_),
      learning_rate_(std::move(rate)),
      regularization_(std::move(regularization)),
      identity_(new_identity()) {
  check_parameters(where);
  learning_rate_.require_finite("learning rate", where);
  regularization_.weights = regularized_weights(regularization_, parameters_, where);
  for (const Parameter& parameter : parameters_) {
    const Parameters& weights = regularization_.weights;
    regularized_.push_back(std::find(weights.begin(), weights.end(), parameter) != weights.end());
  }
}

void Optimizer::check_parameters(Where where) const {
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

void Optimizer::set_learning_rate(LearningRate rate, Where where) {
  rate.require_finite("learning rate", where);
  learning_rate_ = std::move(rate);
}

State Optimizer::state() {
  State state;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string& name = parameters_[i].name();
    std::string own_name = name;
    for (int k = 2; state.has("parameters." + own_name); ++k) own_name = fmt::format("{}#{}", name, k);
    state.add("parameters." + own_name, parameters_[i]);
    for (const Parameter& remembered : states_[i]) {
      // "w1.velocity" is the state's own name; what it is comes after the parameter's.
      const std::string what = remembered.name().substr(remembered.name().rfind('.'));
      state.add(fmt::format("states.{}{}", own_name, what), remembered);
    }
  }
  state.add("steps", steps_);
  state.add("learning_rate", learning_rate_);
  return state;
}

Tensor Optimizer::penalty(Index examples, Where where) const {
  return penalty_of(regularization_, examples, where);
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

void Optimizer::add_number(std::string name, ScheduledNumber number, Where where) {
  number.require_finite(name, where);
  further_numbers_.push_back({std::move(name), std::move(number)});
}

Tensors Optimizer::regularized_update(
    std::size_t i, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const {
  const auto position = static_cast<Index>(i);
  if (!regularized_[i]) return update(position, parameter, gradient, numbers);
  Tensors updated = update(position, decayed(parameter, numbers.learning_rate, regularization_), gradient, numbers);
  if (!updated.empty()) updated[0] = max_norm(updated[0], regularization_.max_norm);
  return updated;
}

Tensors Optimizer::new_values(const Tensors& gradients, const Tensors& numbers) const {
  // Of each number the float32 stands first, then the float64.
  const auto in_dtype = [&](std::size_t offset) {
    StepNumbers chosen{.learning_rate = numbers[offset], .further = {}};
    for (std::size_t k = 2 + offset; k < numbers.size(); k += 2) chosen.further.push_back(numbers[k]);
    return chosen;
  };
  const StepNumbers single = in_dtype(0), twice = in_dtype(1);
  Tensors moved;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const StepNumbers& chosen = parameters_[i].dtype() == Dtype::float64 ? twice : single;
    Tensors updated = regularized_update(i, parameters_[i].tensor(), gradients[i], chosen);
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
  step_numbers_.assign(1, learning_rate());
  for (const NamedNumber& further : further_numbers_) {
    step_numbers_.push_back(further.number.at_step(steps_, further.name));
  }
  const std::function<Tensors(const Tensors&, const Tensors&)> update_rule =
      [&](const auto& gradients, const auto& numbers) { return new_values(gradients, numbers); };
  assign_derived(
      cost.tensor(),
      {.identity = is_same_at_every_step() ? identity_ : 0,
       .with_respect_to = parameters_,
       .assigned = assigned_,
       .numbers = step_numbers_,
       .update = update_rule},
      cost.where());
  ++steps_;
}

}  // namespace gradus
