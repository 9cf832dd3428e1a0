#pragma once

#include <gradus/graph/plan/draft.h>

namespace gradus::plan {

/// For an elementwise step that mostly reads values whose axes lie in another order, such as channels last: lets it
/// compute in that order, so that nothing is moved. Adds the step that does, behind which `v` is a view.
void arrange(Draft& draft, VertexId v);

/// A value in whose memory, as it lies there, all of `v` and nothing else is: `v` itself unless that is a view of it.
VertexId seen_through(const Draft& draft, VertexId v);

}  // namespace gradus::plan
