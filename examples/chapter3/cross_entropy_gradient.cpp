// "Introducing the cross-entropy cost function": its gradient (58) to (63), and its exercises.
#include <cmath>

#include <program/comparison.h>

#include "agreement.h"
#include "curve.h"
#include "experiments.h"
#include "spelling.h"

namespace chapter3 {

namespace {

/// −[y ln a + (1 − y) ln(1 − a)], of each example of (57).
Tensor of_each(const Tensor& a, const Tensor& y) {
  return -(y * log(a) + (1.0 - y) * log(1.0 - a));
}

/// The cost of one neuron for one example, and its gradient, before the planner sees them.
void draw_graph(program::Run& run) {
  const Parameter w(tensor({0.6}, {}), "w"), b(tensor({0.9}, {}), "b");
  const Tensor x = tensor({1.0}, {}).named("x"), y = tensor({0.5}, {}).named("y");
  const Tensor a = sigmoid(w * x + b).named("a"), cost = of_each(a, y).named("C");
  const Tensors slopes = gradients(cost, {w, b});
  run.draw("cross_entropy_gradient", Tensors{cost, slopes[0].named("dC/dw"), slopes[1].named("dC/db")});
}

/// (57): one neuron, n examples.
void check_one_neuron(Agreement& agreement) {
  const Index n = 20, inputs = 5;
  const Tensor x = normal({n, inputs}, {.deviation = 0.5, .dtype = Dtype::float64}),
               y = uniform({n}, {.dtype = Dtype::float64});
  const Parameter w(normal({inputs}, {.dtype = Dtype::float64})), b(normal({}, {.dtype = Dtype::float64}));
  const Tensor z = matmul(x, w) + b, a = sigmoid(z), slope = sigmoid_prime(z);
  const Tensors automatic = gradients(mean(of_each(a, y)), {w, b});

  const auto mean_times_x = [&](const Tensor& error) { return matmul(error, x) / static_cast<double>(n); };
  agreement.check(
      "(58) −(1/n) Σ (y/σ − (1 − y)/(1 − σ)) ∂σ/∂w", automatic[0],
      mean_times_x(-(y / a - (1.0 - y) / (1.0 - a)) * gradients(sum(a), {z})[0]));
  agreement.check(
      "(59) −(1/n) Σ (y/σ − (1 − y)/(1 − σ)) σ′ x", automatic[0],
      mean_times_x(-(y / a - (1.0 - y) / (1.0 - a)) * slope));
  agreement.check("(60) (1/n) Σ σ′x/(σ(1 − σ)) (σ − y)", automatic[0], mean_times_x(slope / (a * (1.0 - a)) * (a - y)));
  agreement.check("(61) ∂C/∂w = (1/n) Σ x (σ − y)", automatic[0], mean_times_x(a - y));
  agreement.check("(62) ∂C/∂b = (1/n) Σ (σ − y)", automatic[1], mean(a - y));
}

/// (63): several output neurons behind a hidden layer.
void check_network(Agreement& agreement) {
  const Index n = 20;
  const FeedForward network({5, 4, 3}, {.initializer = initializers::book_large, .dtype = Dtype::float64});
  const Tensor x = normal({n, 5}, {.dtype = Dtype::float64}), y = uniform({n, 3}, {.dtype = Dtype::float64});
  const auto layers = network.layers(x);
  const Tensor a = layers.back().a, hidden = layers.front().a;
  const Tensor cost = sum(of_each(a, y)) / static_cast<double>(n);
  const Tensors by_hand = gradients(cost, {network.weights()[1], network.biases()[1]});
  const Tensors of_library = gradients(cross_entropy_with_logits(layers.back().z, y), {network.weights()[1]});

  agreement.check("(63) the library's cross_entropy(a, y)", cross_entropy(a, y), cost);
  agreement.check(
      "(63) the library's cross_entropy_with_logits(z, y)", cross_entropy_with_logits(layers.back().z, y), cost);
  const Tensor formula = matmul(transpose(hidden), a - y) / static_cast<double>(n);
  agreement.check("(63) ∂C/∂w of the output layer = (1/n) Σ a_k (a_j − y_j)", by_hand[0], formula);
  agreement.check("the same, from cross_entropy_with_logits", of_library[0], formula);
  agreement.check("(63) ∂C/∂b of the output layer = (1/n) Σ (a_j − y_j)", by_hand[1], mean(a - y, 0));
}

}  // namespace

const Experiment cross_entropy_gradient{
    .name = "cross-entropy-gradient",
    .description = "(58) to (63) against automatic derivatives of (57): the σ′ cancels",
    .published = "∂C/∂w = (1/n) Σ x (σ(z) − y), (61)",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          draw_graph(run);
          Agreement agreement(run);
          check_one_neuron(agreement);
          check_network(agreement);
          run.summary(agreement.worst());
        },
};

