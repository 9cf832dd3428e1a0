#include <gradus/datasets/synthetic.h>

#include <array>
#include <cmath>
#include <numbers>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <gradus/datasets/shuffle.h>
#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>

namespace gradus::datasets {
namespace {

struct Point {
  double x, y;
  Index label;
};

/// `place(i, random)` says where example i is before the noise.
template <class Place>
Dataset points(std::string_view name, Index count, double noise, std::int64_t seed, Where where, Place place) {
  if (count < 0) throw ValueError(fmt::format("{}{}: {} points; expected 0 or more", at(where), name, count));
  const bool is_deviation = noise >= 0 && std::isfinite(noise);
  if (!is_deviation) {
    throw ValueError(fmt::format("{}{}: noise {}; expected 0 or more", at(where), name, noise));
  }
  SplitMix random(seed);
  std::vector<float> features;
  std::vector<std::int32_t> labels;
  for (Index i = 0; i < count; ++i) {
    const Point point = place(i, random);
    features.push_back(static_cast<float>(point.x + noise * random.normal()));
    features.push_back(static_cast<float>(point.y + noise * random.normal()));
    labels.push_back(static_cast<std::int32_t>(point.label));
  }
  return Dataset::from(std::move(features), {2}, std::move(labels), where);
}

}  // namespace

Dataset two_moons(Index count, double noise, std::int64_t seed, Where where) {
  return points("two_moons", count, noise, seed, where, [](Index i, SplitMix& random) {
    const double angle = std::numbers::pi * random.uniform();
    if (i % 2 == 0) return Point{std::cos(angle), std::sin(angle), 0};
    return Point{1 - std::cos(angle), 0.5 - std::sin(angle), 1};
  });
}

Dataset spirals(Index count, double noise, std::int64_t seed, Index classes, Where where) {
  if (classes < 1) throw ValueError(fmt::format("{}spirals: {} classes; expected at least 1", at(where), classes));
  return points("spirals", count, noise, seed, where, [classes](Index i, SplitMix& random) {
    const Index arm = i % classes;
    const double radius = random.uniform();
    const double turns = radius + static_cast<double>(arm) / static_cast<double>(classes);
    const double angle = 2 * std::numbers::pi * turns;
    return Point{radius * std::cos(angle), radius * std::sin(angle), arm};
  });
}

Dataset exclusive_or(Index count, double noise, std::int64_t seed, Where where) {
  return points("exclusive_or", count, noise, seed, where, [](Index i, SplitMix&) {
    const Index x = i / 2 % 2, y = i % 2;
    return Point{static_cast<double>(x), static_cast<double>(y), x ^ y};
  });
}

}  // namespace gradus::datasets
