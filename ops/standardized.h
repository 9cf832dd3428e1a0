#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

// What the normalisations have in common.

/// Where there are channels: as many as convolutions have.
inline constexpr int most_spatial_axes = 3;

/// Axes counted from the last one, which is −1: `first`, `first` + 1, … short of `end`; `end` is 0 for all that are
/// left.
struct Group {
  int first, end;
};

struct Standardization {
  Tensor y;               ///< (x − mean) / √(variance + epsilon) · scale + shift
  Tensor mean, variance;  ///< with size 1 along the axes of the group; empty where x has no entries
};

/// Over the axes of a group, within which scale and shift do not vary.
Standardization standardization(const Tensor& x, Group group, const Tensor& scale, const Tensor& shift, double epsilon);
Tensor standardized(const Tensor& x, Group group, const Tensor& scale, const Tensor& shift, double epsilon);

/// Over all axes from `first` on but that of the channels, axis 1. Scale, shift, mean and variance have the channels as
/// their last axis.
Standardization standardization_by_channels(
    const Tensor& x, int first, const Tensor& scale, const Tensor& shift, double epsilon);

}  // namespace gradus
