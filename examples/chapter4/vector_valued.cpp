// "Vector-valued functions": m outputs are m functions, which share the hidden layer's steps.
#include <cmath>
#include <numbers>
#include <utility>

#include "experiments.h"
#include "target.h"

namespace chapter4 {

namespace {

/// A figure of eight, run through once as x goes from 0 to 1: two outputs.
Tensor figure_of_eight(const Tensor& x) {
  const Tensor angle = 2 * std::numbers::pi * x;
  return 0.5 + 0.4 * concatenate({cos(angle), sin(2 * angle)}, 1);
}

/// Hidden steps between equal bins, and for each output a neuron with its own weights for them.
FeedForward network_for_two(Index bins) {
  const double width = 1 / static_cast<double>(bins);
  const Tensor middles = expand(width * (iota(bins, Dtype::float64) + 0.5), 1);
  const Tensor heights = inverse_sigmoid(figure_of_eight(middles));
  Layer hidden, outputs;
  for (Index output = 0; output < 2; ++output) {
    Neuron neuron;
    hidden.clear();
    for (const auto& [position, height] : staircase(select(heights, 1, output).values())) {
      hidden.push_back({.weights = {slope_for(bins)}, .bias = -slope_for(bins) * position});
      neuron.weights.push_back(height);
    }
    outputs.push_back(neuron);
  }
  return network_of({hidden, outputs});
}

program::Series path(std::string title, const Tensor& points, program::Style style) {
  return {
      .title = std::move(title),
      .x = select(points, 1, 0).values(),
      .y = select(points, 1, 1).values(),
      .style = style};
}

}  // namespace

const Experiment vector_valued{
    .name = "vector-valued",
    .description = "two outputs that share one hidden layer follow a figure of eight in the plane",
    .published = "a function to Rᵐ is m functions; their networks are put together",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = test_inputs(), wanted = figure_of_eight(x);
          run.say("    N   mean distance   max");
          double coarse = 0, fine = 0;
          for (const Index bins : {20, 50, 100, 500}) {
            const Tensor distances = norm(network_for_two(bins)(x) - wanted, 1);
            const double off = mean(distances).item();
            run.say("{:5}{:16.5f}{:9.5f}", bins, off, max(distances).item());
            if (bins == 50) coarse = off;
            if (bins == 500) fine = off;
          }
          const Tensor few = inputs(0, 1, 1001);
          run.draw(
              "vector_valued",
              program::Plot{
                  .title = "One input, 20 hidden neurons, two outputs: it waits, then hurries on",
                  .x_label = "first output",
                  .y_label = "second output",
                  .series =
                      {path("figure of eight", wanted, program::Style::line),
                       path("network at 1,001 inputs", network_for_two(20)(few), program::Style::points)},
                  .x_range = program::Band{0, 1},
                  .y_range = program::Band{0, 1},
                  .same_scale = true});
          run.finding(
              {.quantity = "mean distance with N = 500", .measured = fine, .band = program::Band{0.001, 0.003}});
          run.summary(
              {.quantity = "p of distance ∝ N^−p, N = 50 to 500",
               .measured = std::log10(coarse / fine),
               .band = program::Band{0.9, 1.1}});
        },
};

}  // namespace chapter4
