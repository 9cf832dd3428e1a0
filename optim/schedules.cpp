#include <gradus/optim/schedules.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>

namespace gradus {

namespace {

double finite(double number, std::string_view whose) {
  if (std::isfinite(number)) return number;
  throw ValueError(fmt::format("{}: {} is not a finite number", whose, number));
}

double at_least_one(Index length, std::string_view whose) {
  if (length >= 1) return static_cast<double>(length);
  throw ValueError(fmt::format("{}: {} steps are given, but it needs at least 1", whose, length));
}

}  // namespace

ScheduledNumber::ScheduledNumber(Schedule schedule) : schedule_(std::move(schedule)) {
  if (!schedule_) throw ValueError("schedule: it is an empty function; give a number or a function of the step");
}

void ScheduledNumber::require_finite(std::string_view whose, Where where) const {
  if (schedule_ || std::isfinite(constant_)) return;
  throw ValueError(fmt::format("{}{}: {} is not a finite number", at(where), whose, constant_));
}

double ScheduledNumber::at_step(Index step, std::string_view whose) const {
  const double number = schedule_ ? schedule_(step) : constant_;
  if (std::isfinite(number)) return number;
  throw ValueError(fmt::format("{}: the schedule gives {} at step {}; it must be finite", whose, number, step));
}

namespace schedules {

Schedule constant(double rate) {
  finite(rate, "constant");
  return [rate](Index) { return rate; };
}

Schedule step_decay(double rate, double factor, Index every) {
  finite(rate, "step_decay");
  finite(factor, "step_decay");
  at_least_one(every, "step_decay");
  return [=](Index step) {
    const Index falls = step / every;
    return rate * std::pow(factor, static_cast<double>(falls));
  };
}

Schedule exponential_decay(double rate, double factor, Index over) {
  finite(rate, "exponential_decay");
  finite(factor, "exponential_decay");
  const double length = at_least_one(over, "exponential_decay");
  return [=](Index step) { return rate * std::pow(factor, static_cast<double>(step) / length); };
}

Schedule cosine_decay(double rate, Index steps, double last) {
  finite(rate, "cosine_decay");
  finite(last, "cosine_decay");
  const double length = at_least_one(steps, "cosine_decay");
  return [=](Index step) {
    if (step >= steps) return last;
    const double done = static_cast<double>(step) / length;
    return last + (rate - last) * 0.5 * (1 + std::cos(std::numbers::pi * done));
  };
}

Schedule warm_up(Index steps, const Schedule& then) {
  const double length = at_least_one(steps, "warm_up");
  if (!then) throw ValueError("warm_up: the schedule that follows is an empty function");
  return
      [=](Index step) { return step < steps ? then(0) * static_cast<double>(step + 1) / length : then(step - steps); };
}

}  // namespace schedules

}  // namespace gradus
