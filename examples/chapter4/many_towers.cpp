// Several towers side by side, the outputs of a second hidden layer, add up to any function of two inputs.

#include "experiments.h"
#include "target.h"
#include "towers.h"

namespace chapter4 {

namespace {

constexpr Index side = 201;

/// Towers on the cells of a grid, each as high as (x² + y²)/2 in its upper right corner: (i² + j²)/50 for 5 × 5 cells.
std::vector<Tower> towers_on_grid(Index cells) {
  const double count = static_cast<double>(cells);
  std::vector<Tower> towers;
  for (Index i = 1; i <= cells; ++i) {
    for (Index j = 1; j <= cells; ++j) {
      const double x = static_cast<double>(i) / count, y = static_cast<double>(j) / count;
      towers.push_back({.box = {{x - 1 / count, x}, {y - 1 / count, y}}, .height = (x * x + y * y) / 2});
    }
  }
  return towers;
}

/// The weighted output of the second hidden layer in the middle of each tower, less the tower's height: at most.
double worst_height(const std::vector<Tower>& towers, const FeedForward& network) {
  std::vector<std::vector<double>> middles;
  std::vector<double> heights;
  for (const auto& [box, height] : towers) {
    middles.push_back({(box[0].from + box[0].to) / 2, (box[1].from + box[1].to) / 2});
    heights.push_back(height);
  }
  const Tensor wanted = tensor(heights, {static_cast<Index>(heights.size()), 1});
  return error_of(network.logits(input_rows(middles)), wanted).max;
}

void draw(program::Run& run, const std::string& name, const std::string& title, const FeedForward& network) {
  const Tensor sums = network.logits(grid_inputs(side));
  run.draw(name, map_of(title, "weighted output of the second hidden layer", sums, side));
}

}  // namespace

const Experiment two_towers{
    .name = "two-towers",
    .description = "two towers from two hidden layers: weight .7 over [.1,.2] × [.8,.9], .5 over [.7,.8] × [.2,.3]",
    .published = "towers of heights .7 and .5",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const std::vector<Tower> towers{
              {.box = {{0.1, 0.2}, {0.8, 0.9}}, .height = 0.7}, {.box = {{0.7, 0.8}, {0.2, 0.3}}, .height = 0.5}};
          const FeedForward network = towers_network(towers, 10);
          const auto sums = network.logits(input_rows({{0.15, 0.85}, {0.75, 0.25}, {0.5, 0.5}})).values();
          run.say("8 neurons for steps, 2 for towers (h = 10), weights .7 and .5 of their outputs");
          run.say("first tower {:.4f}, second tower {:.4f}, elsewhere {:.1g}", sums[0], sums[1], sums[2]);
          draw(run, "two_towers", "Two towers", network);
          // A tower is 1 − .007 of its weight, and each may stand on the .007 of the other's plateau.
          run.finding(
              {.quantity = "height of the second tower",
               .published = 0.5,
               .measured = sums[1],
               .band = program::Band{0.49, 0.51}});
          run.summary(
              {.quantity = "height of the first tower",
               .published = 0.7,
               .measured = sums[0],
               .band = program::Band{0.69, 0.71}});
        },
};

const Experiment many_towers{
    .name = "many-towers",
    .description = "25 towers of heights (i² + j²)/50, then more and smaller ones: a function of two inputs",
    .published = "a picture of 5 × 5 towers, heights (i² + j²)/50; any function can be had",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const auto towers = towers_on_grid(5);
          run.say("5 × 5 towers: 100 neurons for steps, 25 for towers. In the middle of a tower the sum of all is off");
          run.say("its height by at most");
          double worst = 0;
          for (const double height : {10.0, 20.0, 40.0}) {
            const FeedForward network = towers_network(towers, height);
            worst = worst_height(towers, network);
            run.say("  {:.2g} for h = {:g}", worst, height);
            if (height == 20) draw(run, "many_towers", "(i² + j²)/50 on 5 × 5 cells, i, j = 1 … 5", network);
          }
          run.say("With h = 10 each tower leaks .007 of itself into its row and column; a larger h shuts that.");

          const Tensor places = uniform({10'000, 2}, {.dtype = Dtype::float64});
          const Tensor wanted = sum(square(places), 1, keep_axes) / 2;
          run.say("Towers for (x² + y²)/2, as high as in their upper right corners, h = 40, at 10,000 random places:");
          run.say("   cells   mean error   max error");
          double coarse = 0, fine = 0;
          for (const Index cells : {5, 10, 20}) {
            if (run.quick() && cells > 10) continue;
            const OutputError error = error_of(towers_network(towers_on_grid(cells), 40).logits(places), wanted);
            run.say("{:3} × {:2}{:13.4f}{:12.4f}", cells, cells, error.mean, error.max);
            if (cells == 5) coarse = error.mean;
            if (cells == 10) fine = error.mean;
          }
          run.say("The largest errors are on the seams: where two towers meet, both are in their window of failure.");
          // Half as wide, half as far off.
          run.finding(
              {.quantity = "mean error with 10 × 10 cells, over that with 5 × 5",
               .measured = fine / coarse,
               .band = program::Band{0.4, 0.6}});
          run.summary(
              {.quantity = "largest error of the 25 heights with h = 40",
               .published = 0,
               .measured = worst,
               .band = program::Band{0, 1e-6}});
        },
};

}  // namespace chapter4
