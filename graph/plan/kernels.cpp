#include <gradus/graph/plan/kernels.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/graph/plan/elementwise_kernel.h>
#include <gradus/graph/plan/gather.h>

namespace gradus::plan {

namespace {

// What a step costs where its kernel does not say: a fixed part, and the bytes that pass.
constexpr double ns_per_step = 25, ns_per_byte = 0.08;

KernelPointer elementwise_kernel_of(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  ElementwiseProgram program{.shape = vertex.shape, .inputs = {}, .instructions = {}, .outputs = {}};
  ElementwiseProgram::Instruction instruction{.tile = nullptr, .inputs = {}, .dtype = vertex.dtype};
  for (const VertexId input : vertex.inputs) {
    instruction.inputs.push_back(static_cast<int>(program.inputs.size()));
    program.inputs.push_back({broadcast_layout(draft[input].layout, vertex.shape), draft[input].dtype});
  }
  // Conditions come first, so the last input tells which function of the family is meant.
  const Dtype dtype = draft[vertex.inputs.back()].dtype;
  instruction.tile = vertex.operation->tiles[static_cast<std::size_t>(dtype)];
  program.outputs.push_back(static_cast<int>(program.inputs.size()));
  program.instructions.push_back(std::move(instruction));
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

double estimated_cost(const Draft& draft, VertexId v) {
  const DraftVertex& vertex = draft[v];
  if (const double cost = vertex.kernel->cost(); cost > 0) return ns_per_step + cost;
  Index bytes = vertex.bytes();
  for (const VertexId input : vertex.inputs)
    bytes += std::min(draft[input].bytes(), draft[draft.memory_of(input)].bytes());
  return ns_per_step + ns_per_byte * static_cast<double>(bytes);
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
