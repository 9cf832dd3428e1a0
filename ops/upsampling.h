#pragma once

#include <gradus/ops/sliding_window.h>

namespace gradus {

// More entries along the spatial axes of [examples, channels, axes…], 1 to 3 of them; float32 or float64 (DtypeError
// otherwise). ShapeError where x has other axes or an option names more or fewer of them, ValueError on numbers
// below 1.

/// Every entry factor times along each axis, as in PyTorch's nearest: y_i = x_⌊i / factor⌋.
Tensor upsample_nearest(const Operand& x, const PerAxis& factors);

struct LinearOptions {
  /// Whether the first and last entries of x and of the result lie at the same places; otherwise their outer edges do,
  /// and what lies beyond x's outermost entries has their values.
  bool align_corners = false;
};
/// Interpolates linearly between neighbours, along each spatial axis in turn (linear, bilinear, trilinear): entry i of
/// m lies at (i + ½) n / m − ½ among x's n, or at i (n − 1) / (m − 1) where corners are aligned. As a product with a
/// matrix an axis, so an infinite or NaN entry spreads along its axes. ShapeError where a spatial axis is empty.
Tensor resize_linear(const Operand& x, const PerAxis& sizes, const LinearOptions& options = {});
/// The same to factor times as many entries.
Tensor upsample_linear(const Operand& x, const PerAxis& factors, const LinearOptions& options = {});

}  // namespace gradus
