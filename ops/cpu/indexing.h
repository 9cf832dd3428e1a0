#pragma once

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

// Kernels whose last input holds indices (int32). An index out of range throws ValueError while they run.

KernelPointer take(const KernelRequest& request);               ///< attributes: axis
KernelPointer scatter_add(const KernelRequest& request);        ///< attributes: axis, size
KernelPointer take_along(const KernelRequest& request);         ///< attributes: axis
KernelPointer scatter_add_along(const KernelRequest& request);  ///< attributes: axis, size
KernelPointer one_hot(const KernelRequest& request);            ///< attributes: classes, dtype

}  // namespace gradus::cpu
