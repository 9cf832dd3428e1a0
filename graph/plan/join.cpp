#include <gradus/graph/plan/join.h>

#include <algorithm>

namespace gradus::plan {

namespace {

// More than these and the registers of a tile no longer fit the L1 cache.
constexpr std::size_t most_inputs = 16, most_instructions = 32;
// Steps further apart are not looked at: finding out what lies between would cost more than joining saves.
constexpr std::uint32_t most_apart = 256;

}  // namespace

Joiner::Joiner(Draft& draft)
    : draft_(draft),
      readers_(boost::num_vertices(draft.graph), 0),
      position_(readers_.size(), 0),
      marked_(readers_.size(), 0) {
  for (std::uint32_t i = 0; i < draft_.order.size(); ++i) {
    const VertexId v = draft_.order[i];
    position_[v] = i;
    if (!draft_[v].is_side()) count(draft_[v].inputs, 1);
  }
  for (const auto& output : draft_.outputs) readers_[output.vertex] += 2;
  for (const auto& assignment : draft_.assignments) readers_[assignment.value] += 2;
}

void Joiner::count(const boost::container::small_vector<VertexId, 3>& inputs, int by) {
  for (auto input = inputs.begin(); input != inputs.end(); ++input) {
    if (std::find(inputs.begin(), input, *input) == input) readers_[*input] += by;
  }
}

bool Joiner::is_elementwise(VertexId v) const {
  const DraftVertex& vertex = draft_[v];
  return vertex.is_step() && vertex.operation && vertex.operation->is_elementwise() && vertex.kernel_instruction() < 0;
}

bool Joiner::has_kernel(VertexId v) const {
  const DraftVertex& vertex = draft_[v];
  if (!vertex.is_step() || !vertex.operation) return false;
  return vertex.fused.empty() ? vertex.operation->prepare != nullptr : vertex.kernel_instruction() >= 0;
}

VertexId Joiner::producer_of(VertexId input, VertexId reader) const {
  if (draft_[input].is_view() || draft_[input].is_leaf()) return no_vertex;
  const VertexId step = draft_.step_of(input);
  return draft_[step].shape == draft_[reader].shape ? step : no_vertex;
}

Joiner::Program Joiner::take_program(VertexId v) {
  DraftVertex& vertex = draft_[v];
  count(vertex.inputs, -1);
  if (vertex.fused.empty()) vertex.fused.push_back(draft_.instruction_of(v));
  return {std::move(vertex.inputs), std::move(vertex.fused)};
}

// Both programs together, before either is touched.
bool Joiner::fits(VertexId producer, VertexId reader) const {
  const DraftVertex &first = draft_[producer], &second = draft_[reader];
  const auto length = [](const DraftVertex& vertex) { return std::max<std::size_t>(vertex.fused.size(), 1); };
  if (length(first) + length(second) > most_instructions) return false;
  std::size_t inputs = first.inputs.size();
  for (const VertexId input : second.inputs) {
    const bool known = std::find(first.inputs.begin(), first.inputs.end(), input) != first.inputs.end();
    if (!known && draft_.step_of(input) != producer) ++inputs;
  }
  return inputs <= most_inputs;
}

// The producer's program as it stands, so that a kernel's inputs stay in front, then the reader's.
Joiner::Program Joiner::joined(VertexId producer, VertexId reader) {
  Program program = take_program(producer);
  Program own = take_program(reader);
  std::vector<int> operands;
  for (const VertexId input : own.inputs) {
    const auto made = std::find_if(
        program.instructions.begin(), program.instructions.end(), [&](const auto& one) { return one.value == input; });
    if (made != program.instructions.end()) {
      operands.push_back(~static_cast<int>(made - program.instructions.begin()));
      continue;
    }
    const auto known = std::find(program.inputs.begin(), program.inputs.end(), input);
    operands.push_back(static_cast<int>(known - program.inputs.begin()));
    if (known == program.inputs.end()) program.inputs.push_back(input);
  }
  const int before = static_cast<int>(program.instructions.size());
  for (FusedInstruction& instruction : own.instructions) {
    for (int& input : instruction.inputs) {
      input = input >= 0 ? operands[static_cast<std::size_t>(input)] : ~(~input + before);
    }
    program.instructions.push_back(std::move(instruction));
  }
  return program;
}

// Whether one step alone reads what the producer makes, so that nothing of it has to be written.
bool Joiner::is_sole_value(VertexId producer) const {
  return readers_[producer] == 1 && draft_.written_by(producer).front() == producer;
}

// What depends on the producer and stands before the reader moves behind it. Values of kernels that are not small would
// wait too long: what they were made from would have to be kept.
bool Joiner::move_readers_behind(VertexId producer, VertexId reader) {
  const std::uint32_t first = position_[producer], last = position_[reader];
  if (last - first > most_apart) return false;
  ++walk_;
  marked_[producer] = walk_;
  std::vector<VertexId> before, own{producer}, behind;
  const auto depends = [&](VertexId v) {
    return std::any_of(
        draft_[v].inputs.begin(), draft_[v].inputs.end(), [&](VertexId i) { return marked_[i] == walk_; });
  };
  for (std::uint32_t i = first + 1; i < last; ++i) {
    const VertexId v = draft_.order[i];
    if (draft_[v].dead || !depends(v)) {
      before.push_back(v);
      continue;
    }
    marked_[v] = walk_;
    if (draft_[v].host == producer) {
      own.push_back(v);
      continue;
    }
    if (has_kernel(v) && draft_[v].bytes() * 4 > draft_[reader].bytes()) return false;
    behind.push_back(v);
  }
  // The reader may depend on the producer's values only directly.
  for (const VertexId v : own) marked_[v] = 0;
  if (depends(reader)) return false;
  auto place = draft_.order.begin() + first;
  before.push_back(reader);
  for (const auto* group : {&before, &own, &behind}) place = std::copy(group->begin(), group->end(), place);
  for (std::uint32_t i = first; i <= last; ++i) position_[draft_.order[i]] = i;
  return true;
}

bool Joiner::try_join(VertexId producer, VertexId reader) {
  if (!fits(producer, reader)) return false;
  if (!is_sole_value(producer) && !move_readers_behind(producer, reader)) return false;
  Program program = joined(producer, reader);
  count(program.inputs, 1);
  draft_[reader].inputs = std::move(program.inputs);
  draft_[reader].fused = std::move(program.instructions);
  for (const auto& instruction : draft_[reader].fused) {
    if (instruction.value == reader) continue;
    DraftVertex& value = draft_[instruction.value];
    value.fused.clear();
    value.host = reader;
    value.inputs.assign(1, reader);
    value.dead = readers_[instruction.value] == 0;
  }
  return true;
}

void Joiner::finish() {
  std::erase_if(draft_.order, [&](VertexId v) { return draft_[v].dead; });
}

void join_elementwise(Draft& draft, bool (*may_join)(const Joiner& joiner, VertexId producer, VertexId input)) {
  Joiner joiner(draft);
  const auto join_one_of_the_inputs = [&](VertexId reader) {
    for (const VertexId input : draft[reader].inputs) {
      const VertexId producer = joiner.producer_of(input, reader);
      if (producer == no_vertex || !joiner.is_elementwise(producer) || !may_join(joiner, producer, input)) continue;
      if (joiner.try_join(producer, reader)) return true;
    }
    return false;
  };
  for (std::size_t i = 0; i < draft.order.size(); ++i) {
    const VertexId v = draft.order[i];
    if (!joiner.is_elementwise(v)) continue;
    while (join_one_of_the_inputs(v)) {
    }
  }
  joiner.finish();
}

}  // namespace gradus::plan
