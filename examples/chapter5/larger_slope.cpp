// The exercise: would an activation function with a larger slope avoid the problem? Speeds of the layers before
// training, and what three epochs make of a network with five hidden layers.
#include <algorithm>
#include <utility>

#include <program/mnist.h>
#include <program/training.h>

#include "experiments.h"
#include "speeds.h"

namespace chapter5 {

namespace {

struct Activation {
  const char* name;
  double greatest_slope;
  Tensor (*f)(const Tensor& z);
  program::Band band;  ///< of how many times faster a layer is than the one before; seeds differ by a twentieth
};

const Activation activations[] = {
    {"σ(z)", 0.25, [](const Tensor& z) { return sigmoid(z); }, {3, 6}},
    {"σ(2z)", 0.5, [](const Tensor& z) { return sigmoid(2 * z); }, {2.7, 3.7}},
    {"σ(4z)", 1, [](const Tensor& z) { return sigmoid(4 * z); }, {1.9, 2.8}},
    {"σ(8z)", 2, [](const Tensor& z) { return sigmoid(8 * z); }, {1.5, 2.3}},
    {"tanh z", 1, [](const Tensor& z) { return tanh(z); }, {1.35, 1.9}},
    {"ReLU", 1, [](const Tensor& z) { return relu(z); }, {1.25, 1.8}},
};

FeedForward network_of(const Activation& activation) {
  return {
      sizes_with(5), {.initializer = initializers::book_new, .activation = activation.f, .output = [](const Tensor& z) {
                        return sigmoid(z);
                      }}};
}

/// The slope f′ where the neurons of the third hidden layer work, on average over neurons and images.
double mean_slope(const Activation& activation, const FeedForward& network, const datasets::Dataset& images) {
  const Tensor z = network.layers(images.features())[2].z.detach();
  return mean(gradients(sum(activation.f(z)), {z})[0]).item();
}

struct Found {
  const Activation* activation;
  Draws draws;
  double slope, accuracy;
};

void show_table(program::Run& run, const std::vector<Found>& all) {
  run.say("             slope          a layer's speed over that of    last over first   validation accuracy");
  run.say("          at most, mean   the one before it: mean, range   of five layers    after training");
  for (const auto& [activation, draws, slope, accuracy] : all) {
    const auto factors = ratios_of(draws), means = means_of(draws);
    const auto [least, greatest] = std::minmax_element(factors.begin(), factors.end());
    run.say(
        "{:<8}{:9.2f}{:6.2f}{:15.2f}{:9.2f} to {:.2f}{:18.1f}{:18.2f} %", activation->name, activation->greatest_slope,
        slope, geometric_mean(factors), *least, *greatest, means.back() / means.front(), 100 * accuracy);
  }
  run.say(
      "A larger slope makes the factor smaller. But σ(4z) and σ(8z) saturate more neurons, where the slope is 0, and");
  run.say("the gradient is still a product with a factor for every layer: it stays unstable.");
}

void draw_speeds_by_layer(program::Run& run, const std::vector<Found>& all) {
  program::Plot plot{
      .title = "Speeds before training, five hidden layers of different neurons",
      .x_label = "hidden layer",
      .y_label = "‖∂C/∂b‖",
      .x_range = program::Band{0.8, 5.2},
      .whole_x = true,
      .logarithmic_y = true};
  for (const Found& found : all) plot.series.push_back(by_layer(means_of(found.draws), found.activation->name));
  run.draw("speeds", plot);
}

}  // namespace

const Experiment larger_slope{
    .name = "larger-slope",
    .description = "the exercise: σ(2z), σ(4z), σ(8z), tanh and ReLU instead of σ, whose slope is at most 1/4",
    .published = "a question: would a larger slope avoid the unstable gradient?",
    .seconds = 3,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const datasets::Dataset images = data.train.take(1000);
          const datasets::Dataset examples = run.quick() ? data.train.take(10'000) : data.train;
          const auto training = program::as_asked(run, {.epochs = 3, .learning_rate = 0.1, .lambda = 5.0});
          std::vector<Found> all;
          for (const Activation& activation : activations) {
            seed(run.seed());
            const auto draw = [&] { return network_of(activation); };
            Draws draws = draw_speeds(run, images, run.quick() ? 30 : 100, draw);
            const FeedForward network = draw();
            const double slope = mean_slope(activation, network, images);
            run.series(activation.name);
            const auto history = program::train(run, network, training, examples, data.validation);
            all.push_back({&activation, std::move(draws), slope, history.curve(Curve::evaluation_accuracy).back()});
          }
          show_table(run, all);
          draw_speeds_by_layer(run, all);

          const auto report = [&](const Found& found) -> program::Summary {
            return {
                .quantity =
                    fmt::format("how many times faster a layer is than the one before it, {}", found.activation->name),
                .measured = geometric_mean(ratios_of(found.draws)),
                .band = found.activation->band};
          };
          for (std::size_t i = 0; i + 1 < all.size(); ++i) run.finding(report(all[i]));
          run.summary(report(all.back()));
        },
};

}  // namespace chapter5
