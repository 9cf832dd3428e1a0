// The cure: M staircases for σ⁻¹f/M, each shifted against the others, so that at any x only one of them is in its
// window of failure.

#include "experiments.h"
#include "target.h"

namespace chapter4 {

namespace {

/// M staircases for σ⁻¹f/M with `bins` bins, the m-th shifted by m/M of a bin. Heights are taken in the middles.
std::vector<Step> shifted_staircases(Index copies, Index bins) {
  const double count = static_cast<double>(copies), width = 1 / static_cast<double>(bins);
  std::vector<Step> steps;
  for (Index copy = 0; copy < copies; ++copy) {
    const double shift = width * static_cast<double>(copy) / count;
    double before = 0;
    // One bin more on either side, as no copy but the first begins at 0. The first step of all is far below 0.
    for (Index bin = -1; bin <= bins; ++bin) {
      const double left = width * static_cast<double>(bin) + shift;
      const double height = weighted_target(clip(tensor({left + width / 2}), 0, 1)).item() / count;
      steps.push_back({bin < 0 ? -1 : left, height - before});
      before = height;
    }
  }
  return steps;
}

struct Row {
  Index copies;
  double max, digit;
};

const Row rows[] = {{1, 0.042, 0.001}, {2, 0.013, 0.001}, {10, 0.0028, 0.0001}};

program::Summary max_error(const Row& row) {
  const Index bins = 50;
  return {
      .quantity = fmt::format("max |network − f|, N = {}, w = {:g}, M = {}", bins, steep, row.copies),
      .published = row.max,
      .measured = error_of(step_network(shifted_staircases(row.copies, bins))).max,
      .band = to_the_digit(row.max, row.digit)};
}

void draw_copies(program::Run& run) {
  const Tensor x = inputs(0.8, 0.9, 1001);
  program::Plot plot{
      .title = "N = 50, w = 1000: one staircase for f, and ten for a tenth of it",
      .x_label = "input x",
      .y_label = "output",
      .series = {curve("f", x, target(x))},
      .x_range = program::Band{0.8, 0.9}};
  for (const Row& row : rows) {
    const FeedForward network = step_network(shifted_staircases(row.copies, 50));
    plot.series.push_back(curve(fmt::format("M = {}", row.copies), x, network(x)));
  }
  run.draw("failure_window_cure", plot);
}

/// The book's figures, at slope 300: five bumps, the same at half their heights, and five others between them.
void draw_two_halves(program::Run& run) {
  const double slope = 300;
  const std::vector<double> heights{-1.3, -1.8, -0.5, -0.9, 0.3};
  const std::vector<double> shifted{-1.55 / 2, -1.15 / 2, -0.7 / 2, -0.6 / 2, 0.3};
  std::vector<Bump> whole, halves, between;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const double left = static_cast<double>(i) / 5;
    whole.push_back({left, left + 0.2, heights[i]});
    halves.push_back({left, left + 0.2, heights[i] / 2});
    between.push_back({left + 0.1, left + 0.3, shifted[i]});
  }
  const Tensor x = inputs(0, 1, 2001);
  const Tensor half = step_network(steps_of(halves), slope).logits(x);
  const Tensor other = step_network(steps_of(between), slope).logits(x);
  run.draw(
      "two_halves",
      program::Plot{
          .title = "The book's bumps (w = 300), half of them, and halves shifted by .1",
          .x_label = "input x",
          .y_label = "weighted output of the hidden layer",
          .series = {
              curve("five bumps", x, step_network(steps_of(whole), slope).logits(x)), curve("half as high", x, half),
              curve("shifted halves", x, other), curve("sum of the halves", x, half + other)}});
  run.say("The book's figure with w = 300: shifted by .1, a bump is half the mean of the two that it lies between.");
  run.say("  between bumps   half their mean   in the figure");
  for (std::size_t i = 0; i + 1 < heights.size(); ++i) {
    run.say("{:7} and {}{:18.3f}{:16.3f}", i + 1, i + 2, (heights[i] + heights[i + 1]) / 4, shifted[i]);
  }
  run.say("The fourth is twice as high as its neighbours ask for: a slip, it seems.");
}

}  // namespace

const Experiment failure_window_cure{
    .name = "failure-window-cure",
    .description = "M shifted staircases for σ⁻¹f/M: only one at a time is in its window of failure",
    .published = "many overlapping copies; computed for N = 50, w = 1000: max error M = 1 .042, 2 .013, 10 .0028",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          draw_two_halves(run);
          draw_copies(run);
          run.finding(max_error(rows[0]));
          run.finding(max_error(rows[1]));
          run.summary(max_error(rows[2]));
        },
};

}  // namespace chapter4
