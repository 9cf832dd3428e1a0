#include <gradus/graph/plan/join.h>

namespace gradus::plan {

// Elementwise steps join the only step that reads them, if that one is elementwise and of the same shape: what lies
// between them never leaves the cache.
void fuse(Draft& draft) {
  join_elementwise(draft, [](const Joiner& joiner, VertexId producer, VertexId input) {
    return producer == input && joiner.readers(producer) == 1;
  });
}

}  // namespace gradus::plan
