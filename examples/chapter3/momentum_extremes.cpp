// "Momentum-based gradient descent" and its exercises: what happens for μ > 1, and for μ < 0. In a valley whose floor
// is 25 times as flat as its walls.
#include <algorithm>
#include <cmath>
#include <complex>

#include <gradus/gradus.h>
#include <program/comparison.h>

#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

constexpr double learning_rate = 0.02;
constexpr double curvatures[] = {1, 25};

Tensor valley(const Tensor& w) {
  return sum(square(w) * tensor({curvatures[0], curvatures[1]})) / 2.0;
}

struct Ride {
  program::Series path, costs;
  double growth = 0;  ///< factor of ‖(w, v)‖ a step, over the second half
};

Ride ride(double momentum, Index steps) {
  const Parameter w(tensor({1.0, 0.3}));
  Momentum optimizer({w}, {.learning_rate = learning_rate, .momentum = momentum});
  const std::string title = fmt::format("μ = {:g}", momentum);
  Ride found{.path = {.title = title}, .costs = {.title = title, .style = program::Style::line}};
  const auto size = [&] { return std::hypot(norm(w).item(), norm(optimizer.states(0)[0]).item()); };
  double halfway = 0;
  for (Index step = 0; step <= steps; ++step) {
    if (step == steps / 2) halfway = size();
    const auto at = w.values();
    found.path.x.push_back(at[0]);
    found.path.y.push_back(at[1]);
    found.costs.x.push_back(static_cast<double>(step));
    found.costs.y.push_back(valley(w).item());
    if (step < steps) optimizer.step(valley(w));
  }
  found.growth = std::pow(size() / halfway, 2 / static_cast<double>(steps));
  return found;
}

/// Along an axis of curvature h the rule is w″ = (1 + μ − ηh) w′ − μ w: its solutions grow like the powers of the roots
/// of r² − (1 + μ − ηh) r + μ.
double predicted_growth(double momentum) {
  double greatest = 0;
  for (const double h : curvatures) {
    const double half = (1 + momentum - learning_rate * h) / 2;
    const std::complex<double> root = std::sqrt(std::complex<double>(half * half - momentum));
    greatest = std::max({greatest, std::abs(half + root), std::abs(half - root)});
  }
  return greatest;
}

/// The velocity on a slope that is 1 everywhere, in units of η.
double terminal_velocity(double momentum) {
  const Parameter w(tensor({0.0}, {}));
  Momentum optimizer({w}, {.learning_rate = learning_rate, .momentum = momentum});
  for (int step = 0; step < 1000; ++step) optimizer.step(1.0 * w);
  return -optimizer.states(0)[0].item() / learning_rate;
}

program::Series first(program::Series series, std::size_t count) {
  series.x.resize(count);
  series.y.resize(count);
  return series;
}

const char* in_words(double momentum, double growth) {
  if (momentum > 1) return "every step adds energy: diverges";
  if (momentum == 1) return "no friction: swings for ever";
  if (growth > 1) return "each step undoes more than it should: diverges";
  if (momentum < 0) return "takes back part of the last step: slower";
  return momentum == 0 ? "gradient descent" : "faster along the floor";
}

}  // namespace

const Experiment momentum_extremes{
    .name = "momentum-extremes",
    .description =
        "(107), (108) in a valley for μ from −0.9 to 1.02: friction, none, less than none, and memory reversed",
    .published = "exercises: what goes wrong with μ > 1, and with μ < 0",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const Index steps = run.quick() ? 400 : 1000;
          run.say("C = (x² + 25y²)/2 from (1, 0.3), η = {:g}. 1 − μ is the friction.", learning_rate);
          run.say("{:>7}{:>16}{:>16}{:>22}{:>14}", "μ", "C after 50", "C after 200", "growth a step", "predicted");
          program::Plot costs{
              .title = "Momentum in a valley: the cost",
              .x_label = "step",
              .y_label = "cost",
              .y_range = program::Band{1e-12, 1e4},
              .logarithmic_y = true};
          program::Plot paths{.title = "Momentum in a valley: the first 60 steps", .x_label = "x", .y_label = "y"};
          double worst = 0;
          for (const double momentum : {-0.9, -0.5, 0.0, 0.5, 0.9, 1.0, 1.02}) {
            const Ride found = ride(momentum, steps);
            const double predicted = predicted_growth(momentum);
            run.say(
                "{:>7g}{:>16.3g}{:>16.3g}{:>22.4f}{:>14.4f}   {}", momentum, found.costs.y[50], found.costs.y[200],
                found.growth, predicted, in_words(momentum, predicted));
            worst = program::worse(worst, std::abs(found.growth - predicted));
            if (momentum != 0.5) costs.series.push_back(first(found.costs, 201));  // a colour for each of the others
            if (momentum == 0 || momentum == 0.9) paths.series.push_back(first(found.path, 61));
          }
          run.say("Under a steady slope the velocity tends to η/(1 − μ):");
          for (const double momentum : {-0.5, 0.0, 0.5, 0.9}) {
            run.say("  μ = {:>4g}: {:.4f} η", momentum, terminal_velocity(momentum));
          }
          run.say("For μ > 1 that is no end but −∞, and for μ < 0 it is less than η: memory that only brakes.");
          run.draw("momentum_costs", costs);
          run.draw("momentum_paths", paths);
          run.finding(
              {.quantity = "velocity at μ = 0.9 under a steady slope, over that without momentum",
               .published = 10,
               .measured = terminal_velocity(0.9),
               .band = program::Band{9.99, 10.01}});
          run.summary(
              {.quantity = "largest difference of the growth a step from the prediction",
               .measured = worst,
               .band = program::Band{0, 0.01}});
        },
};

}  // namespace chapter3
