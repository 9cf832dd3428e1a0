#include <gradus/graph/plan/cost_model.h>
#include <gradus/graph/plan/plan.h>

namespace gradus::plan {

Draft planned(const Recording& recording) {
  Draft draft = draft_of(recording);
  for (const Pass& pass : passes()) {
    if (is_enabled(pass)) pass.run(draft);
  }
  return draft;
}

namespace {

class Compiler {
 public:
  Compiler(const Draft& draft, Plan& plan) : draft_(draft), plan_(plan) {}

  void run() {
    number_buffers();
    for (const VertexId v : draft_.order) {
      const DraftVertex& vertex = draft_[v];
      if (vertex.storage == Storage::number) {
        plan_.numbers.push_back({static_cast<std::uint32_t>(vertex.leaf), vertex.offset, vertex.dtype});
      }
      if (vertex.is_step()) add_step(v);
    }
    plan_.arena_bytes = draft_.arena_bytes;
    plan_.concurrency = draft_.concurrency;
    plan_.tasks = draft_.tasks;
    plan_.task_edges = draft_.task_edges;
    if (plan_.concurrency != Concurrency::none) mark_tasks();
  }

 private:
  void number_buffers() {
    std::vector<int> owner(boost::num_vertices(draft_.graph), -1);
    for (const auto& output : draft_.outputs) {
      int& buffer = owner[output.vertex];
      const bool shared = buffer >= 0;
      if (!shared) buffer = static_cast<int>(plan_.buffer_count++);
      plan_.outputs.push_back(
          {.buffer = static_cast<std::uint32_t>(buffer),
           .bytes = shared ? -1 : draft_[output.vertex].bytes(),
           .depends_on_assigned = output.depends_on_assigned});
    }
    buffer_of_ = std::move(owner);
  }

  void add_step(VertexId v) {
    const DraftVertex& vertex = draft_[v];
    Plan::Step step{
        .kernel = vertex.kernel,
        .first_operand = static_cast<std::uint32_t>(plan_.operand_template.size()),
        .input_count = static_cast<std::uint32_t>(vertex.inputs.size()),
        .parts = vertex.kernel->parts(),
        .splits = splits(vertex),
        .has_scratch = vertex.kernel->scratch_bytes() > 0,
        .task = vertex.task};
    for (const VertexId input : vertex.inputs) {
      const DraftVertex& read = draft_[input];
      add_operand(draft_.memory_of(input), read.layout.offset * bytes_of(read.dtype));
    }
    for (const VertexId written : draft_.written_by(v)) add_operand(draft_.memory_of(written), 0);
    if (step.has_scratch) plan_.operand_template.push_back(reinterpret_cast<void*>(vertex.scratch));
    plan_.splits = plan_.splits || (step.splits && vertex.cost >= worth_waking(machine_costs().tasks));
    plan_.steps.push_back(std::move(step));
  }

  // Shorter kernels are not worth handing out, and shorter ones than the second are over before a thread has woken up:
  // there must be one of those in a plan.
  static bool splits(const DraftVertex& vertex) {
    return vertex.kernel->parts() > 1 && vertex.cost >= worth_sharing(machine_costs().tasks);
  }
  static double worth_sharing(const TaskCosts& costs) { return 5 * costs.hand_over; }
  static double worth_waking(const TaskCosts& costs) { return 2.5 * costs.wake; }

  void add_operand(VertexId memory, Index offset) {
    const DraftVertex& vertex = draft_[memory];
    const auto operand = static_cast<std::uint32_t>(plan_.operand_template.size());
    Index in_arena = 0;
    switch (vertex.storage) {
      case Storage::leaf:
        plan_.leaf_patches.push_back({operand, static_cast<std::uint32_t>(vertex.leaf), offset});
        break;
      case Storage::parameter: {
        const VertexId parameter = draft_.assignments[static_cast<std::size_t>(vertex.assigned)].parameter;
        plan_.leaf_patches.push_back({operand, static_cast<std::uint32_t>(draft_[parameter].leaf), offset});
        break;
      }
      case Storage::output:
        plan_.output_patches.push_back({operand, static_cast<std::uint32_t>(buffer_of_[memory]), offset});
        break;
      default:
        in_arena = vertex.offset + offset;
    }
    plan_.operand_template.push_back(reinterpret_cast<void*>(in_arena));
  }

  void mark_tasks() {
    plan_.task_begin.assign(static_cast<std::size_t>(plan_.tasks) + 1, 0);
    for (std::uint32_t i = 0; i < plan_.steps.size(); ++i) {
      plan_.task_begin[static_cast<std::size_t>(plan_.steps[i].task) + 1] = i + 1;
    }
  }

  const Draft& draft_;
  Plan& plan_;
  std::vector<int> buffer_of_;
};

}  // namespace

namespace {

std::shared_ptr<const StepLabels> labels_of(const Draft& draft, const Recording& recording) {
  auto labels = std::make_shared<StepLabels>();
  for (const VertexId v : draft.order) {
    const DraftVertex& vertex = draft[v];
    if (!vertex.is_step()) continue;
    StepLabel label{
        .operations = operation_name(vertex),
        .node = {},
        .shape = vertex.shape.text(),
        .entries = vertex.shape.count(),
        .bytes = vertex.bytes()};
    for (const VertexId input : vertex.inputs) label.bytes += draft[input].bytes();
    if (v < recording.nodes.size()) label.node = share(recording.nodes[v]).name();
    labels->push_back(std::move(label));
  }
  return labels;
}

}  // namespace

std::shared_ptr<const Plan> compile(const Draft& draft, const Recording& recording) {
  auto plan = std::make_shared<Plan>();
  if (tracing.load(std::memory_order_relaxed)) plan->labels = labels_of(draft, recording);
  Compiler(draft, *plan).run();
  return plan;
}

}  // namespace gradus::plan
