// Problems of the first section: the output layer's gradients for the quadratic cost (65), the cross-entropy (66), (67)
// and linear output neurons (68) to (70), and why no cost takes the x_j out of ∂C/∂w_j.
#include <fmt/ranges.h>

#include <program/comparison.h>

#include "agreement.h"
#include "curve.h"
#include "experiments.h"

namespace chapter3 {

namespace {

constexpr Index n = 20;

/// A network, examples in rows, and what its output layer computes for them.
struct OutputLayer {
  FeedForward network;
  Tensor y, z, a, a_before;

  explicit OutputLayer(const FeedForwardOptions::Activation& output = {})
      : network({5, 4, 3}, {.initializer = initializers::book_large, .output = output, .dtype = Dtype::float64}),
        y(uniform({n, 3}, {.dtype = Dtype::float64})) {
    const auto layers = network.layers(normal({n, 5}, {.dtype = Dtype::float64}));
    z = layers[1].z;
    a = layers[1].a;
    a_before = layers[0].a;
  }

  /// δ of every example in a row: (29), of the examples' own costs.
  Tensor delta(const Tensor& cost) const { return static_cast<double>(n) * gradients(cost, {z})[0]; }
  Tensors by_parameters(const Tensor& cost) const {
    return gradients(cost, {network.weights()[1], network.biases()[1]});
  }
  /// ∂C/∂w = (1/n) Σ a_k δ_j and ∂C/∂b = (1/n) Σ δ_j.
  Tensors from_errors(const Tensor& errors) const {
    return {matmul(transpose(a_before), errors) / static_cast<double>(n), mean(errors, 0)};
  }
};

void show_saturation(program::Run& run) {
  const Tensor z = linspace(-6, 6, 121, Dtype::float64), a = sigmoid(z);
  const Tensor quadratic = a * sigmoid_prime(z);
  run.say("A neuron that should put out 0:");
  run.say("{:>6}{:>10}{:>24}{:>26}", "z", "a", "quadratic: δ = aσ′(z)", "cross-entropy: δ = a");
  for (const Index i : {60, 70, 80, 100, 120}) {
    const double error = select(a, 0, i).item();
    run.say(
        "{:>6.1f}{:>10.4f}{:>24.4f}{:>26.4f}", select(z, 0, i).item(), error, select(quadratic, 0, i).item(), error);
  }
  run.draw(
      "output_errors", program::Plot{
                           .title = "The error δ of an output neuron that should put out 0",
                           .x_label = "weighted input z",
                           .y_label = "δ = ∂C/∂z",
                           .series = {curve("quadratic cost, (65)", z, quadratic), curve("cross-entropy, (66)", z, a)},
                           .y_range = program::Band{0, 1.05}});
}

}  // namespace

const Experiment output_errors{
    .name = "output-errors",
    .description = "(65) to (67) in a network: the quadratic cost keeps σ′, the cross-entropy does not",
    .published = "problems: δ = (a − y)σ′(z), (65); δ = a − y, (66)",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const OutputLayer layer;
          const Tensor quadratic = quadratic_cost(layer.a, layer.y);
          const Tensor entropy = cross_entropy_with_logits(layer.z, layer.y);
          const Tensor error = layer.a - layer.y, slope = sigmoid_prime(layer.z);
          Agreement agreement(run);
          agreement.check("quadratic, δ = (a − y)σ′(z)", layer.delta(quadratic), error * slope);
          agreement.check(
              "(65) quadratic, ∂C/∂w and ∂C/∂b", layer.by_parameters(quadratic), layer.from_errors(error * slope));
          agreement.check("(66) cross-entropy, δ = a − y", layer.delta(entropy), error);
          agreement.check(
              "(67) cross-entropy, ∂C/∂w and ∂C/∂b", layer.by_parameters(entropy), layer.from_errors(error));
          show_saturation(run);
          run.summary(agreement.worst());
        },
};

const Experiment linear_outputs{
    .name = "linear-outputs",
    .description = "(68) to (70): with linear output neurons the quadratic cost has no σ′ in it either",
    .published = "a problem: δ = a − y, (68), so no slowdown",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const OutputLayer layer([](const Tensor& z) { return z; });
          const Tensor cost = quadratic_cost(layer.a, layer.y), error = layer.a - layer.y;
          Agreement agreement(run);
          const Tensors automatic = layer.by_parameters(cost), formulas = layer.from_errors(error);
          agreement.check("(68) δ = a − y", layer.delta(cost), error);
          agreement.check("(69) ∂C/∂w = (1/n) Σ a_k (a_j − y_j)", automatic[0], formulas[0]);
          agreement.check("(70) ∂C/∂b = (1/n) Σ (a_j − y_j)", automatic[1], formulas[1]);
          const Tensor z = linspace(-6, 6, 121, Dtype::float64), a = sigmoid(z);
          run.draw(
              "linear_outputs", program::Plot{
                                    .title = "The quadratic cost's δ for an output neuron that should put out 0",
                                    .x_label = "weighted input z",
                                    .y_label = "δ = ∂C/∂z",
                                    .series = {
                                        curve("linear neuron, a = z, (68)", z, z),
                                        curve("sigmoid neuron, (65)", z, a * sigmoid_prime(z))}});
          run.summary(agreement.worst());
        },
};

const Experiment why_x_stays{
    .name = "why-x-cannot-cancel",
    .description = "(∂C/∂w_j)/(∂C/∂b) is x_j for every cost of the output: nothing chosen there can take x_j out",
    .published = "a problem: x_j stays in ∂C/∂w_j whatever the cost",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = tensor({-2.0, -0.5, 0.0, 0.01, 1.0}), y = full({}, 0.2, Dtype::float64);
          const Parameter w(normal({5}, {.dtype = Dtype::float64})), b(full({}, 0.3, Dtype::float64));
          const Tensor z = dot(w, x) + b, a = sigmoid(z);
          const std::pair<std::string, Tensor> costs[] = {
              {"quadratic, ½(y − a)²", square(y - a) / 2.0},
              {"cross-entropy", -(y * log(a) + (1.0 - y) * log(1.0 - a))},
              {"|y − a|", absolute(y - a)},
              {"e^a", exp(a)},
              {"1/a + tan a", reciprocal(a) + tan(a)}};
          run.say(
              "a = σ(w·x + b) with x = (−2, −0.5, 0, 0.01, 1). C depends on w_j through z alone, and ∂z/∂w_j = x_j,");
          run.say("so ∂C/∂w_j = x_j ∂C/∂b. Ratios by automatic derivatives:");
          run.say("{:<24}{:>12}    (∂C/∂w_j)/(∂C/∂b)", "cost", "∂C/∂b");
          program::Plot plot{
              .title = "The cost decides how steep the line is, but x_j stays: all go through 0",
              .x_label = "input x_j",
              .y_label = "∂C/∂w_j"};
          double worst = 0;
          for (const auto& [name, cost] : costs) {
            const Tensors slopes = gradients(cost, {w, b});
            const Tensor ratios = slopes[0] / slopes[1];
            run.say("{:<24}{:>12.5f}    {:g}", name, slopes[1].item(), fmt::join(ratios.values(), "  "));
            plot.series.push_back(curve(name, x, slopes[0], program::Style::line_and_points));
            worst = program::worse(worst, max(absolute(ratios - x)).item());
          }
          run.draw("why_x_stays", plot);
          run.say("The weight of an input that is 0 does not learn from this example under any cost.");
          run.summary(
              {.quantity = "largest difference of (∂C/∂w_j)/(∂C/∂b) from x_j",
               .measured = worst,
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter3
