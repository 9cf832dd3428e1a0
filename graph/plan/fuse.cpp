#include <algorithm>

#include <gradus/graph/plan/draft.h>

namespace gradus::plan {

namespace {

// More than these and the registers of a tile no longer fit the L1 cache.
constexpr std::size_t most_inputs = 8, most_instructions = 12;

// Elementwise steps join the only step that reads them, if that one is elementwise and of the same shape: nothing is
// computed twice, and what lies between them never leaves the cache.
class FusePass {
 public:
  explicit FusePass(Draft& draft) : draft_(draft), readers_(boost::num_vertices(draft.graph), 0) {}

  void run() {
    count_readers();
    for (const VertexId v : draft_.order) {
      if (is_elementwise(v)) absorb_inputs(v);
    }
    std::erase_if(draft_.order, [&](VertexId v) { return draft_[v].dead; });
  }

 private:
  struct Program {
    boost::container::small_vector<VertexId, 3> inputs;
    std::vector<FusedInstruction> instructions;
  };

  bool is_elementwise(VertexId v) const {
    return draft_[v].is_step() && draft_[v].operation && draft_[v].operation->is_elementwise();
  }

  // Kept and assigned values count as read once more: somebody else wants them.
  void count_readers() {
    for (const VertexId v : draft_.order) {
      auto inputs = draft_[v].inputs;
      std::sort(inputs.begin(), inputs.end());
      inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
      for (const VertexId input : inputs) ++readers_[input];
    }
    for (const auto& output : draft_.outputs) readers_[output.vertex] += 2;
    for (const auto& assignment : draft_.assignments) readers_[assignment.value] += 2;
  }

  Program program_of(VertexId v) const {
    const DraftVertex& vertex = draft_[v];
    if (!vertex.fused.empty()) return {vertex.inputs, vertex.fused};
    FusedInstruction instruction{.operation = vertex.operation, .dtype = vertex.dtype, .inputs = {}};
    instruction.tile_dtype = draft_[vertex.inputs.back()].dtype;
    for (std::size_t i = 0; i < vertex.inputs.size(); ++i) instruction.inputs.push_back(static_cast<int>(i));
    Program program{.inputs = vertex.inputs, .instructions = {}};
    program.instructions.push_back(std::move(instruction));
    return program;
  }

  static int position_of(Program& program, VertexId input) {
    const auto found = std::find(program.inputs.begin(), program.inputs.end(), input);
    if (found == program.inputs.end()) {
      program.inputs.push_back(input);
      return static_cast<int>(program.inputs.size()) - 1;
    }
    return static_cast<int>(found - program.inputs.begin());
  }

  // Appends a program; returns the register of its result, as instructions name it.
  static int append(Program& program, const Program& other) {
    const int before = static_cast<int>(program.instructions.size());
    for (FusedInstruction instruction : other.instructions) {
      for (int& input : instruction.inputs) {
        input = input >= 0 ? position_of(program, other.inputs[static_cast<std::size_t>(input)]) : ~(~input + before);
      }
      program.instructions.push_back(std::move(instruction));
    }
    return ~(static_cast<int>(program.instructions.size()) - 1);
  }

  bool may_join(VertexId producer, VertexId reader) const {
    return is_elementwise(producer) && readers_[producer] == 1 && draft_[producer].shape == draft_[reader].shape;
  }

  void absorb_inputs(VertexId v) {
    const Program own = program_of(v);
    Program program;
    std::vector<VertexId> absorbed;
    std::vector<int> results;  // by input of v
    for (const VertexId input : own.inputs) {
      const auto known = std::find(own.inputs.begin(), own.inputs.end(), input) - own.inputs.begin();
      if (known < static_cast<std::ptrdiff_t>(results.size())) {
        results.push_back(results[static_cast<std::size_t>(known)]);
        continue;
      }
      Program joined = program;
      const bool joins = may_join(input, v);
      const int result = joins ? append(joined, program_of(input)) : position_of(joined, input);
      const std::size_t still_to_come = own.inputs.size() - results.size() - 1;
      if (joins &&
          (joined.inputs.size() + still_to_come > most_inputs || joined.instructions.size() >= most_instructions)) {
        results.push_back(position_of(program, input));
        continue;
      }
      program = std::move(joined);
      results.push_back(result);
      if (joins) absorbed.push_back(input);
    }
    if (absorbed.empty()) return;
    FusedInstruction last = own.instructions.front();
    for (int& input : last.inputs) input = results[static_cast<std::size_t>(input)];
    program.instructions.push_back(std::move(last));
    draft_[v].inputs = std::move(program.inputs);
    draft_[v].fused = std::move(program.instructions);
    for (const VertexId input : absorbed) draft_[input].dead = true;
  }

  Draft& draft_;
  std::vector<int> readers_;
};

}  // namespace

void fuse(Draft& draft) {
  FusePass(draft).run();
}

}  // namespace gradus::plan
