#pragma once

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

// Kernels of the movements that cannot be views. They copy entries of any dtype.

KernelPointer concatenate(const KernelRequest& request);     ///< attributes: axis
KernelPointer pad(const KernelRequest& request);             ///< attributes: axis, before, after, between; value
KernelPointer lower_triangle(const KernelRequest& request);  ///< attributes: diagonal
KernelPointer upper_triangle(const KernelRequest& request);  ///< attributes: diagonal

}  // namespace gradus::cpu
