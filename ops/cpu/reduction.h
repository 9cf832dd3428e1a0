#pragma once

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

// Kernels of reductions. Attributes: which axes are reduced (bit i is axis i), then whatever else the operation keeps
// there. Inputs may have any layout. Sums of float32 are collected in float64 block by block, so their error does not
// grow with the number of entries; how entries are grouped depends on shapes and strides alone.

KernelPointer reduce_sum(const KernelRequest& request);      ///< float32, float64, int32
KernelPointer reduce_product(const KernelRequest& request);  ///< float32, float64, int32
KernelPointer reduce_max(const KernelRequest& request);      ///< the same; NaN where there is one
KernelPointer reduce_min(const KernelRequest& request);
KernelPointer reduce_norm(const KernelRequest& request);       ///< √Σx²; float32, float64
KernelPointer reduce_logsumexp(const KernelRequest& request);  ///< log Σe^x; float32, float64
KernelPointer reduce_any(const KernelRequest& request);        ///< bool
KernelPointer reduce_all(const KernelRequest& request);        ///< bool
KernelPointer reduce_argmax(const KernelRequest& request);     ///< positions as int32; any dtype; the first NaN wins
KernelPointer reduce_argmin(const KernelRequest& request);

/// For Operation::streams, of all but logsumexp, argmax and argmin: whether the entries are read in runs.
bool reduction_streams(const KernelRequest& request);

/// Running sums along one axis of a dense input. Attributes: axis, whether an entry leaves itself out, whether from the
/// end.
KernelPointer cumulative_sum(const KernelRequest& request);

/// For Operation::accepts: strided inputs are read in place.
inline bool any_layout(int, const KernelRequest&) {
  return true;
}

}  // namespace gradus::cpu
