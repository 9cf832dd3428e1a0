#include <gradus/graph/plan/join.h>

namespace gradus::plan {

namespace {

bool join_one_of_the_inputs(const Draft& draft, Joiner& joiner, VertexId reader) {
  for (const VertexId input : draft[reader].inputs) {
    const VertexId producer = joiner.producer_of(input, reader);
    if (producer != input || joiner.readers(producer) != 1 || !joiner.is_elementwise(producer)) continue;
    if (joiner.try_join(producer, reader)) return true;
  }
  return false;
}

}  // namespace

// Elementwise steps join the only step that reads them, if that one is elementwise and of the same shape: what lies
// between them never leaves the cache.
void fuse(Draft& draft) {
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
