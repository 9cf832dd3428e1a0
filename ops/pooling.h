#pragma once

#include <gradus/ops/sliding_window.h>

namespace gradus {

// Pooling of [examples, channels, axes…] with 1 to 3 spatial axes, each channel by itself; float32 or float64
// (DtypeError otherwise). Spatial axes shrink to the number of positions that a window has. ShapeError where x has
// other axes or a window does not fit, ValueError where an option is out of range.

struct MaxPoolOptions {
  PerAxis stride = 0;   ///< 0: the window's size, so that windows lie side by side
  Padding padding = 0;  ///< never the greatest; at most half a window (ValueError otherwise)
  PerAxis dilation = 1;
};
/// The greatest entry of each window: NaN where there is one. Of entries that share the maximum, the first in row-major
/// order gets the cotangent, as in PyTorch; so does the first NaN.
Tensor max_pool1d(const Operand& x, const PerAxis& size, const MaxPoolOptions& options = {});
Tensor max_pool2d(const Operand& x, const PerAxis& size, const MaxPoolOptions& options = {});
Tensor max_pool3d(const Operand& x, const PerAxis& size, const MaxPoolOptions& options = {});

struct AveragePoolOptions {
  PerAxis stride = 0;   ///< 0: the window's size, so that windows lie side by side
  Padding padding = 0;  ///< at most half a window (ValueError otherwise)
  PerAxis dilation = 1;
  bool count_padding = true;  ///< as zeros; false: the mean of those entries of a window that are x's
};
/// The mean of each window.
Tensor average_pool1d(const Operand& x, const PerAxis& size, const AveragePoolOptions& options = {});
Tensor average_pool2d(const Operand& x, const PerAxis& size, const AveragePoolOptions& options = {});
Tensor average_pool3d(const Operand& x, const PerAxis& size, const AveragePoolOptions& options = {});

/// The mean, or the greatest entry, of each channel of each example; spatial axes stay, with size 1. As the reductions
/// mean and max: entries that share the maximum share its cotangent. ShapeError where max finds no entries.
Tensor global_average_pool(const Operand& x);
Tensor global_max_pool(const Operand& x);

/// Spatial axes of the given sizes, whatever they were: entry i of m is the mean, or the greatest, of the entries from
/// ⌊i n / m⌋ to short of ⌈(i + 1) n / m⌉, as in PyTorch. Ties as in max_pool2d. ShapeError where a spatial axis is
/// empty, ValueError on a size below 1.
Tensor adaptive_average_pool(const Operand& x, const PerAxis& sizes);
Tensor adaptive_max_pool(const Operand& x, const PerAxis& sizes);

}  // namespace gradus
