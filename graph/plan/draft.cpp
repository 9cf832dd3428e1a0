#include <gradus/graph/plan/draft.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

namespace gradus::plan {

std::span<const Pass> passes() {
  static constexpr std::array<Pass, 6> list{{
      {"simplify", simplify, true},
      {"layout", layout, false},
      {"fuse", fuse, true},
      {"overwrite", overwrite, false},
      {"schedule", schedule, false},
      {"place", place, false},
  }};
  return list;
}

namespace {

std::string& enabled_names() {
  static std::string names = [] {
    const char* given = std::getenv("GRADUS_PASSES");
    return std::string(given ? given : "all");
  }();
  return names;
}

}  // namespace

void set_passes(const std::string& names) {
  enabled_names() = names;
}

bool is_enabled(const Pass& pass) {
  if (!pass.optional || enabled_names() == "all") return true;
  std::istringstream names(enabled_names());
  for (std::string name; std::getline(names, name, ',');) {
    if (name == pass.name) return true;
  }
  return false;
}

namespace {

DraftVertex vertex_of(const Node* node, bool leaf) {
  DraftVertex vertex;
  vertex.kind = node->kind;
  vertex.dtype = node->dtype;
  vertex.shape = node->shape;
  vertex.layout = Layout::dense(node->shape);
  if (!leaf) {
    vertex.operation = node->operation;
    vertex.attributes = node->attributes;
    return vertex;
  }
  vertex.storage = node->is_number() ? Storage::number : Storage::leaf;
  vertex.number = node->number;
  vertex.neutral_number =
      node->kind == NodeKind::number && (node->number == 0 || node->number == 1 || node->number == -1);
  return vertex;
}

// Which nodes an assignment leaves behind: those made from a parameter that is about to move on.
std::vector<bool> depend_on_assigned(const Recording& recording) {
  std::vector<bool> depends(recording.nodes.size(), false);
  for (const auto& assigned : recording.assigned) depends[assigned.parameter] = true;
  std::size_t edge = 0;
  for (std::size_t i = 0; i < recording.nodes.size(); ++i) {
    if (recording.input_counts[i] == Recording::leaf) continue;
    for (std::uint32_t k = 0; k < recording.input_counts[i]; ++k) {
      if (depends[recording.edges[edge++]]) depends[i] = true;
    }
  }
  return depends;
}

}  // namespace

Draft draft_of(const Recording& recording) {
  Draft draft;
  draft.graph = DraftGraph(recording.nodes.size());
  draft.recorded = static_cast<Index>(recording.nodes.size());
  std::size_t edge = 0;
  int leaf = 0;
  for (VertexId v = 0; v < recording.nodes.size(); ++v) {
    const std::uint32_t input_count = recording.input_counts[v];
    DraftVertex& vertex = draft[v] = vertex_of(recording.nodes[v], input_count == Recording::leaf);
    if (vertex.operation) {
      for (std::uint32_t k = 0; k < input_count; ++k) vertex.inputs.push_back(recording.edges[edge++]);
    } else {
      vertex.leaf = leaf++;
    }
    draft.order.push_back(v);
  }
  const std::vector<bool> depends = depend_on_assigned(recording);
  for (const std::uint32_t position : recording.kept) draft.outputs.push_back({position, depends[position]});
  for (const auto& assigned : recording.assigned) draft.assignments.push_back({assigned.value, assigned.parameter});
  return draft;
}

VertexId Draft::add(const DraftVertex& vertex) {
  const auto added = static_cast<VertexId>(boost::add_vertex(vertex, graph));
  order.push_back(added);
  return added;
}

VertexId Draft::add_copy(VertexId v) {
  DraftVertex copy;
  copy.dtype = graph[v].dtype;
  copy.shape = graph[v].shape;
  copy.layout = Layout::dense(copy.shape);
  copy.inputs.push_back(v);
  return add(copy);
}

void connect(Draft& draft) {
  for (const VertexId v : draft.order) boost::clear_vertex(v, draft.graph);
  for (const VertexId v : draft.order) {
    const auto& inputs = draft[v].inputs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (std::find(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(i), inputs[i]) !=
          inputs.begin() + static_cast<std::ptrdiff_t>(i))
        continue;
      boost::add_edge(inputs[i], v, draft.graph);
    }
  }
  for (const auto& [before, after] : draft.hazards) boost::add_edge(before, after, draft.graph);
}

}  // namespace gradus::plan
