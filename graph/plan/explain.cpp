#include <sstream>

#include <fmt/format.h>
#include <boost/graph/graphviz.hpp>

#include <gradus/graph/batch/cells.h>
#include <gradus/graph/plan/plan.h>

namespace gradus {

namespace plan {

std::string operation_name(const DraftVertex& vertex) {
  if (!vertex.fused.empty()) {
    std::string names;
    for (const auto& instruction : vertex.fused) {
      names += fmt::format("{}{}", names.empty() ? "" : " → ", instruction.operation->name);
    }
    return names;
  }
  if (vertex.operation) return std::string(vertex.operation->name);
  if (vertex.is_copy()) return "copy";
  return vertex.storage == Storage::number ? "number" : vertex.kind == NodeKind::parameter ? "parameter" : "constant";
}

}  // namespace plan

namespace {

using plan::Draft;
using plan::DraftVertex;
using plan::Storage;
using plan::VertexId;

std::string_view place_name(Storage storage) {
  switch (storage) {
    case Storage::none:
      return "view";
    case Storage::leaf:
      return "leaf";
    case Storage::number:
      return "number";
    case Storage::arena:
      return "arena";
    case Storage::output:
      return "kept";
    case Storage::parameter:
      return "parameter, in place";
  }
  return "";
}

std::string step_text(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  std::string inputs;
  for (const VertexId input : vertex.inputs) inputs += fmt::format("{}%{}", inputs.empty() ? "" : ", ", input);
  const std::string where = vertex.storage == Storage::arena ? fmt::format("arena +{}", vertex.offset)
                                                             : std::string(place_name(vertex.storage));
  std::string values;
  for (const VertexId written : draft.written_by(v)) {
    if (!draft[written].dead) values += fmt::format("{}%{}", values.empty() ? "" : ", ", written);
  }
  return fmt::format(
      "task {:<3} {:<5} = {}({})  {} {}  {}  {:.2f} µs", vertex.task, values, operation_name(vertex), inputs,
      name_of(vertex.dtype), vertex.shape.text(), where, vertex.cost / 1000);
}

std::string drawing(const Draft& draft) {
  std::ostringstream text;
  const auto& graph = draft.graph;
  boost::write_graphviz(
      text, graph,
      [&](std::ostream& out, VertexId v) {
        const DraftVertex& vertex = graph[v];
        if (vertex.dead) {
          out << "[style=invis]";
          return;
        }
        const char* colour = vertex.is_leaf()     ? "#E69F00"
                             : vertex.is_view()   ? "#BBBBBB"
                             : vertex.output >= 0 ? "#009E73"
                                                  : "#56B4E9";
        out << fmt::format(
            "[label=\"{}\\n{} {}\", style=filled, fillcolor=\"{}\", shape={}]", operation_name(vertex),
            name_of(vertex.dtype), vertex.shape.text(), colour, vertex.is_leaf() ? "ellipse" : "box");
      },
      [&](std::ostream& out, const auto& edge) {
        const VertexId before = static_cast<VertexId>(boost::source(edge, graph));
        const auto& inputs = graph[static_cast<VertexId>(boost::target(edge, graph))].inputs;
        if (std::find(inputs.begin(), inputs.end(), before) == inputs.end()) out << "[style=dashed]";
      },
      [](std::ostream& out) { out << "rankdir=TB; node [fontname=\"DejaVu Sans\", fontsize=10];\n"; });
  return text.str();
}

Explanation explanation_of(Draft& draft) {
  plan::connect(draft);
  Explanation explanation{
      .recorded = draft.recorded,
      .steps = 0,
      .tasks = draft.tasks,
      .work = draft.work / 1000,
      .span = draft.span / 1000,
      .width = draft.width,
      .arena_bytes = draft.arena_bytes,
      .unshared_bytes = draft.unshared_bytes,
      .parallel = draft.concurrency == plan::Concurrency::sure,
      .tried = draft.concurrency == plan::Concurrency::tried,
      .batches = 0,
      .step_texts = {},
      .dot = drawing(draft)};
  for (const VertexId v : draft.order) {
    if (!draft[v].is_step()) continue;
    explanation.step_texts.push_back(step_text(draft, v));
    ++explanation.steps;
  }
  return explanation;
}

}  // namespace

Explanation explain(const Tensors& tensors, Where where) {
  plan::Recording recording;
  Tensors alive;
  Index batches = 0;
  {
    const std::scoped_lock lock(graph_mutex());
    plan::record(tensors, {}, where, recording);
    for (Node* node : recording.nodes) alive.push_back(share(node));
    batch::CellGraph cells;
    batch::find_cells(recording, *batch::CellTable::current(), cells);
    if (batch::is_repetitive(cells)) batches = static_cast<Index>(cells.group_count);
  }
  Draft draft = plan::planned(recording);
  Explanation explanation = explanation_of(draft);
  explanation.batches = batches;
  return explanation;
}

std::string Explanation::text() const {
  const char* where = parallel ? "on TBB" : tried ? "on TBB if that proves faster" : "in order on the calling thread";
  std::string text = fmt::format(
      "{} nodes recorded, {} steps in {} task{} ({}), work {:.1f} µs, span {:.1f} µs, width {}, arena {} bytes ({} "
      "without reuse)\n",
      recorded, steps, tasks, tasks == 1 ? "" : "s", where, work, span, width, arena_bytes, unshared_bytes);
  if (batches > 0) {
    text +=
        fmt::format("it repeats itself: it is run as {} batches of equal cells, and this plan stays unused\n", batches);
  }
  for (const std::string& step : step_texts) text += step + "\n";
  return text;
}

}  // namespace gradus
