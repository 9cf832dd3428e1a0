#pragma once

#include <array>
#include <vector>

#include "network.h"

// One hidden layer over two inputs, of steps that face many directions.
namespace chapter4 {

using Point = std::array<double, 2>;

/// Hidden neurons that step by the same heights, at the same distances from a centre, along each of several directions.
/// The weighted output is the mean over the directions.
struct RoundSum {
  Index directions = 24;
  double w = steep;
  Layer hidden = {};
  Neuron output = {};

  void add(const std::vector<Step>& profile, const Point& centre);
  FeedForward network() const { return network_of({hidden, {output}}); }
};

/// The unit vector of direction k of K: the angles are (k + ½)/K of a half-turn.
Point direction(Index k, Index directions);

inline constexpr double tower_radius = 0.2;

/// A round tower seen from the side: 1 in the middle, 0 further out than its radius.
Tensor tower_profile(const Tensor& distance);
/// What must stand along every direction, as a function of the signed distance t, so that the mean over all directions
/// is that tower: g(t) = F(0) + t ∫₀^{π/2} F′(t sin θ) dθ solves F(r) = (2/π) ∫₀^{π/2} g(r sin θ) dθ (O. Schlömilch,
/// 1857).
Tensor profile_along_directions(const Tensor& t);
/// g as a staircase, as in one dimension.
std::vector<Step> staircase_along_directions();

}  // namespace chapter4
