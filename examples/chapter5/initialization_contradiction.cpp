// The chapter argues with weights from N(0, 1) and experiments with weights from N(0, 1/inputs). What the layers'
// speeds are with either.
#include <cmath>

#include <program/training.h>

#include "experiments.h"
#include "speeds.h"

namespace chapter5 {

namespace {

double root_mean_square(const Tensor& x) {
  return square_root(mean(square(x))).item();
}

/// A layer's error is Σ′(z)wᵀ times the next one's. A random such matrix with n neurons changes lengths by about √n
/// times the weights' size times that of σ′.
void show_layers(
    program::Run& run, const std::string& weights_from, const FeedForward& network, const datasets::Dataset& images,
    const std::vector<double>& means) {
  run.say("Weights from {}; root mean squares of slopes and weights", weights_from);
  run.say("  hidden layer   ‖∂C/∂b‖       σ′(z)   √n w of the next layer   product   speed over next one's");
  const auto layers = network.layers(images.features());
  for (std::size_t l = 0; l < means.size(); ++l) {
    const double slope = root_mean_square(sigmoid_prime(layers[l].z));
    const double weights = std::sqrt(30) * root_mean_square(network.weights()[l + 1]);
    const bool last = l + 1 == means.size();
    run.say(
        "{:14}{:12.4f}{:12.4f}{:18.4f}{:15.4f}{:>16}", l + 1, means[l], slope, weights, slope * weights,
        last ? "" : fmt::format("{:.4f}", means[l] / means[l + 1]));
  }
}

}  // namespace

const Experiment initialization_contradiction{
    .name = "initialization-contradiction",
    .description =
        "speeds before training with weights from N(0, 1), as the chapter argues, and N(0, 1/inputs), as it "
        "experiments",
    .published = "nothing; the argument has N(0, 1), the experiments have N(0, 1/inputs)",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const datasets::Dataset images = images_for_speeds(run);
          const std::vector<Index> sizes = sizes_with(4);
          const Index count = run.quick() ? 50 : 200;
          run.expect(2 * count, "networks");
          const auto small = draw_speeds(run, images, count, [&] { return program::new_network(sizes); });
          const auto large = draw_speeds(run, images, count, [&] { return program::large_network(sizes); });
          show_layers(run, "N(0, 1/inputs)", program::new_network(sizes), images, means_of(small));
          show_layers(run, "N(0, 1)", program::large_network(sizes), images, means_of(large));
          run.say(
              "N(0, 1) saturates neurons, so that slopes are smaller, but a neuron sums over 30 weights that are √30");
          run.say("times larger. The argument about single factors below 1/4 holds for a chain, not for wide layers.");
          run.draw(
              "speeds", program::Plot{
                            .title = fmt::format("Speeds before training, geometric means of {} networks", count),
                            .x_label = "hidden layer",
                            .y_label = "‖∂C/∂b‖",
                            .series =
                                {by_layer(means_of(small), "weights from N(0, 1/inputs)"),
                                 by_layer(means_of(large), "weights from N(0, 1)")},
                            .x_range = program::Band{0.8, 4.2},
                            .whole_x = true,
                            .logarithmic_y = true});
          run.finding(
              {.quantity = "how many times faster a layer is than the one before it, weights from N(0, 1/inputs)",
               .measured = geometric_mean(ratios_of(small)),
               .band = program::Band{3, 6}});
          run.summary(
              {.quantity = "the same with weights from N(0, 1)",
               .measured = geometric_mean(ratios_of(large)),
               .band = program::Band{1.7, 3}});
        },
};

}  // namespace chapter5
