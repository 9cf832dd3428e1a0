#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gradus/graph/evaluate.h>
#include <gradus/optim/regularization.h>
#include <gradus/optim/schedules.h>
#include <gradus/optim/state.h>

namespace gradus {

/// The numbers of one step, as scalars of a parameter's dtype: values, not structure.
struct StepNumbers {
  Tensor learning_rate;
  Tensors further;  ///< those of add_number, in the order in which they were added
};

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
  double learning_rate() const { return learning_rate_.at_step(steps_, "learning rate"); }
  /// From the next step on. A schedule goes on counting from where this optimiser is. Throws ValueError unless finite.
  void set_learning_rate(LearningRate rate, Where where = Where::current());

  /// What an optimiser remembers of parameter i from step to step: velocities, averages. Named after the parameter.
  const Parameters& states(Index i) const { return states_[static_cast<std::size_t>(i)]; }

  /// All that the next step depends on beside the cost, for checkpoints: "parameters.w1", what is remembered of it
  /// ("states.w1.velocity"), "steps" and "learning_rate". Names are the parameters' own, so they should have some; of
  /// several of one name the second is "w1#2".
  State state();

  /// What the weight decay stands for: (λ₂/2n) Σw² + (λ₁/n) Σ|w| for n = `examples`, the book's (87) and (95), to be
  /// added to a cost that is shown. 0 without weight decay. The steps do not need it. Throws ValueError unless n >= 1.
  Tensor penalty(Index examples, Where where = Where::current()) const;

 protected:
  /// Throws ValueError where there is no parameter, one is an empty handle or one occurs twice, and DtypeError where
  /// one is not floating. Throws ValueError where the regularisation asks for what cannot be.
  Optimizer(Parameters parameters, LearningRate rate, Where where);
  Optimizer(Parameters parameters, LearningRate rate, Regularization regularization, Where where);
  // Moved, not copied: a copy would share the states but count its own steps.
  Optimizer(Optimizer&&) = default;
  Optimizer& operator=(Optimizer&&) = default;

  /// Gives every parameter one more state of its shape and dtype that starts at 0, named "w1.velocity". To be called in
  /// the constructor of an optimiser that has states.
  void add_state(std::string_view name);
  /// One more number beside the learning rate, such as a momentum, that `update` is given at every step. To be called
  /// in the constructor. Throws ValueError unless finite, naming it.
  void add_number(std::string name, ScheduledNumber number, Where where);

  /// The rule, as graph: the new value of parameter i, then those of its states in the order in which they were added.
  /// With weight decay, `parameter` has decayed already.
  virtual Tensors update(
      Index i, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const = 0;

  /// Whether `update` builds the same graph at every step, numbers included: it then depends on nothing but its
  /// arguments and the states, and keeps no handle to them. Costs of the same structure are differentiated once if it
  /// does.
  virtual bool is_same_at_every_step() const { return false; }

 private:
  struct NamedNumber {
    std::string name;
    ScheduledNumber number;
  };

  void check_parameters(Where where) const;
  Tensors new_values(const Tensors& gradients, const Tensors& numbers) const;
  Tensors regularized_update(
      std::size_t i, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const;

  Parameters parameters_;
  std::vector<Parameters> states_;
  Parameters assigned_;  ///< each parameter, then its states
  LearningRate learning_rate_;
  std::vector<NamedNumber> further_numbers_;
  std::vector<double> step_numbers_;  ///< the learning rate and the further numbers of the step that is being taken
  Regularization regularization_;
  std::vector<bool> regularized_;  ///< whether parameter i is
  Index steps_ = 0;
  std::uint64_t identity_;
};

}  // namespace gradus
