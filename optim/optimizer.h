#pragma once

#include <string_view>
#include <vector>

#include <gradus/graph/evaluate.h>
#include <gradus/optim/schedules.h>

namespace gradus {

/// Moves parameters against the gradient of a cost. The update is graph, like the cost: parameters, gradients, states
/// and learning rate go in, new parameters and states come out, and all of it is planned and evaluated with the cost at
/// once.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// One step: the gradients of `cost` by the parameters, the updates, and the evaluation of everything; cost.item() is
  /// free afterwards. If anything throws, no parameter and no state has changed. Throws ShapeError unless cost is one
  /// floating number, GradientError where it does not depend on a parameter, naming it, and StaleError where it was
  /// built before the last step, or has been stepped on already.
  void step(const Operand& cost);

  const Parameters& parameters() const { return parameters_; }
  /// How many steps have been taken.
  Index steps() const { return steps_; }
  /// Of the next step.
  double learning_rate() const { return learning_rate_.at_step(steps_); }
  /// From the next step on. A schedule goes on counting from where this optimiser is. Throws ValueError unless finite.
  void set_learning_rate(LearningRate rate) { learning_rate_ = std::move(rate); }

  /// What an optimiser remembers of parameter i from step to step: velocities, averages. Named after the parameter.
  const Parameters& states(Index i) const { return states_[static_cast<std::size_t>(i)]; }

 protected:
  /// Throws ValueError where there is no parameter, one is an empty handle or one occurs twice, and DtypeError where
  /// one is not floating.
  Optimizer(Parameters parameters, LearningRate rate, Where where);
  // Moved, not copied: a copy would share the states but count its own steps.
  Optimizer(Optimizer&&) = default;
  Optimizer& operator=(Optimizer&&) = default;

  /// Gives every parameter one more state of its shape and dtype that starts at 0, named "w1.velocity". To be called in
  /// the constructor of an optimiser that has states.
  void add_state(std::string_view name);

  /// The rule, as graph: the new value of parameter i, then those of its states in the order in which they were added.
  /// The learning rate is a scalar of the parameter's dtype.
  virtual Tensors update(
      Index i, const Tensor& parameter, const Tensor& gradient, const Tensor& learning_rate) const = 0;

  /// Whether `update` builds the same graph at every step, numbers included: it then depends on nothing but its
  /// arguments and the states, and keeps no handle to them. Costs of the same structure are differentiated once if it
  /// does.
  virtual bool is_same_at_every_step() const { return false; }

 private:
  Tensors new_values(const Tensors& gradients, const Tensors& rates) const;

  Parameters parameters_;
  std::vector<Parameters> states_;
  Parameters assigned_;  ///< each parameter, then its states
  LearningRate learning_rate_;
  Index steps_ = 0;
  std::uint64_t identity_;
};

}  // namespace gradus
