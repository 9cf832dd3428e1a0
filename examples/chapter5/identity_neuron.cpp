// The problem of the identity neuron: w₂σ(w₁x + b) ≈ x on [0, 1]. A deep network can hand a value on, layer by layer,
// where a neuron works in the straight middle of its sigmoid.
#include <gradus/gradus.h>

#include "experiments.h"

namespace chapter5 {

using namespace gradus;

namespace {

/// With x = 1/2 + Δ and b = −w₁/2, σ(w₁Δ) = 1/2 + w₁Δ/4 − (w₁Δ)³/48 + …, so w₂ = 4/w₁ gives x and a constant, which
/// the next neuron's bias can take away.
Tensor neuron(const Tensor& x, double w1) {
  const double b = -w1 / 2, w2 = 4 / w1, constant = 2 / w1 - 0.5;
  return w2 * sigmoid(w1 * x + b) - constant;
}

}  // namespace

const Experiment identity_neuron{
    .name = "identity-neuron",
    .description =
        "w₂σ(w₁x + b) ≈ x for x from 0 to 1: b = −w₁/2, w₂ = 4/w₁ and a constant, for smaller and smaller w₁",
    .published = "a problem: it can be done as exactly as wanted with a small w₁",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = linspace(0, 1, 1001, Dtype::float64);
          const auto error = [&](double w1) { return max(absolute(neuron(x, w1) - x)).item(); };
          program::Plot neurons{
              .title = "A sigmoid neuron as identity", .x_label = "x", .y_label = "w₂ σ(w₁x + b) − constant"};
          program::Series errors{.title = "largest error"}, expected{.title = "w₁²/96", .style = program::Style::line};
          run.say("      w₁        w₂   largest error    w₁²/96");
          for (const double w1 : {10.0, 4.0, 2.0, 1.0, 0.5, 0.1, 0.01}) {
            run.say("{:8g}{:10g}{:16.3e}{:10.1e}", w1, 4 / w1, error(w1), w1 * w1 / 96);
            errors.x.push_back(w1);
            errors.y.push_back(error(w1));
            expected.x.push_back(w1);
            expected.y.push_back(w1 * w1 / 96);
          }
          for (const double w1 : {10.0, 4.0, 1.0}) {
            neurons.series.push_back(
                {.title = fmt::format("w₁ = {:g}", w1),
                 .x = x.values(),
                 .y = neuron(x, w1).values(),
                 .style = program::Style::line});
          }
          neurons.series.push_back({.title = "x", .x = {0, 1}, .y = {0, 1}, .style = program::Style::line});
          run.draw("identity", neurons);
          run.draw(
              "error", program::Plot{
                           .title = "The identity's error falls with the square of w₁",
                           .x_label = "w₁",
                           .y_label = "largest error for x from 0 to 1",
                           .series = {errors, expected},
                           .logarithmic_x = true,
                           .logarithmic_y = true});
          run.finding(
              {.quantity = "largest error with w₁ = 0.1",
               .measured = error(0.1),
               .band = program::Band{0.9e-4, 1.1e-4}});
          run.summary(
              {.quantity = "largest error with w₁ = 1", .measured = error(1), .band = program::Band{0.0095, 0.0105}});
        },
};

}  // namespace chapter5
