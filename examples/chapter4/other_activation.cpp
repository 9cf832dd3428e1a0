// "The extension beyond sigmoid neurons": any s(z) with two different finite limits makes steps, and so universality.
#include <algorithm>
#include <cmath>

#include "experiments.h"
#include "target.h"

namespace chapter4 {

namespace {

/// The book's wiggly one: σ(z) + 0.2 sin(10z) e^(−|z|).
Tensor wiggly(const Tensor& z) {
  return sigmoid(z) + 0.2 * sin(10 * z) * exp(-absolute(z));
}

struct Row {
  const char* name;
  Activation s;
};

const Row rows[] = {
    {"σ(z)", [](const Tensor& z) { return sigmoid(z); }},
    {"σ(z) + 0.2 sin(10z) e^(−|z|)", wiggly},
    {"tanh z", [](const Tensor& z) { return tanh(z); }},
    {"arctan z", [](const Tensor& z) { return arctan(z); }},
    {"σ(z) − σ(z − 1): equal limits", [](const Tensor& z) { return sigmoid(z) - sigmoid(z - 1); }},
};

struct Limits {
  double low = 0, high = 0;
};

Limits limits_of(const Activation& s) {
  const auto values = s(tensor({-1e9, 1e9}, {2})).values();
  return {values[0], values[1]};
}

/// The staircase of a sigmoid with another activation: a step of 1 takes a weight of 1/(high − low), and low is taken
/// off by the output's bias.
FeedForward rescaled_network(const std::vector<Step>& steps, double w, const Row& row) {
  const Limits limits = limits_of(row.s);
  Layer hidden;
  Neuron output;
  for (const auto& [position, height] : steps) {
    hidden.push_back({.weights = {w}, .bias = -w * position});
    output.weights.push_back(height / (limits.high - limits.low));
    output.bias -= output.weights.back() * limits.low;
  }
  return network_of({hidden, {output}}, row.s);
}

void draw(program::Run& run) {
  const Tensor x = inputs(0, 1, 2001);
  program::Plot plot{
      .title = "s(wx + b) becomes a step, whatever it does in between", .x_label = "input x", .y_label = "s(wx + b)"};
  for (const double w : {6.0, 30.0, 1000.0}) {
    plot.series.push_back(curve(fmt::format("w = {:g}, b = {:g}", w, -w / 2), x, wiggly(w * x - w / 2)));
  }
  run.draw("other_activation", plot);
}

}  // namespace

const Experiment other_activation{
    .name = "other-activation",
    .description = "s(z) = σ(z) + 0.2 sin(10z) e^(−|z|) and others make steps, if their limits at ±∞ are two",
    .published = "any s(z) with two different finite limits at ±∞ is universal",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          draw(run);
          const Index bins = 50;
          run.say("(113) with {} hidden neurons of other kinds, w = {}: |network − f|", bins, slope_for(bins));
          run.say("{:<32}{:>8}{:>9}{:>9}{:>9}", "activation", "at −∞", "at ∞", "mean", "max");
          const Tensor x = test_inputs();
          double worst = 0;
          for (const Row& row : rows) {
            const auto [low, high] = limits_of(row.s);
            if (std::abs(high - low) < 1e-6) {
              run.say(
                  "{:<32}{:8.3f}{:9.3f}   no step: what is right of s looks like what is left", row.name, low, high);
              continue;
            }
            const OutputError error =
                error_of(rescaled_network(staircase(bin_means(bins)), slope_for(bins), row)(x), target(x));
            run.say("{:<32}{:8.3f}{:9.3f}{:9.4f}{:9.4f}", row.name, low, high, error.mean, error.max);
            worst = std::max(worst, error.mean);
            if (&row == &rows[1]) {
              run.finding(
                  {.quantity = "mean error with the book's s(z)",
                   .measured = error.mean,
                   .band = program::Band{0.0091, 0.0101}});
            }
          }
          // σ itself gets .0096.
          run.summary(
              {.quantity = "mean error of the worst of them", .measured = worst, .band = program::Band{0.009, 0.0105}});
        },
};

}  // namespace chapter4
