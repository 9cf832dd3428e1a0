#include <gradus/graph/plan/kernels.h>

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include <gradus/graph/plan/cost_model.h>
#include <gradus/graph/plan/elementwise_kernel.h>
#include <gradus/graph/product_precision.h>

namespace gradus::plan {

namespace {

// Some instructions of a step as a program of their own, all of one shape.
class ProgramBuilder {
 public:
  ProgramBuilder(const Draft& draft, VertexId step, std::span<const FusedInstruction> instructions, int first)
      : draft_(draft), step_(step), first_(first) {
    program_.shape = draft[instructions.front().value].shape;
    for (const FusedInstruction& fused : instructions) {
      for (const int input : fused.inputs) {
        if (input >= 0 || ~input < first_) sources_.push_back(std::max(input, -1));
      }
    }
    std::sort(sources_.begin(), sources_.end());
    sources_.erase(std::unique(sources_.begin(), sources_.end()), sources_.end());
    for (const int source : sources_) add_input(source);
    for (const FusedInstruction& fused : instructions) add_instruction(fused);
  }

  ElementwiseProgram take() { return std::move(program_); }
  /// Which input of the step each of the program is, in order; −1: what the instruction before the first one made.
  const std::vector<int>& sources() const { return sources_; }

 private:
  void add_input(int source) {
    if (source < 0) {
      const VertexId made = draft_[step_].fused[static_cast<std::size_t>(first_ - 1)].value;
      program_.inputs.push_back({Layout::dense(program_.shape), draft_[made].dtype});
    } else {
      const DraftVertex& read = draft_[draft_[step_].inputs[static_cast<std::size_t>(source)]];
      program_.inputs.push_back({broadcast_layout(read.layout, program_.shape), read.dtype});
    }
  }

  void add_instruction(const FusedInstruction& fused) {
    ElementwiseProgram::Instruction instruction{
        .operation = fused.operation,
        .tile = fused.operation->tiles[static_cast<std::size_t>(fused.tile_dtype)],
        .inputs = {},
        .dtype = fused.dtype};
    for (const int input : fused.inputs) instruction.inputs.push_back(register_of(input));
    const int result = static_cast<int>(program_.inputs.size() + program_.instructions.size());
    if (fused.value == step_ || !draft_[fused.value].dead) program_.outputs.push_back(result);
    program_.instructions.push_back(std::move(instruction));
  }

  int register_of(int input) const {
    if (input < 0 && ~input >= first_) return static_cast<int>(program_.inputs.size()) + ~input - first_;
    const auto found = std::find(sources_.begin(), sources_.end(), std::max(input, -1));
    return static_cast<int>(found - sources_.begin());
  }

