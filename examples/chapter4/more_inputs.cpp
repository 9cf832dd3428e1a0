// Three inputs and more: the same towers, with bias −5h/2 and (−m + ½)h.
#include <algorithm>

#include "experiments.h"
#include "towers.h"

namespace chapter4 {

namespace {

constexpr double height = 10;

Box box_of(std::size_t axes) {
  return Box(axes, {0.3, 0.7});
}

/// What the tower says where the first `right` inputs are inside the box and the others are not.
double output_with(const FeedForward& tower, std::size_t axes, std::size_t right) {
  std::vector<double> x(axes, 0.1);
  std::fill_n(x.begin(), right, 0.5);
  return tower(input_rows({x})).item();
}

/// The square of the first two inputs, with the third held fixed.
Tensor slice_at(const FeedForward& tower, double third, Index side) {
  const Tensor grid = grid_inputs(side);
  return tower(concatenate({grid, third * ones({grid.size(0), 1}, Dtype::float64)}, 1));
}

}  // namespace

const Experiment three_inputs{
    .name = "three-inputs",
    .description = "a tower over a box of three inputs: six steps, weights h and −h, output bias −5h/2",
    .published = "bias −5h/2 makes the output 1 inside the box and 0 outside",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const FeedForward tower = tower_network(box_of(3), height);
          run.say("h = {:g}, bias {:g}", height, tower.biases().back().item());
          run.say("inputs inside the box   output");
          for (std::size_t right = 0; right <= 3; ++right) run.say("{:21}{:9.4f}", right, output_with(tower, 3, right));
          const Index side = 201;
          run.draw(
              "three_inputs_inside",
              map_of("Three inputs: the slice at x₃ = .5, inside the box", "output", slice_at(tower, 0.5, side), side));
          program::HeatMap outside =
              map_of("Three inputs: the slice at x₃ = .1, outside", "output", slice_at(tower, 0.1, side), side);
          outside.value_range = program::Band{0, 1};
          run.draw("three_inputs_outside", outside);
          run.finding(
              {.quantity = "largest output outside the box",
               .published = 0,
               .measured = output_with(tower, 3, 2),
               .band = program::Band{0, 0.007}});
          run.summary(
              {.quantity = "output inside the box",
               .published = 1,
               .measured = output_with(tower, 3, 3),
               .band = program::Band{0.993, 1}});
        },
};

const Experiment m_inputs{
    .name = "m-inputs",
    .description = "towers over boxes of m = 1, 2, 3, 4, 5 and 10 inputs: 2m steps and an output bias of (−m + ½)h",
    .published = "bias (−m + ½)h works for any number of inputs m",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          program::Plot plot{
              .title = "Towers over boxes of m inputs, h = 10: all m inputs must be inside",
              .x_label = "inputs that are inside the box",
              .y_label = "output",
              .whole_x = true,
              .logarithmic_y = true};
          double least_inside = 1, greatest_outside = 0;
          run.say("   m   neurons    bias   all inside   all but one inside");
          for (std::size_t m = 1; m <= 10; m += m < 5 ? 1 : 5) {
            const FeedForward tower = tower_network(box_of(m), height);
            program::Series outputs{.title = fmt::format("m = {}", m)};
            for (std::size_t right = 0; right <= m; ++right) {
              outputs.x.push_back(static_cast<double>(right));
              outputs.y.push_back(output_with(tower, m, right));
            }
            const double inside = outputs.y[m], but_one = outputs.y[m - 1];
            run.say("{:4}{:10}{:8g}{:13.4f}{:21.4f}", m, 2 * m, tower.biases().back().item(), inside, but_one);
            least_inside = std::min(least_inside, inside);
            greatest_outside = std::max(greatest_outside, but_one);
            plot.series.push_back(outputs);
          }
          run.draw("m_inputs", plot);
          run.finding(
              {.quantity = "largest output outside, any m",
               .published = 0,
               .measured = greatest_outside,
               .band = program::Band{0, 0.007}});
          run.summary(
              {.quantity = "least output inside, any m",
               .published = 1,
               .measured = least_inside,
               .band = program::Band{0.993, 1}});
        },
};

}  // namespace chapter4
