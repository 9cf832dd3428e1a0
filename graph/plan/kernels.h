#pragma once

#include <gradus/graph/plan/draft.h>

namespace gradus::plan {

KernelRequest request_for(const Draft& draft, VertexId v);

/// The kernel of a step, and its estimated cost in ns.
void prepare_kernel(Draft& draft, VertexId v);

}  // namespace gradus::plan
