#pragma once

#include <gradus/graph/plan/cost_model.h>
#include <gradus/graph/plan/draft.h>

namespace gradus::plan {

KernelRequest request_for(const Draft& draft, VertexId v);

/// The kernel among a step's operations that is not elementwise, with the work in front of it but not that behind it.
std::shared_ptr<const Kernel> inner_kernel_of(const Draft& draft, VertexId v);

/// In ns, on one thread. What kernels say of themselves counts if they have been prepared.
double estimated_cost(const Draft& draft, VertexId v, const MachineCosts& costs);

/// The kernel of a step, and its estimated cost in ns.
void prepare_kernel(Draft& draft, VertexId v);

}  // namespace gradus::plan
