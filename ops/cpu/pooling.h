#pragma once

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

// Windows that slide over dense [examples, axes…, channels], 1 to 3 axes, float32 or float64. The window stands in the
// attributes, one whole number an axis. What lies in the padding counts as not there.

/// The greatest entry of each window; the first NaN where there is one.
KernelPointer max_pool(const KernelRequest& request);
/// Of x and g: g at the greatest entry of x's window, the first in row-major order if several share it, 0 elsewhere.
KernelPointer max_pool_spread(const KernelRequest& request);
/// Of x and h: h where x's window has its greatest entry.
KernelPointer max_pool_pick(const KernelRequest& request);
/// The sum of each window.
KernelPointer sum_pool(const KernelRequest& request);
/// g at every entry of its window, added up where windows overlap.
KernelPointer sum_pool_spread(const KernelRequest& request);

}  // namespace gradus::cpu
