#include <gradus/graph/plan/join.h>
#include <gradus/graph/plan/kernels.h>

namespace gradus::plan {

namespace {

// A reduction to few entries has one part; what could have been shared out among threads should not join it.
constexpr Index most_entries_of_one_part = 1 << 20;

}  // namespace

// Elementwise steps join the reduction that alone reads them: it asks for their entries tile by tile, in the order in
// which it would have read them from memory.
void prologue(Draft& draft) {
  Joiner joiner(draft);
  for (std::size_t i = 0; i < draft.order.size(); ++i) {
    const VertexId v = draft.order[i];
    const DraftVertex& reduction = draft[v];
    if (!reduction.is_step() || !reduction.operation || !reduction.operation->streams) continue;
    if (reduction.inputs.size() != 1 || !reduction.fused.empty()) continue;
    const VertexId producer = reduction.inputs[0];
    if (!joiner.is_elementwise(producer) || joiner.readers(producer) != 1) continue;
    if (draft[producer].shape.count() > most_entries_of_one_part) continue;
    if (!reduction.operation->streams(request_for(draft, v))) continue;
    joiner.try_join(producer, v);
  }
  joiner.finish();
}

}  // namespace gradus::plan
