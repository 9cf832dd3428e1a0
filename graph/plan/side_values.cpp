#include <gradus/graph/plan/join.h>

namespace gradus::plan {

// Elementwise steps whose value several want join the first of their readers that can take them: the value is written,
// but that reader has it at hand.
void side_values(Draft& draft) {
  join_elementwise(draft, [](const Joiner&, VertexId, VertexId) { return true; });
}

}  // namespace gradus::plan