  const Draft& draft_;
  VertexId step_;
  int first_;  // the step's instruction that is the program's first
  ElementwiseProgram program_;
  std::vector<int> sources_;
};

ElementwiseProgram program_before(const Draft& draft, VertexId v, std::size_t kernel) {
  ProgramBuilder builder(draft, v, std::span(draft[v].fused).first(kernel), 0);
  ElementwiseProgram program = builder.take();
  // Nobody else reads it, so it is not marked as written.
  program.outputs = {static_cast<int>(program.inputs.size() + program.instructions.size()) - 1};
  return program;
}

KernelPointer prepared(const DraftVertex& vertex, KernelRequest request) {
  request.bfloat16 = product_precision() == ProductPrecision::bfloat16;
  if (vertex.operation->prepare) return vertex.operation->prepare(request);
  throw Error(
      fmt::format("{}: has no kernel: give .prepare, .view, .expand, or tiles (elementwise)", vertex.operation->name));
}

// The request of a kernel among the instructions of a step.
KernelRequest request_within(const Draft& draft, VertexId v, std::size_t kernel) {
  const FusedInstruction& fused = draft[v].fused[kernel];
  const DraftVertex& result = draft[fused.value];
  KernelRequest request{
      .inputs = {},
      .dtypes = {},
      .output = Layout::dense(result.shape),
      .dtype = result.dtype,
      .attributes = result.attributes};
  for (const int input : fused.inputs) {
    const auto position = static_cast<std::size_t>(input >= 0 ? input : ~input);
    const VertexId read = input >= 0 ? draft[v].inputs[position] : draft[v].fused[position].value;
    request.inputs.push_back(input >= 0 ? draft[read].layout : Layout::dense(draft[read].shape));
    request.dtypes.push_back(draft[read].dtype);
  }
  if (kernel > 0) request.source = entry_source(program_before(draft, v, kernel));
  return request;
}

KernelPointer accumulating_kernel(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  const auto position = static_cast<std::size_t>(vertex.kernel_instruction());
  KernelRequest request = request_within(draft, v, position);
  request.accumulation = vertex.accumulation;
  return prepared(draft[vertex.fused[position].value], request);
}

std::shared_ptr<const Kernel> kernel_of(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  if (vertex.is_copy()) return copy_kernel(draft[vertex.inputs[0]].layout, vertex.dtype);
  if (vertex.accumulation) return accumulating_kernel(draft, v);
  const int position = vertex.kernel_instruction();
  if (vertex.operation->is_elementwise() && position < 0) {
    if (!vertex.fused.empty()) return elementwise_kernel(ProgramBuilder(draft, v, vertex.fused, 0).take());
    const FusedInstruction only = draft.instruction_of(v);
    return elementwise_kernel(ProgramBuilder(draft, v, std::span(&only, 1), 0).take());
  }
  if (position < 0 || vertex.fused.back().value == vertex.fused[static_cast<std::size_t>(position)].value) {
    return inner_kernel_of(draft, v);
  }
  const auto kernel = static_cast<std::size_t>(position);
  std::shared_ptr<const Kernel> inner = draft[vertex.fused[kernel].value].kernel;
  if (!inner) inner = inner_kernel_of(draft, v);
  ProgramBuilder builder(draft, v, std::span(vertex.fused).subspan(kernel + 1), position + 1);
  std::vector<int> sources = builder.sources();
  return epilogue_kernel(std::move(inner), builder.take(), std::move(sources));
}

}  // namespace

KernelRequest request_for(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  KernelRequest request{
      .inputs = {},
      .dtypes = {},
      .output = Layout::dense(vertex.shape),
      .dtype = vertex.dtype,
      .attributes = vertex.attributes};
  for (const VertexId input : vertex.inputs) {
    request.inputs.push_back(draft[input].layout);
    request.dtypes.push_back(draft[input].dtype);
  }
  return request;
}

std::shared_ptr<const Kernel> inner_kernel_of(const Draft& draft, VertexId v) {
  const int kernel = draft[v].kernel_instruction();
  if (kernel < 0) return prepared(draft[v], request_for(draft, v));
  const auto position = static_cast<std::size_t>(kernel);
  return prepared(draft[draft[v].fused[position].value], request_within(draft, v, position));
}

namespace {

double elementwise_cost(const Draft& draft, VertexId v, const MachineCosts& costs) {
  const DraftVertex& vertex = draft[v];
  if (!vertex.operation || vertex.accumulation) return 0;
  const FusedInstruction only = draft.instruction_of(v);
  double cost = 0;
  for (const FusedInstruction& one : vertex.fused.empty() ? std::span(&only, 1) : std::span(vertex.fused)) {
    if (!one.is_elementwise()) continue;
    const auto measured = costs.entry_of.find(one.operation->name);
    const double entry = measured == costs.entry_of.end() ? costs.entry : measured->second;
    const double width = static_cast<double>(bytes_of(one.tile_dtype)) / 4;
    cost += entry * width * static_cast<double>(draft[one.value].shape.count());
  }
  return cost;
}

// What passes through a step beside what its kernel answers for: of a broadcast input, what is there.
double bytes_passed(const Draft& draft, VertexId v, bool kernel_answers) {
  const DraftVertex& vertex = draft[v];
  Index bytes = 0;
  for (const VertexId written : draft.written_by(v)) bytes += draft[written].bytes();
  for (std::size_t i = 0; i < vertex.inputs.size(); ++i) {
    const VertexId input = vertex.inputs[i];
    if (kernel_answers && draft.kernel_reads(v, i)) continue;
    bytes += std::min(draft[input].bytes(), draft[draft.memory_of(input)].bytes());
  }
  return static_cast<double>(bytes);
}

}  // namespace

// The kernel of a step that is not elementwise alone is known before what is joined to it is.
double estimated_cost(const Draft& draft, VertexId v, const MachineCosts& costs) {
  const DraftVertex& vertex = draft[v];
  const int position = vertex.accumulation ? -1 : vertex.kernel_instruction();
  const auto& kernel =
      position < 0 ? vertex.kernel : draft[vertex.fused[static_cast<std::size_t>(position)].value].kernel;
  const double known = kernel ? costs.estimated * kernel->cost() : 0;
  if (known > 0 && position < 0) return costs.step + known;
  double byte = costs.reduced_byte;
  if (vertex.is_copy()) byte = costs.gathered_byte;
  if (known > 0 || (vertex.operation && vertex.operation->is_elementwise() && position < 0)) byte = costs.passed_byte;
  return costs.step + known + elementwise_cost(draft, v, costs) + byte * bytes_passed(draft, v, known > 0);
}

void prepare_kernel(Draft& draft, VertexId v) {
  if (!draft[v].kernel || draft[v].accumulation) draft[v].kernel = kernel_of(draft, v);
  draft[v].cost = estimated_cost(draft, v, machine_costs());
}

}  // namespace gradus::plan
