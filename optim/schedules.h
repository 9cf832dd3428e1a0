#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include <gradus/graph/tensor.h>

namespace gradus {

/// A number that depends on the step, counted from 0: a plain function, so a lambda does as well.
using Schedule = std::function<double(Index step)>;

/// A number of an optimiser: constant, or a schedule. It enters the graph as a value, so a new one needs no new plan.
class ScheduledNumber {
 public:
  ScheduledNumber(double constant) : constant_(constant) {}  // NOLINT(google-explicit-constructor): {.momentum = 0.9}
  /// Throws ValueError if the function is empty.
  ScheduledNumber(Schedule schedule);  // NOLINT(google-explicit-constructor)
  template <class Function>
    requires(std::invocable<Function, Index> && !std::same_as<std::remove_cvref_t<Function>, Schedule>)
  ScheduledNumber(Function function)  // NOLINT(google-explicit-constructor): {.momentum = [](Index step) { … }}
      : ScheduledNumber(Schedule(std::move(function))) {}

  /// Throws ValueError where it is a constant that is not finite, saying whose: "learning rate".
  void require_finite(std::string_view whose, Where where) const;
  /// Throws ValueError where it is not finite at this step, saying whose and at which step.
  double at_step(Index step, std::string_view whose) const;
  /// None where it follows a schedule.
  std::optional<double> constant() const { return schedule_ ? std::nullopt : std::optional(constant_); }

 private:
  double constant_ = 0;
  Schedule schedule_;  ///< empty: constant
};

/// What an optimiser multiplies gradients by, the book's η: a number, or a schedule.
using LearningRate = ScheduledNumber;

// Schedules that the literature uses. All throw ValueError on a number that is not finite or a length below 1.
namespace schedules {

/// `rate` at every step.
Schedule constant(double rate);
/// rate · factor^⌊step / every⌋: constant for `every` steps, then `factor` times as much. The book halves (factor ½).
Schedule step_decay(double rate, double factor, Index every);
/// rate · factor^(step / over): falls by `factor` over every `over` steps, smoothly.
Schedule exponential_decay(double rate, double factor, Index over = 1);
/// Half a cosine wave from `rate` down to `last` at step `steps`, and `last` from there on. I. Loshchilov, F. Hutter,
/// "SGDR: stochastic gradient descent with warm restarts", 2017.
Schedule cosine_decay(double rate, Index steps, double last = 0);
/// Rises in a straight line over `steps` steps, 1/steps of what `then` starts with at step 0 and all of it at step
/// steps − 1, then follows `then`, whose step 0 is step `steps`.
Schedule warm_up(Index steps, const Schedule& then);

}  // namespace schedules

}  // namespace gradus
