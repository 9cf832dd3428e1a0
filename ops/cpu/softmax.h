#pragma once

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

// Along the last axis, float32 or float64. Rows are independent: their bits do not depend on the rows beside them.

/// y_j = e^(z_j − m) / Σ_k e^(z_k − m), where m is the row's largest entry.
KernelPointer softmax(const KernelRequest& request);
/// y_j = (z_j − m) − ln Σ_k e^(z_k − m).
KernelPointer log_softmax(const KernelRequest& request);

}  // namespace gradus::cpu
