#include <gradus/graph/plan/arrange.h>
#include <gradus/graph/plan/kernels.h>

namespace gradus::plan {

namespace {

class LayoutPass {
 public:
  explicit LayoutPass(Draft& draft) : draft_(draft), dense_copy_(boost::num_vertices(draft.graph), no_vertex) {}

  void run() {
    std::vector<VertexId> old_order = std::move(draft_.order);
    draft_.order.clear();
    const bool arranges = is_enabled({.name = "arrange", .run = nullptr, .optional = true});
    for (const VertexId v : old_order) {
      if (draft_[v].operation) {
        for (VertexId& input : draft_[v].inputs) input = seen_through(draft_, input);
      }
      if (draft_[v].operation && draft_[v].operation->view) {
        make_view(v);
      } else if (draft_[v].operation && draft_[v].operation->is_elementwise()) {
        if (arranges) arrange(draft_, v);
      } else if (draft_[v].operation) {
        make_inputs_acceptable(v);
      }
      draft_.order.push_back(v);
    }
    for (auto& output : draft_.outputs) output.vertex = own_memory(output.vertex);
  }

 private:
  // A dense copy of a value, made once.
  VertexId dense_copy(VertexId v) {
    dense_copy_.resize(boost::num_vertices(draft_.graph), no_vertex);
    if (dense_copy_[v] != no_vertex) return dense_copy_[v];
    const VertexId added = draft_.add_copy(v);
    return dense_copy_[v] = added;
  }

  void make_view(VertexId v) {
    const Operation* operation = draft_[v].operation;
    const auto view = [&] {
      const DraftVertex& vertex = draft_[v];
      return operation->view({draft_[vertex.inputs[0]].layout, vertex.shape, vertex.attributes});
    };
    auto layout = view();
    if (!layout) {
      const VertexId copy = dense_copy(draft_[v].inputs[0]);
      draft_[v].inputs[0] = copy;
      layout = view();
    }
    DraftVertex& vertex = draft_[v];
    vertex.layout = *layout;
    vertex.base = draft_.memory_of(vertex.inputs[0]);
    vertex.storage = Storage::none;
  }

  void make_inputs_acceptable(VertexId v) {
    const std::size_t count = draft_[v].inputs.size();
    for (std::size_t i = 0; i < count; ++i) {
      const VertexId input = draft_[v].inputs[i];
      if (draft_[input].layout.is_dense()) continue;
      const Operation& operation = *draft_[v].operation;
      if (operation.accepts && operation.accepts(static_cast<int>(i), request_for(draft_, v))) continue;
      const VertexId copy = dense_copy(input);
      draft_[v].inputs[i] = copy;
    }
  }

  // Kept values get buffers of their own: leaves and views are copied.
  VertexId own_memory(VertexId v) { return draft_[v].is_view() || draft_[v].is_leaf() ? dense_copy(v) : v; }

  Draft& draft_;
  std::vector<VertexId> dense_copy_;
};

}  // namespace

void layout(Draft& draft) {
  LayoutPass(draft).run();
}

}  // namespace gradus::plan
