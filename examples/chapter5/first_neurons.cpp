// The picture of gradients as bars in a network: how fast the first six neurons of both hidden layers learn.
#include <program/training.h>

#include "experiments.h"
#include "speeds.h"

namespace chapter5 {

namespace {

constexpr std::size_t shown = 6;

/// Bars a sixth to the left or right of whole numbers. A box is as wide as the entries lie apart, a third: hence the
/// empty one that keeps pairs apart.
program::Series bars(const std::vector<double>& speeds, std::size_t layer) {
  program::Series series{.title = fmt::format("hidden layer {}", layer + 1), .style = program::Style::boxes};
  for (std::size_t third = 0; third < 3 * shown; ++third) {
    series.x.push_back(static_cast<double>(third) / 3 + 5.0 / 6);
    series.y.push_back(third % 3 == layer ? speeds[third / 3] : 0);
  }
  return series;
}

}  // namespace

const Experiment first_neurons{
    .name = "first-neurons",
    .description = "784-30-30-10 before training: |∂C/∂b| of the first six neurons of both hidden layers as bars",
    .published = "most bars of the second hidden layer are longer than those of the first",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const datasets::Dataset images = images_for_speeds(run);
          const FeedForward network = program::new_network(sizes_with(2));
          program::Plot plot{
              .title = "How fast neurons learn, before training",
              .x_label = "neuron",
              .y_label = "|∂C/∂b|",
              .x_range = program::Band{0.4, 6.6},
              .whole_x = true};
          std::vector<std::vector<double>> by_layer;
          for (const Tensor& gradient : bias_gradients(network, images)) {
            by_layer.push_back(absolute(gradient).values());
            plot.series.push_back(bars(by_layer.back(), by_layer.size() - 1));
          }
          run.say("neuron   hidden layer 1   hidden layer 2");
          for (std::size_t i = 0; i < shown; ++i) {
            run.say("{:6}{:17.4f}{:17.4f}", i + 1, by_layer[0][i], by_layer[1][i]);
          }
          run.draw("first_neurons", plot);

          double faster = 0;
          for (const double first : by_layer[0]) {
            for (const double second : by_layer[1]) faster += second > first ? 1 : 0;
          }
          run.finding(
              {.quantity = "‖∂C/∂b‖ of the second layer over that of the first",
               .published = 0.309 / 0.0657,
               .measured = ratios(speeds(network, images))[0],
               .band = program::Band{3, 8}});
          run.summary(
              {.quantity = "pairs of neurons of which that of the second layer learns faster, in %",
               .measured = 100 * faster / static_cast<double>(by_layer[0].size() * by_layer[1].size()),
               .band = program::Band{70, 100}});
        },
};

}  // namespace chapter5
