#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/graph/adjacency_list.hpp>

#include <gradus/graph/node.h>
#include <gradus/graph/plan/recording.h>

namespace gradus::plan {

/// What becomes of a value's memory.
enum class Storage : std::uint8_t {
  none,       ///< a view: it lies in its base's memory
  leaf,       ///< given from outside
  number,     ///< a number leaf: written into the arena before the run
  arena,      ///< lives while the plan runs
  output,     ///< kept: a buffer of its own
  parameter,  ///< written straight over the parameter that it is assigned to
};

using VertexId = std::uint32_t;
inline constexpr VertexId no_vertex = ~VertexId{0};

/// One operation of a fused step. Inputs: 0 and more are inputs of the step; ~k is the result of instruction k. At most
/// one of them is not elementwise: those before it only feed its first input, those after it work on its result.
struct FusedInstruction {
  const Registered* operation = nullptr;
  Dtype dtype = Dtype::float32;       ///< of the result
  Dtype tile_dtype = Dtype::float32;  ///< which function of the operation's family
  boost::container::small_vector<int, 3> inputs;
  VertexId value = no_vertex;  ///< whose value it computes

  bool is_elementwise() const;
};

/// One value of the plan and the step that makes it.
struct DraftVertex {
  const Registered* operation = nullptr;  ///< null: a leaf, or a dense copy or a view of its only input if there is one
  NodeKind kind = NodeKind::operation;
  Dtype dtype = Dtype::float32;
  Shape shape;
  Attributes attributes;
  boost::container::small_vector<VertexId, 3> inputs;
  double number = 0;            ///< of number leaves that may shape the plan
  bool neutral_number = false;  ///< `number` is part of the signature
  int leaf = -1;                ///< which leaf, in the recording's order
  int output = -1;              ///< which kept value, in the plan's order
  int assigned = -1;            ///< which assignment this value is the new parameter of
  bool dead = false;

  // Set by `layout`.
  VertexId base = no_vertex;  ///< a view: whose memory it reads
  Layout layout;              ///< in the memory of `base`, or dense

  // Set by the passes that join steps: the operations of this step, `operation` being the last. Empty: that one alone.
  std::vector<FusedInstruction> fused;
  VertexId host = no_vertex;  ///< a side value: the step that computes it along with its own; its only input
  /// The step is `operation` accumulated: inputs are those of its kernel, the addend, then the factors.
  std::optional<KernelRequest::Accumulation> accumulation;

  // Set by `schedule` and `place`.
  Storage storage = Storage::arena;
  Index offset = 0;   ///< in the arena, bytes
  Index scratch = 0;  ///< the same of the kernel's scratch memory, if it wants any
  std::shared_ptr<const Kernel> kernel;
  double cost = 0;  ///< estimated ns
  int task = -1;

  bool is_leaf() const { return operation == nullptr && inputs.empty(); }
  bool is_copy() const { return operation == nullptr && !inputs.empty() && !is_view(); }
  bool is_view() const { return base != no_vertex; }
  bool is_side() const { return host != no_vertex; }
  bool is_step() const { return !dead && !is_leaf() && !is_view() && !is_side(); }
  /// Which of the fused instructions is not elementwise; −1: none.
  int kernel_instruction() const;
  Index bytes() const { return shape.count() * bytes_of(dtype); }
};

/// Vertices are values; edges go from a value to its readers, and from a step to one that must not start before it
/// ended. The inputs in a vertex are the truth; `connect` derives the edges from them.
using DraftGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, DraftVertex>;

/// Whether a plan's tasks run at once.
enum class Concurrency : std::uint8_t {
  none,   ///< in order on the calling thread
  tried,  ///< the way that proves faster as the plan runs
  sure,   ///< always
};

/// A plan in the making.
struct Draft {
  DraftGraph graph;
  std::vector<VertexId> order;  ///< every live vertex after its inputs
  struct Output {
    VertexId vertex = no_vertex;
    bool depends_on_assigned = false;
  };
  std::vector<Output> outputs;  ///< one a kept node, in the recording's order
  struct Assignment {
    VertexId value = no_vertex, parameter = no_vertex;
    VertexId writer = no_vertex;  ///< the step that overwrites the parameter
  };
  std::vector<Assignment> assignments;
  std::vector<std::pair<VertexId, VertexId>> hazards;  ///< orders that no value enforces: reads before overwriting

  // Reported by explain.
  Index recorded = 0;
  Index arena_bytes = 0, unshared_bytes = 0;
  int tasks = 0;
  double work = 0, span = 0;
  Index width = 0;
  Concurrency concurrency = Concurrency::none;
  std::vector<std::pair<int, int>> task_edges;  ///< reduced

  DraftVertex& operator[](VertexId v) { return graph[v]; }
  const DraftVertex& operator[](VertexId v) const { return graph[v]; }
  /// Puts a new vertex at the end of `order`.
  VertexId add(const DraftVertex& vertex);
  /// A new vertex at the end of `order`: a dense copy of a value.
  VertexId add_copy(VertexId v);
  /// A new vertex at the end of `order`: a value's memory, read in another way.
  VertexId add_view(VertexId v, const Layout& layout);
  /// Takes out of `order`, and marks as dead, what no output and no assignment is made from.
  void bury_the_dead();
  /// The vertex in whose memory a value lies.
  VertexId memory_of(VertexId v) const { return graph[v].is_view() ? graph[v].base : v; }
  /// The operation of a step that has not been joined with others, as one of those.
  FusedInstruction instruction_of(VertexId step) const;
  /// The step that computes a value; the value itself if that is a leaf.
  VertexId step_of(VertexId v) const;
  /// The values that a step writes to memory, in the order of its kernel's outputs; its own comes last. The result of a
  /// kernel that others work on is the first even if nobody else reads it.
  boost::container::small_vector<VertexId, 2> written_by(VertexId step) const;
  /// Whether the kernel among a step's operations reads this input.
  bool kernel_reads(VertexId step, std::size_t input) const;
};

/// One step of planning. Each is in its own file and leaves a draft that can be drawn.
struct Pass {
  std::string_view name;
  void (*run)(Draft&);
  bool optional;  ///< can be left out by GRADUS_PASSES, for tests
};

/// In the order in which they run.
std::span<const Pass> passes();
/// The names in GRADUS_PASSES, or all: which optional passes run. Tests may set it.
void set_passes(const std::string& names);
bool is_enabled(const Pass& pass);

Draft draft_of(const Recording& recording);

void simplify(Draft& draft);     ///< common sub-expressions, identities, stabler forms, dead vertices
void sum_calls(Draft& draft);    ///< sums of many results of one operation become one call
void layout(Draft& draft);       ///< movement operations become layouts of their readers; copies where those cannot
void fuse(Draft& draft);         ///< elementwise steps join the only one that reads them
void prologue(Draft& draft);     ///< elementwise steps join the reduction that reads them
void side_values(Draft& draft);  ///< elementwise steps join one of those that read them, and write what the others read
void epilogue(Draft& draft);     ///< elementwise steps join the kernel whose result they work on
void accumulate(Draft& draft);   ///< a kernel adds its result, scaled, to a value
void overwrite(Draft& draft);    ///< which steps write straight into parameters, and what must come before
void schedule(Draft& draft);     ///< kernels, order, tasks
void place(Draft& draft);        ///< arena offsets

/// What a vertex computes, in words: the operations of a fused step joined.
std::string operation_name(const DraftVertex& vertex);

/// Rebuilds the edges from inputs, bases and hazards.
void connect(Draft& draft);

}  // namespace gradus::plan
