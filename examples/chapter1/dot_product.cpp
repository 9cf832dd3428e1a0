// w·x + b, which every neuron begins with: as a loop, as a node of a graph, as geometry.
#include <algorithm>
#include <cmath>

#include "experiments.h"
#include "perceptrons.h"

namespace chapter1 {

using namespace gradus;

namespace {

double as_loop(const std::vector<double>& w, const std::vector<double>& x) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) sum += w[i] * x[i];
  return sum;
}

/// |w| |x| cos θ, with θ from the directions of both.
double as_geometry(const std::vector<double>& w, const std::vector<double>& x) {
  const double angle = std::atan2(w[1], w[0]) - std::atan2(x[1], x[0]);
  return std::hypot(w[0], w[1]) * std::hypot(x[0], x[1]) * std::cos(angle);
}

/// Two points of the line w·x + b = 0, from x1 = −1 to x1 = 2.
program::Series line_of(double b, const std::vector<double>& w) {
  program::Series line{.title = fmt::format("−2 x1 − 2 x2 + {:g} = 0", b), .style = program::Style::line};
  for (const double x1 : {-1.0, 2.0}) {
    line.x.push_back(x1);
    line.y.push_back(-(b + w[0] * x1) / w[1]);
  }
  return line;
}

}  // namespace

const Experiment dot_product{
    .name = "dot-product",
    .description =
        "w·x as loop, as node and as |w| |x| cos θ; the line w·x + b = 0, w at right angles to it, b shifting it",
    .published = "nothing; the reader's marginal note asks",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const std::vector<double> w{-2, -2};
          const Tensor w_node = vector({-2, -2});
          const std::vector<std::vector<double>> points{{0, 1}, {1, 1}, {0.5, -1}, {3, -2}, {-1.5, 0.25}};
          double worst = 0;
          run.say("            x     as loop   as node   as |w| |x| cos θ      ∂(w·x)/∂w");
          for (const auto& x : points) {
            const Tensor x_node = vector({x[0], x[1]});
            const Tensor product = dot(w_node, x_node);
            const auto slope = gradients(product, {w_node})[0].values();
            const double loop = as_loop(w, x), node = product.item(), geometry = as_geometry(w, x);
            worst = std::max({worst, std::abs(loop - node), std::abs(loop - geometry)});
            run.say(
                "{:>13}{:12g}{:10g}{:19g}{:>15}", fmt::format("({:g}, {:g})", x[0], x[1]), loop, node, geometry,
                fmt::format("({:g}, {:g})", slope[0], slope[1]));
          }
          run.say("The slope of w·x in w is x itself: an input that is 0 teaches its weight nothing.");

          const program::Series line = line_of(3, w), shifted = line_of(1, w);
          const double along_the_line = as_loop(w, {line.x[1] - line.x[0], line.y[1] - line.y[0]});
          run.say(
              "NAND's line −2 x1 − 2 x2 + 3 = 0: w · (from one of its points to another) = {:g}: w is normal to it.",
              along_the_line);
          run.say(
              "It lies b/|w| = {:.4f} from the origin; with b = 1 instead of 3 the same line, {:.4f} from it.",
              3 / std::hypot(w[0], w[1]), 1 / std::hypot(w[0], w[1]));

          program::Series on{.title = "output 1", .x = {0, 0, 1}, .y = {0, 1, 0}, .style = program::Style::points};
          program::Series off{.title = "output 0", .x = {1}, .y = {1}, .style = program::Style::points};
          run.draw(
              "dot_product", program::Plot{
                                 .title = "A perceptron's line, and its weights at right angles to it",
                                 .x_label = "x1",
                                 .y_label = "x2",
                                 .series = {line, shifted, on, off},
                                 .arrows = {{"w / 4", {0.75, 0.75}, {0.25, 0.25}}},
                                 .x_range = program::Band{-0.5, 1.75},
                                 .y_range = program::Band{-0.5, 1.75},
                                 .same_scale = true});
          run.summary(
              {.quantity = "largest difference of the three", .measured = worst, .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter1
