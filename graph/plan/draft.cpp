#include <gradus/graph/plan/draft.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

#include <gradus/graph/error.h>

namespace gradus::plan {

std::span<const Pass> passes() {
  static constexpr std::array<Pass, 11> list{{
      {"simplify", simplify, true},
      {"sum_calls", sum_calls, true},
      {"layout", layout, false},
      {"fuse", fuse, true},
      {"prologue", prologue, true},
      {"side_values", side_values, true},
      {"epilogue", epilogue, true},
      {"accumulate", accumulate, true},
      {"overwrite", overwrite, false},
      {"schedule", schedule, false},
      {"place", place, false},
  }};
  return list;
}

namespace {

// The layout pass asks about this part of itself.
constexpr std::string_view part_of_layout = "arrange";

bool is_optional(std::string_view name) {
  return name == part_of_layout ||
         std::ranges::any_of(passes(), [&](const Pass& pass) { return pass.optional && pass.name == name; });
}

std::string checked(const std::string& names) {
  std::istringstream list(names == "all" ? "" : names);
  for (std::string name; std::getline(list, name, ',');) {
    if (is_optional(name)) continue;
    std::string known;
    for (const Pass& pass : passes()) {
      if (pass.optional) known += std::string(pass.name) + ", ";
    }
    throw ValueError(fmt::format(
        "GRADUS_PASSES names a pass '{}', but must be all, or some of {}{}, with commas between", name, known,
        part_of_layout));
  }
  return names;
}

std::string& enabled_names() {
  static std::string names = [] {
    const char* given = std::getenv("GRADUS_PASSES");
    return given ? checked(given) : "all";
  }();
  return names;
}

}  // namespace

void set_passes(const std::string& names) {
  enabled_names() = checked(names);
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
  const NumberClass known = number_class(*node);
  vertex.neutral_number = known != NumberClass::none && known != NumberClass::any;
  return vertex;
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
      // A view is one of its first input; the others are for its derivative.
      if (vertex.operation->view) vertex.inputs.resize(1);
    } else {
      vertex.leaf = leaf++;
    }
    draft.order.push_back(v);
  }
  std::vector<bool> depends(recording.nodes.size(), false);
  for (const auto& assigned : recording.assigned) depends[assigned.parameter] = true;
  spread_to_readers(recording, depends);
  for (const std::uint32_t position : recording.kept) draft.outputs.push_back({position, depends[position]});
  for (const auto& assigned : recording.assigned) draft.assignments.push_back({assigned.value, assigned.parameter});
  return draft;
}

bool FusedInstruction::is_elementwise() const {
  return operation->is_elementwise();
}

int DraftVertex::kernel_instruction() const {
  const auto found = std::find_if(fused.begin(), fused.end(), [](const auto& one) { return !one.is_elementwise(); });
  return found == fused.end() ? -1 : static_cast<int>(found - fused.begin());
}

VertexId Draft::step_of(VertexId v) const {
  const VertexId memory = memory_of(v);
  return graph[memory].is_side() ? graph[memory].host : memory;
}

FusedInstruction Draft::instruction_of(VertexId step) const {
  const DraftVertex& vertex = graph[step];
  // Conditions come first, so the last input tells which function of the family is meant.
  FusedInstruction instruction{.operation = vertex.operation, .dtype = vertex.dtype, .inputs = {}, .value = step};
  if (!vertex.inputs.empty()) instruction.tile_dtype = graph[vertex.inputs.back()].dtype;
  for (std::size_t i = 0; i < vertex.inputs.size(); ++i) instruction.inputs.push_back(static_cast<int>(i));
  return instruction;
}

boost::container::small_vector<VertexId, 2> Draft::written_by(VertexId step) const {
  const DraftVertex& vertex = graph[step];
  boost::container::small_vector<VertexId, 2> written;
  if (!vertex.accumulation) {
    const int kernel = vertex.kernel_instruction();
    for (std::size_t k = 0; k + 1 < vertex.fused.size(); ++k) {
      const VertexId value = vertex.fused[k].value;
      if (static_cast<int>(k) == kernel || !graph[value].dead) written.push_back(value);
    }
  }
  written.push_back(step);
  return written;
}

bool Draft::kernel_reads(VertexId step, std::size_t input) const {
  const DraftVertex& vertex = graph[step];
  if (vertex.fused.empty()) return !vertex.operation || !vertex.operation->is_elementwise();
  for (int k = vertex.kernel_instruction(); k >= 0; --k) {
    const auto& inputs = vertex.fused[static_cast<std::size_t>(k)].inputs;
    if (std::find(inputs.begin(), inputs.end(), static_cast<int>(input)) != inputs.end()) return true;
  }
  return false;
}

void Draft::bury_the_dead() {
  std::vector<bool> alive(boost::num_vertices(graph), false);
  std::vector<VertexId> open;
  const auto visit = [&](VertexId v) {
    if (!alive[v]) open.push_back(v);
    alive[v] = true;
  };
  for (const Output& output : outputs) visit(output.vertex);
  for (const Assignment& assignment : assignments) {
    visit(assignment.value);
    visit(assignment.parameter);
  }
  while (!open.empty()) {
    const VertexId v = open.back();
    open.pop_back();
    for (const VertexId input : graph[v].inputs) visit(input);
  }
  std::erase_if(order, [&](VertexId v) {
    graph[v].dead = !alive[v];
    return !alive[v];
  });
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

VertexId Draft::add_view(VertexId v, const Layout& layout) {
  DraftVertex view;
  view.dtype = graph[v].dtype;
  view.shape = layout.shape;
  view.layout = layout;
  view.base = memory_of(v);
  view.storage = Storage::none;
  view.inputs.push_back(v);
  return add(view);
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
