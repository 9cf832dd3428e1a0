// Points along a helix (fig/pca_limitations.py, which no chapter uses): one number says where on it they are, but
// principal components, which are straight, need all three.
#include <cmath>
#include <numbers>

#include <fmt/ranges.h>

#include "curve.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

/// (sin θ, cos θ, z) for z from −2 to 2, θ = 2πz.
Tensor helix(const Tensor& z) {
  const Tensor angle = 2 * std::numbers::pi * z;
  return stack({gradus::sin(angle), gradus::cos(angle), z}, 1);
}

/// The directions in which centred rows vary most, as columns, and their shares of the variance: power iteration, a
/// direction found being taken out of the matrix.
struct Components {
  Tensor directions;
  std::vector<double> shares;
};
Components principal_components(const Tensor& centred) {
  Tensor covariance = matmul(transpose(centred), centred).detach();
  const double all = trace(covariance).item();
  Tensors directions;
  std::vector<double> shares;
  for (Index k = 0; k < centred.size(1); ++k) {
    Tensor direction = normal({centred.size(1)}, {.dtype = Dtype::float64});
    for (int iteration = 0; iteration < 500; ++iteration) {
      const Tensor next = matmul(covariance, direction);
      direction = (next / norm(next)).detach();
    }
    const Tensor variance_along = dot(direction, matmul(covariance, direction));
    shares.push_back(variance_along.item() / all);
    covariance = (covariance - variance_along * outer(direction, direction)).detach();
    directions.push_back(direction);
  }
  return {stack(directions, 1), shares};
}

double root_mean_square(const Tensor& differences) {
  return square_root(mean(sum(square(differences), 1))).item();
}

}  // namespace

const Experiment pca_limitations{
    .name = "pca-limitations",
    .description = "points along a helix: one number each, yet three principal components are needed to tell them",
    .published = "figures that no chapter uses",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Index count = 20;
          const Tensor z = linspace(-2, 2, count, Dtype::float64);
          const Tensor noise = concatenate(
              {normal({count, 2}, {.deviation = 0.03, .dtype = Dtype::float64}), zeros({count, 1}, Dtype::float64)}, 1);
          const Tensor points = (helix(z) + noise).detach();
          const Tensor centre = mean(points, 0), centred = points - centre;
          const Components components = principal_components(centred);
          const auto rebuilt = [&](Index k) {
            const Tensor some = slice(components.directions, 1, 0, k);
            return (matmul(matmul(centred, some), transpose(some)) + centre).detach();
          };
          run.say("{} points on a helix of radius 1, four turns over a height of 4, noise 0.03 in x and y", count);
          run.say("{:<34}{:>12}{:>26}", "told by", "numbers", "root mean square error");
          for (Index k = 1; k <= 3; ++k) {
            run.say(
                "{:<34}{:>12}{:>26.3f}", fmt::format("{} principal component{}", k, k == 1 ? "" : "s"), k,
                root_mean_square(rebuilt(k) - points));
          }
          const double along = root_mean_square(helix(z) - points);
          run.say("{:<34}{:>12}{:>26.3f}", "the height z, along the helix", 1, along);
          run.say("Shares of the variance: {:.3f}", fmt::join(components.shares, ", "));

          const Tensor fine = linspace(-2, 2, 201, Dtype::float64);
          const auto seen = [](const std::string& title, const Tensor& at, program::Style style) {
            return curve(title, select(at, 1, 2), select(at, 1, 0), style);
          };
          run.draw(
              "pca_limitations",
              program::Plot{
                  .title = "A helix from the side: points, and what one principal component leaves of them",
                  .x_label = "z",
                  .y_label = "x",
                  .series =
                      {seen("helix", helix(fine), program::Style::line), seen("points", points, program::Style::points),
                       seen("told by one component", rebuilt(1), program::Style::line_and_points)},
                  .x_range = program::Band{-2.2, 2.2}});
          run.finding(
              {.quantity = "error of one number along the helix",
               .measured = along,
               .band = program::Band{0.02, 0.07}});
          // Along the axis the variance is 1.47, across it ½ and ½: 60 %, 20 %, 20 %, but for the few points.
          run.summary(
              {.quantity = "share of the variance in one principal component",
               .measured = components.shares[0],
               .band = program::Band{0.55, 0.7}});
        },
};

}  // namespace chapter3
