#include <gradus/graph/plan/kernels.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/graph/plan/cost_model.h>
#include <gradus/graph/plan/elementwise_kernel.h>
#include <gradus/graph/plan/gather.h>

namespace gradus::plan {

namespace {

std::vector<FusedInstruction> instructions_of(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  if (!vertex.fused.empty()) return vertex.fused;
  // Conditions come first, so the last input tells which function of the family is meant.
  FusedInstruction only{
      .operation = vertex.operation,
      .dtype = vertex.dtype,
      .tile_dtype = draft[vertex.inputs.back()].dtype,
      .inputs = {}};
  for (std::size_t i = 0; i < vertex.inputs.size(); ++i) only.inputs.push_back(static_cast<int>(i));
  return {only};
}

KernelPointer elementwise_kernel_of(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  ElementwiseProgram program{.shape = vertex.shape, .inputs = {}, .instructions = {}, .outputs = {}};
  for (const VertexId input : vertex.inputs) {
    program.inputs.push_back({broadcast_layout(draft[input].layout, vertex.shape), draft[input].dtype});
  }
  const int first_result = static_cast<int>(program.inputs.size());
  for (const FusedInstruction& fused : instructions_of(draft, v)) {
    ElementwiseProgram::Instruction instruction{
        .tile = fused.operation->tiles[static_cast<std::size_t>(fused.tile_dtype)], .inputs = {}, .dtype = fused.dtype};
    for (const int input : fused.inputs) instruction.inputs.push_back(input >= 0 ? input : first_result + ~input);
    program.instructions.push_back(std::move(instruction));
  }
  program.outputs.push_back(first_result + static_cast<int>(program.instructions.size()) - 1);
  return elementwise_kernel(std::move(program));
}

KernelPointer kernel_of(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  if (vertex.is_copy()) return copy_kernel(draft[vertex.inputs[0]].layout, vertex.dtype);
  if (vertex.operation->is_elementwise()) return elementwise_kernel_of(draft, v);
  if (vertex.operation->prepare) return vertex.operation->prepare(request_for(draft, v));
  throw Error(
      fmt::format("{}: has no kernel: give .prepare, .view, .expand, or tiles (elementwise)", vertex.operation->name));
}

// What passes through the step; of a broadcast input, what is there.
double bytes_passed(const Draft& draft, VertexId v) {
  Index bytes = draft[v].bytes();
  for (const VertexId input : draft[v].inputs)
    bytes += std::min(draft[input].bytes(), draft[draft.memory_of(input)].bytes());
  return static_cast<double>(bytes);
}

double elementwise_cost(const Draft& draft, VertexId v) {
  const MachineCosts& costs = machine_costs();
  double entry = 0;
  for (const FusedInstruction& instruction : instructions_of(draft, v)) {
    const auto measured = costs.entry_of.find(instruction.operation->name);
    const double width = static_cast<double>(bytes_of(instruction.tile_dtype)) / 4;
    entry += width * (measured == costs.entry_of.end() ? costs.entry : measured->second);
  }
  return entry * static_cast<double>(draft[v].shape.count()) + costs.passed_byte * bytes_passed(draft, v);
}

double estimated_cost(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  const MachineCosts& costs = machine_costs();
  if (const double own = vertex.kernel->cost(); own > 0) return costs.step + costs.estimated * own;
  if (vertex.is_copy()) return costs.step + costs.gathered_byte * bytes_passed(draft, v);
  if (vertex.operation->is_elementwise()) return costs.step + elementwise_cost(draft, v);
  return costs.step + costs.reduced_byte * bytes_passed(draft, v);
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

void prepare_kernel(Draft& draft, VertexId v) {
  draft[v].kernel = kernel_of(draft, v);
  draft[v].cost = estimated_cost(draft, v);
}

}  // namespace gradus::plan
