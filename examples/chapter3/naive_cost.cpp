// The problem about network2.py's cost objects: why not a cost_derivative as in network.py, times σ′? Because 0/0. And
// what the cross-entropy itself gives where an activation has rounded to 0 or 1.
#include <cmath>

#include <program/comparison.h>

#include "curve.h"
#include "experiments.h"
#include "spelling.h"

namespace chapter3 {

using namespace gradus;

namespace {

Tensor as_written(const Tensor& a, const Tensor& y) {  // (57)
  return -(y * log(a) + (1.0 - y) * log(1.0 - a));
}

/// A cost and ∂C/∂z.
struct Found {
  double cost, slope;
  bool finite() const { return std::isfinite(cost) && std::isfinite(slope); }
};

/// From the activation as a number, as network2.py has it: BP1 with cost_derivative, (a − y)/(a(1 − a)) · σ′(z).
Found from_activation(double z, double y) {
  const Parameter a(sigmoid(tensor({z}, {})));
  const Tensor target = tensor({y}, {});
  const Tensor cost_derivative = (a - target) / (a * (1.0 - a));
  return {as_written(a, target).item(), (cost_derivative * sigmoid_prime(tensor({z}, {}))).item()};
}

/// From z, by some cost.
template <class Cost>
Found from_weighted_input(double z, double y, const Cost& cost) {
  const Parameter input(tensor({z}, {}));
  const Tensor value = cost(input, tensor({y}, {}));
  const Tensor slope = gradients(value, {input})[0];
  evaluate({value, slope});
  return {value.item(), slope.item()};
}

}  // namespace

const Experiment naive_cost_nan{
    .name = "naive-cost-nan",
    .description = "−y ln a − (1 − y) ln(1 − a) and cost_derivative where a has rounded to 0 or 1; fused a − y instead",
    .published = "a problem: 0/0 near 0 and 1 in network2.py, were it not for δ = a − y",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          run.say("float64; a = σ(z) is 1 exactly from z = 37 on. Costs C and slopes ∂C/∂z by three ways:");
          run.say("  A: formula (57) and cost_derivative · σ′, from the number a");
          run.say("  B: the library's cross_entropy(a, y), with network2.py's nan_to_num: ln 0 is the lowest number");
          run.say("  C: cross_entropy_with_logits(z, y), whose slope is a − y");
          run.say(
              "{:>7}{:>4}{:>12}{:>12}{:>14}{:>14}{:>12}{:>12}", "z", "y", "A: C", "A: ∂C/∂z", "B: C", "B: ∂C/∂z",
              "C: C", "C: ∂C/∂z");
          Index naive_failures = 0, fused_failures = 0;
          double fused_error = 0;
          for (const double z : {2.0, 30.0, 40.0, 800.0, -40.0, -800.0}) {
            for (const double y : {0.0, 1.0}) {
              const Found naive = from_activation(z, y);
              const Found clamped = from_weighted_input(z, y, [](const Parameter& input, const Tensor& target) {
                return cross_entropy(sigmoid(input), target);
              });
              const Found fused = from_weighted_input(z, y, [](const Parameter& input, const Tensor& target) {
                return cross_entropy_with_logits(input, target);
              });
              run.say(
                  "{:>7g}{:>4g}{:>12}{:>12}{:>14}{:>14}{:>12}{:>12}", z, y, spelled(naive.cost), spelled(naive.slope),
                  spelled(clamped.cost), spelled(clamped.slope), spelled(fused.cost), spelled(fused.slope));
              naive_failures += naive.finite() ? 0 : 1;
              fused_failures += fused.finite() ? 0 : 1;
              // σ(−|z|) keeps the digits that 1 − σ(|z|) loses.
              const double a_minus_y = (y == 0 ? sigmoid(tensor({z}, {})) : -sigmoid(tensor({-z}, {}))).item();
              fused_error = program::worse(fused_error, std::abs(fused.slope - a_minus_y));
            }
          }
          run.say(
              "Where A's slope is ∞ or NaN, one such example in a mini-batch spoils the weights for good; before that, "
              "at");
          run.say(
              "z = 30, 1 − a has lost its digits and the slope is off by {:.1e}.",
              std::abs(from_activation(30, 0).slope - 1));

          const Found planned = from_weighted_input(
              40, 0, [](const Parameter& input, const Tensor& target) { return as_written(sigmoid(input), target); });
          run.say(
              "The same text as A over a σ(z) that is not yet a number, at z = 40, y = 0: C = {}, ∂C/∂z = {}.",
              spelled(planned.cost), spelled(planned.slope));
          run.say(
              "Asked for both at once, the planner sees ln(1 − σ(z)) and computes it and its slope without 1 − σ(z).");

          program::Plot plot{
              .title = "∂C/∂z of a neuron that should put out 0, in float64",
              .x_label = "weighted input z",
              .y_label = "∂C/∂z"};
          program::Series naive{.title = "cost_derivative · σ′(z): ends where a is 1", .style = program::Style::points};
          program::Series fused{.title = "cross_entropy_with_logits: a − y", .style = program::Style::line};
          for (double z = -10; z <= 60; ++z) {
            const double slope = from_activation(z, 0).slope;
            if (std::isfinite(slope)) naive.x.push_back(z), naive.y.push_back(slope);
            fused.x.push_back(z);
            fused.y.push_back(from_weighted_input(z, 0, [](const Parameter& input, const Tensor& target) {
                                return cross_entropy_with_logits(input, target);
                              }).slope);
          }
          plot.series = {fused, naive};
          run.draw("naive_cost", plot);
          run.finding(
              {.quantity = "of 12 cases, not finite by formula",
               .measured = static_cast<double>(naive_failures),
               .band = program::Band{1, 12}});
          run.finding(
              {.quantity = "of 12 cases, not finite with cross_entropy_with_logits",
               .measured = static_cast<double>(fused_failures),
               .band = program::Band{0, 0}});
          run.summary(
              {.quantity = "largest difference of its slope from a − y",
               .measured = fused_error,
               .band = program::Band{0, 1e-15}});
        },
};

}  // namespace chapter3
