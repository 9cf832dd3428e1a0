#include "round_towers.h"

#include <cmath>
#include <numbers>

namespace chapter4 {

namespace {

constexpr double edge = 40;  // how steep the tower's wall is

}  // namespace

void RoundSum::add(const std::vector<Step>& profile, const Point& centre) {
  for (Index k = 0; k < directions; ++k) {
    const auto [u, v] = direction(k, directions);
    for (const auto& [distance, height] : profile) {
      const double position = u * centre[0] + v * centre[1] + distance;
      hidden.push_back({.weights = {w * u, w * v}, .bias = -w * position});
      output.weights.push_back(height / static_cast<double>(directions));
    }
  }
}

Point direction(Index k, Index directions) {
  const double angle = std::numbers::pi * (static_cast<double>(k) + 0.5) / static_cast<double>(directions);
  return {std::cos(angle), std::sin(angle)};
}

Tensor tower_profile(const Tensor& distance) {
  return sigmoid(edge * (tower_radius - distance));
}

Tensor profile_along_directions(const Tensor& t) {
  const Index angles = 400;
  const double quarter_turn = std::numbers::pi / 2;
  const Tensor theta = (iota(angles, Dtype::float64) + 0.5) * (quarter_turn / static_cast<double>(angles));
  const Tensor slope = -edge * sigmoid_prime(edge * (tower_radius - expand(absolute(t), 1) * sin(theta)));
  return tower_profile(zeros_like(t)) + absolute(t) * quarter_turn * mean(slope, 1);
}

std::vector<Step> staircase_along_directions() {
  const Index bins = 72;
  const double reach = 1.2, width = 2 * reach / static_cast<double>(bins);
  const Tensor lefts = width * iota(bins, Dtype::float64) - reach;
  const auto positions = lefts.values(), heights = profile_along_directions(lefts + width / 2).values();
  std::vector<Step> steps;
  double before = 0;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    steps.push_back({i == 0 ? -10 : positions[i], heights[i] - before});
    before = heights[i];
  }
  return steps;
}

}  // namespace chapter4
