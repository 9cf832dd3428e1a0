#include <gradus/graph/plan/join.h>

namespace gradus::plan {

namespace {

bool join_one_of_the_inputs(const Draft& draft, Joiner& joiner, VertexId reader) {
  for (const VertexId input : draft[reader].inputs) {
    const VertexId producer = joiner.producer_of(input, reader);
    if (producer == no_vertex || !joiner.is_elementwise(producer)) continue;
    if (joiner.try_join(producer, reader)) return true;
  }
  return false;
}

}  // namespace

// Elementwise steps whose value several want join the first of their readers that can take them: the value is written,
// but that reader has it at hand.
void side_values(Draft& draft) {
  Joiner joiner(draft);
  for (std::size_t i = 0; i < draft.order.size(); ++i) {
    const VertexId v = draft.order[i];
    if (!joiner.is_elementwise(v)) continue;
    while (join_one_of_the_inputs(draft, joiner, v)) {
    }
  }
  joiner.finish();
}

}  // namespace gradus::plan
