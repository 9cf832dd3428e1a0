// "Other techniques for regularization": what a step of L1 (97) and of L2 (98) does to a weight, and what comes of it
// where only two of ten inputs matter.
#include <algorithm>
#include <cmath>

#include <fmt/ranges.h>

#include "agreement.h"
#include "experiments.h"

namespace chapter3 {

namespace {

constexpr double learning_rate = 0.1;
constexpr Index examples = 50;

/// One weight under a steady decay and nothing else, step by step.
program::Series alone(const std::string& title, double start, const Regularization& regularization, int steps) {
  program::Series series{.title = title, .style = program::Style::line};
  Tensor weight = tensor({start}, {});
  for (int step = 0; step <= steps; ++step) {
    series.x.push_back(step);
    series.y.push_back(weight.item());
    weight = decayed(weight, tensor({learning_rate}, {}), regularization).detach();
  }
  return series;
}

/// Ten weights that are trained on targets 2x₁ − x₂ and noise.
std::vector<double> trained(const Tensor& x, const Tensor& y, const Regularization& regularization, Index steps) {
  const Parameter w(zeros({10}, Dtype::float64), "w");
  Regularization of_w = regularization;
  if (of_w.decays()) of_w.weights = {w};
  Sgd optimizer({w}, {.learning_rate = learning_rate, .regularization = of_w});
  for (Index step = 0; step < steps; ++step) optimizer.step(mean(square(matmul(x, w) - y)) / 2.0);
  return w.values();
}

program::Series bars(const std::string& title, const std::vector<double>& weights, double shift) {
  program::Series series{.title = title, .style = program::Style::points};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    series.x.push_back(static_cast<double>(i + 1) + shift);
    series.y.push_back(weights[i]);
  }
  return series;
}

void check_equations(Agreement& agreement) {
  const double lambda = 5;
  const Parameter w(tensor({2.0, 0.5, 0.0, -0.01, -3.0}));
  const Tensor c0 = sum(gradus::sin(w.tensor())), slope = gradients(c0, {w})[0];
  const double n = static_cast<double>(examples);
  agreement.check(
      "(96) ∂C/∂w = ∂C₀/∂w + (λ/n) sgn w, sgn 0 = 0", gradients(c0 + l1_penalty({w}, lambda, examples), {w})[0],
      slope + lambda / n * tensor({1.0, 1.0, 0.0, -1.0, -1.0}));
  agreement.check(
      "(88) ∂C/∂w = ∂C₀/∂w + (λ/n) w", gradients(c0 + l2_penalty({w}, lambda, examples), {w})[0],
      slope + lambda / n * w);
  for (const bool l1 : {true, false}) {
    const Parameter moved(w.tensor());
    const Tensor cost = sum(gradus::sin(moved.tensor()));
    const Tensor after = l1 ? w - learning_rate * lambda / n * sign(w) - learning_rate * slope
                            : (1 - learning_rate * lambda / n) * w - learning_rate * slope;
    Sgd optimizer(
        {moved},
        {.learning_rate = learning_rate,
         .regularization = {.l2 = l1 ? 0 : lambda, .l1 = l1 ? lambda : 0, .examples = examples, .weights = {moved}}});
    optimizer.step(cost);
    agreement.check(l1 ? "(97) w → w − (ηλ/n) sgn w − η ∂C₀/∂w" : "(98) w → (1 − ηλ/n) w − η ∂C₀/∂w", moved, after);
  }
}

}  // namespace

const Experiment l1_against_l2{
    .name = "l1-against-l2",
    .description = "(95) to (98): L1 shrinks a weight by a constant amount, L2 by a constant factor; what each leaves",
    .published = "L1 keeps few weights and drives the others towards 0",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          Agreement agreement(run);
          check_equations(agreement);

          const Regularization l1{.l1 = 5, .examples = examples}, l2{.l2 = 5, .examples = examples};
          const program::Series large_l1 = alone("L1 from 1.005", 1.005, l1, 200),
                                large_l2 = alone("L2 from 1.005", 1.005, l2, 200);
          const program::Series small_l1 = alone("L1 from 0.105", 0.105, l1, 200);
          const program::Series small_l2 = alone("L2 from 0.105", 0.105, l2, 200);
          run.say("ηλ/n = 0.01, and C₀ silent:");
          run.say(
              "{:>6}{:>14}{:>14}{:>16}{:>16}", "step", "L1 from 1.005", "L2 from 1.005", "L1 from 0.105",
              "L2 from 0.105");
          for (const std::size_t step : {0U, 1U, 2U, 10U, 11U, 12U, 100U, 200U}) {
            run.say(
                "{:>6}{:>14.4f}{:>14.4f}{:>16.4f}{:>16.4f}", step, large_l1.y[step], large_l2.y[step], small_l1.y[step],
                small_l2.y[step]);
          }
          run.say(
              "A weight of 0 stays at 0; others come within ηλ/n of it under L1, and then step over it to and fro.");
          run.draw(
              "l1_against_l2", program::Plot{
                                   .title = "A weight under L1 and L2 decay alone, ηλ/n = 0.01",
                                   .x_label = "step",
                                   .y_label = "weight",
                                   .series = {large_l1, large_l2, small_l1, small_l2}});

          const Tensor x = normal({examples, 10}, {.dtype = Dtype::float64}).detach();
          const Tensor noise = normal({examples}, {.deviation = 0.5, .dtype = Dtype::float64});
          const Tensor y = (2.0 * select(x, 1, 0) - select(x, 1, 1) + noise).detach();
          const Index steps = 2000;
          const auto none = trained(x, y, {}, steps), with_l1 = trained(x, y, {.l1 = 15, .examples = examples}, steps),
                     with_l2 = trained(x, y, {.l2 = 15, .examples = examples}, steps);
          const auto near_zero = [](const std::vector<double>& weights) {
            return std::count_if(weights.begin(), weights.end(), [](double w) { return std::abs(w) <= 0.035; });
          };
          run.say("Ten weights for targets 2x₁ − x₂ + noise, 50 examples, λ = 15, {} steps; within 0.035 of 0:", steps);
          run.say("  none  {:6.2f}   {} weights", fmt::join(none, " "), near_zero(none));
          run.say("  L2    {:6.2f}   {} weights", fmt::join(with_l2, " "), near_zero(with_l2));
          run.say("  L1    {:6.2f}   {} weights", fmt::join(with_l1, " "), near_zero(with_l1));
          run.draw(
              "l1_against_l2_trained",
              program::Plot{
                  .title = "Weights trained for the targets 2x₁ − x₂ + noise, λ = 15",
                  .x_label = "input",
                  .y_label = "weight",
                  .series = {bars("none", none, -0.15), bars("L2", with_l2, 0), bars("L1", with_l1, 0.15)},
                  .references = {{.title = "0", .y = 0}},
                  .x_range = program::Band{0.5, 10.5},
                  .whole_x = true});
          run.finding(
              {.quantity = "of the 8 weights that should be 0, left within 0.035 of it by L1",
               .measured = static_cast<double>(near_zero(with_l1)),
               .band = program::Band{5, 8}});
          run.summary(agreement.worst());
        },
};

}  // namespace chapter3
