// "Weight initialization": how wide the weighted inputs of a neuron spread that has 1,000 inputs, 500 of them on.
#include <cmath>
#include <numbers>

#include "curve.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

/// z of many neurons, each with weights and a bias of its own.
Tensor weighted_inputs(program::Run& run, FeedForwardOptions::Initializer initializer, Index neurons) {
  const Index at_once = 1000;
  const Tensor x = concatenate({ones({1, 500}), zeros({1, 500})}, 1);
  Tensors parts;
  for (Index done = 0; done < neurons; done += at_once) {
    parts.push_back(flatten(FeedForward({1000, at_once}, {.initializer = initializer}).logits(x)));
    evaluate({parts.back()});
    run.advance(at_once);
  }
  return cast(concatenate(parts), Dtype::float64);
}

double deviation(const Tensor& z) {
  return square_root(variance(z)).item();
}

/// The share of neurons whose σ′ is below a tenth of its greatest value, 1/4.
double saturated(const Tensor& z) {
  return mean(cast(less(sigmoid_prime(z), 0.025), Dtype::float64)).item();
}

/// A histogram as density, in bins of the given width.
program::Series histogram(const std::string& title, const Tensor& z, double width) {
  program::Series bars{.title = title, .style = program::Style::boxes};
  for (int bin = -30; bin <= 30; ++bin) {
    const Tensor inside = equal(round(z / width), static_cast<double>(bin));
    bars.x.push_back(bin * width);
    bars.y.push_back(mean(cast(inside, Dtype::float64)).item() / width);
  }
  return bars;
}

program::Series bell(double deviation, double up_to) {
  const Tensor z = linspace(-up_to, up_to, 301, Dtype::float64);
  const double height = 1 / (deviation * std::sqrt(2 * std::numbers::pi));
  return curve(fmt::format("N(0, {:.2f}²)", deviation), z, height * exp(-square(z / deviation) / 2.0));
}

void draw(program::Run& run, const std::string& name, const std::string& title, const Tensor& z, double expected) {
  const double width = expected / 7;
  run.draw(
      name, program::Plot{
                .title = title,
                .x_label = "weighted input z",
                .y_label = "density",
                .series = {histogram(fmt::format("{} neurons", z.count()), z, width), bell(expected, 30 * width)},
                .x_range = program::Band{-30 * width, 30 * width}});
}

}  // namespace

const Experiment initialization_deviation{
    .name = "initialization-deviation",
    .description =
        "z of neurons with 1,000 inputs, 500 on: how wide it spreads with N(0, 1) and with N(0, 1/n) weights",
    .published = "√501 ≈ 22.4 and √(3/2) ≈ 1.22",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const Index neurons = run.quick() ? 4000 : 20'000;
          run.expect(2 * neurons, "neurons");
          const Tensor old_z = weighted_inputs(run, initializers::book_large, neurons);
          const Tensor new_z = weighted_inputs(run, initializers::book_new, neurons);
          run.say("z = Σ w x + b with 500 weights that count: variances add up.");
          run.say(
              "{:<24}{:>26}{:>12}{:>12}{:>22}", "weights", "variance of z", "expected", "measured", "σ′ below 0.025");
          run.say(
              "{:<24}{:>26}{:>12.3f}{:>12.3f}{:>20.1f} %", "N(0, 1)", "500 · 1 + 1 = 501", std::sqrt(501.0),
              deviation(old_z), 100 * saturated(old_z));
          run.say(
              "{:<24}{:>26}{:>12.3f}{:>12.3f}{:>20.1f} %", "N(0, 1/1000)", "500/1000 + 1 = 3/2", std::sqrt(1.5),
              deviation(new_z), 100 * saturated(new_z));
          draw(
              run, "old_initialization", "Weights from N(0, 1): z spreads wide, neurons saturate", old_z,
              std::sqrt(501.0));
          draw(
              run, "new_initialization", "Weights from N(0, 1/1000): z stays where σ′ is large", new_z, std::sqrt(1.5));
          // A deviation measured on 4,000 neurons is off by 1 % on average: five times that.
          run.finding(
              {.quantity = "deviation of z, weights N(0, 1)",
               .published = 22.4,
               .measured = deviation(old_z),
               .band = program::Band{22.4 * 0.95, 22.4 * 1.05}});
          run.summary(
              {.quantity = "deviation of z, weights N(0, 1/1000)",
               .published = 1.22,
               .measured = deviation(new_z),
               .band = program::Band{1.22 * 0.95, 1.22 * 1.05}});
        },
};

}  // namespace chapter3
