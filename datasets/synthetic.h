#pragma once

#include <cstdint>

#include <gradus/datasets/dataset.h>

namespace gradus::datasets {

// Points of the plane, features [2] in float32, for tests and pictures: small problems that no straight line solves.
// Classes take turns, so every slice holds all of them. `noise` is the standard deviation of what is added to both
// coordinates. The points depend on the arguments alone. Each throws ValueError where the count or the noise is
// negative.

/// Two half circles of radius 1 that reach into each other.
Dataset two_moons(Index count, double noise = 0.1, std::int64_t seed = 0, Where where = Where::current());

/// `classes` arms that wind once around the origin, out to radius 1.
Dataset spirals(
    Index count, double noise = 0.02, std::int64_t seed = 0, Index classes = 2, Where where = Where::current());

/// The corners of the unit square, (0, 0), (0, 1), (1, 0), (1, 1), over and over, with the exclusive or of their
/// coordinates as class.
Dataset exclusive_or(Index count = 4, double noise = 0, std::int64_t seed = 0, Where where = Where::current());

}  // namespace gradus::datasets
