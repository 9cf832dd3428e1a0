// "Why does regularization help reduce overfitting?": ten points, a curve of degree 9 that meets all of them, and a
// line that meets none.
#include <fmt/ranges.h>

#include "curve.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

const Tensor& given_x() {
  static const Tensor x = tensor({0.7, 1.3, 1.9, 2.6, 2.9, 3.6, 3.8, 3.95, 4.4, 4.9});
  return x;
}
const Tensor& given_y() {
  static const Tensor y = tensor({1.8, 2.2, 4.0, 5.0, 6.1, 7.0, 7.4, 8.0, 9.1, 10.0});
  return y;
}

/// The only polynomial of degree 9 through all ten points, at every x: Lagrange's Σᵢ yᵢ Πⱼ (x − xⱼ)/(xᵢ − xⱼ), j ≠ i.
Tensor through_all(const Tensor& x, const Tensor& y) {
  const Tensor same = cast(eye(10, 10, Dtype::float64), Dtype::boolean);
  const Tensor above = where(same, 1.0, reshape(x, {x.count(), 1, 1}) - given_x());
  const Tensor below = where(same, 1.0, expand(given_x(), 1) - given_x());
  return matmul(product(above / below, 2), y);
}

Tensor line(const Tensor& x) {
  return 2.0 * x;
}

}  // namespace

const Experiment polynomial{
    .name = "polynomial",
    .description = "ten points: the curve of degree 9 that meets them all against y = 2x, at x = 5 and 6",
    .published = "both fit; for large x they say very different things",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Parameter y(given_y(), "y");
          const Tensor residuals = given_y() - line(given_x());
          run.say("{:<32}{:>22}{:>22}", "", "degree 9", "y = 2x");
          run.say(
              "{:<32}{:>22.1e}{:>22.2f}", "largest distance from a point",
              max(absolute(through_all(given_x(), y) - y)).item(), max(absolute(residuals)).item());
          const Tensor ahead = tensor({5.0, 6.0});
          const auto wild = through_all(ahead, y).values(), tame = line(ahead).values();
          for (const std::size_t i : {0U, 1U}) {
            run.say("{:<32}{:>22.2f}{:>22.2f}", fmt::format("prediction at x = {}", 5 + i), wild[i], tame[i]);
          }
          const Tensor slopes = gradients(sum(through_all(tensor({6.0}), y)), {y})[0];
          run.say(
              "If the line is the truth, the points are off it by {:.2f} (root mean square): noise. The curve learns",
              square_root(mean(square(residuals))).item());
          run.say("the noise: a point measured 0.1 higher moves its prediction at x = 6 by, point after point,");
          run.say("  {:.1f}", fmt::join((0.1 * slopes).values(), "  "));
          run.say(
              "and the slope of the line, fitted to least squares, is {:.3f}.",
              (sum(given_x() * given_y()) / sum(square(given_x()))).item());

          const Tensor x = linspace(0.5, 5.05, 183, Dtype::float64);
          run.draw(
              "polynomial",
              program::Plot{
                  .title = "Ten points, a polynomial of degree 9 and a line",
                  .x_label = "x",
                  .y_label = "y",
                  .series =
                      {curve("degree 9, through all points", x, through_all(x, y)), curve("y = 2x", x, line(x)),
                       curve("the points", given_x(), given_y(), program::Style::points)},
                  .x_range = program::Band{0, 5.2},
                  .y_range = program::Band{0, 20}});
          run.finding(
              {.quantity = "degree 9 at x = 5, where the line says 10",
               .measured = wild[0],
               .band = program::Band{17, 19}});
          run.summary(
              {.quantity = "degree 9 at x = 6, where the line says 12",
               .measured = wild[1],
               .band = program::Band{2900, 3100}});
        },
};

}  // namespace chapter3
