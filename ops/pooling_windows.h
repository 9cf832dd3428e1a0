#pragma once

#include <span>

#include <gradus/ops/sliding_window.h>

namespace gradus {

// What pooling layers are made of: windows over channels-last tensors [examples, axes…, channels], float32 or float64,
// linear but for the choice of a greatest entry. Padding counts as not there. A `window` has the axes of x and numbers
// that sliding_window() lets pass. ShapeError where ranks differ or a window does not fit.

/// Whether the window has an entry of the axis at every position, and not padding alone.
bool always_holds_an_entry(const WindowAxis& axis, Index entries);

/// The greatest entry of every window, channel by channel; the first NaN where there is one. ShapeError where a window
/// would hold nothing but padding.
Tensor max_pool(const Operand& x, const SlidingWindow& window);
/// The derivative of max_pool: zeros of x's shape, to which g, one number a window, is added where x's window has its
/// greatest entry. The first in row-major order of the window if several share it, as in PyTorch; the first NaN counts
/// as greatest. No gradient flows to x, whose choice is constant but for its jumps.
Tensor max_pool_spread(const Operand& x, const Operand& g, const SlidingWindow& window);
/// h, of x's shape, where each of x's windows has its greatest entry: the transpose of max_pool_spread.
Tensor max_pool_pick(const Operand& x, const Operand& h, const SlidingWindow& window);

/// The sum of every window, channel by channel.
Tensor sum_pool(const Operand& x, const SlidingWindow& window);
/// Its transpose: g, one number a window, added to every entry of the window. `sizes` are those of the result's spatial
/// axes, which several inputs of sum_pool can have in common.
Tensor sum_pool_spread(const Operand& g, const SlidingWindow& window, std::span<const Index> sizes);

}  // namespace gradus