const Experiment swapped_roles{
    .name = "swapped-roles",
    .description = "−[a ln y + (1 − a) ln(1 − y)], y and a swapped: ln 0 for the targets 0 and 1",
    .published = "an exercise: what goes wrong when y is 0 or 1",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor a = linspace(0.01, 0.99, 99, Dtype::float64);
          run.say(
              "{:>8}{:>8}{:>30}{:>38}", "y", "a", "−[y ln a + (1−y) ln(1−a)]", "swapped: −[a ln y + (1−a) ln(1−y)]");
          Index finite_swapped = 0;
          for (const double target : {0.0, 1.0, 0.01, 0.5}) {
            for (const double output : {0.1, 0.9}) {
              const Tensor one = tensor({output}, {}), y = tensor({target}, {});
              const double swapped = of_each(y, one).item();
              run.say("{:>8g}{:>8g}{:>30}{:>38}", target, output, spelled(of_each(one, y).item()), spelled(swapped));
              if ((target == 0 || target == 1) && std::isfinite(swapped)) ++finite_swapped;
            }
          }
          run.say("Targets of 0 and 1 are what there is, and ln 0 = −∞. A sigmoid's output is never 0 or 1, so the");
          run.say("cross-entropy itself takes no such logarithm. Swapped, it is besides a straight line in a: its");
          run.say("slope ln((1 − y)/y) is the same however near a has come to y.");
          const Tensor y = full({}, 0.1, Dtype::float64);
          run.draw(
              "swapped_roles",
              program::Plot{
                  .title = "The cross-entropy for y = 0.1, and with y and a swapped",
                  .x_label = "output a",
                  .y_label = "cost",
                  .series =
                      {curve("−[y ln a + (1 − y) ln(1 − a)]", a, of_each(a, y)), curve("swapped", a, of_each(y, a))},
                  .marks = {{.title = "y", .x = 0.1}}});
          run.summary(
              {.quantity = "finite costs of targets 0 and 1 with the roles swapped",
               .measured = static_cast<double>(finite_swapped),
               .band = program::Band{0, 0}});
        },
};

const Experiment binary_entropy{
    .name = "binary-entropy",
    .description = "targets between 0 and 1: scans a; the cross-entropy is least at a = y, where it is (64)",
    .published = "an exercise: least at a = y, where it is the binary entropy (64)",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor outputs = iota(999, Dtype::float64) / 1000.0 + 0.001;
          program::Plot plot{
              .title = "The cross-entropy is least where the output is the target",
              .x_label = "output a",
              .y_label = "cost of one example",
              .y_range = program::Band{0, 2.5}};
          program::Series least{.title = "least: a = y, cost (64)", .style = program::Style::points};
          double furthest = 0, worst_value = 0;
          run.say(
              "{:>8}{:>16}{:>14}{:>26}{:>18}", "y", "least at a =", "cost there", "−[y ln y + (1−y) ln(1−y)]",
              "∂C/∂a at a = y");
          for (const double target : {0.1, 0.3, 0.5, 0.8, 0.95}) {
            const Tensor y = tensor({target}, {}), costs = of_each(outputs, y);
            const double at = take(outputs, argmin(costs)).item(), cost = min(costs).item();
            const double entropy = of_each(y, y).item();
            const Parameter a(y);
            const double slope = gradients(of_each(a, y), {a})[0].item();
            run.say("{:>8g}{:>16g}{:>14.6f}{:>26.6f}{:>18.1e}", target, at, cost, entropy, slope);
            furthest = program::worse(furthest, std::abs(at - target));
            worst_value = program::worse(worst_value, program::worse(std::abs(cost - entropy), std::abs(slope)));
            plot.series.push_back(curve(fmt::format("y = {:g}", target), outputs, costs));
            least.x.push_back(at);
            least.y.push_back(cost);
          }
          plot.series.push_back(least);
          run.draw("binary_entropy", plot);
          run.say(
              "Unlike the quadratic cost it is not 0 there, so a cost above 0 need not mean that anything is wrong.");
          run.finding(
              {.quantity = "largest difference from (64), or slope, at a = y",
               .measured = worst_value,
               .band = program::Band{0, 1e-12}});
          run.summary(
              {.quantity = "largest distance of the least cost's a from y",
               .measured = furthest,
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter3
