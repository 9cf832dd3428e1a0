#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>

#include <gradus/graph/attributes.h>
#include <gradus/graph/buffer.h>
#include <gradus/graph/operation.h>
#include <gradus/graph/parameter.h>
#include <gradus/graph/tensor.h>

namespace gradus {

/// What a parameter's leaves share. It outlives the Parameter as long as a graph refers to it.
struct ParameterCell {
  std::string name;
  Shape shape;
  Dtype dtype = Dtype::float32;
  BufferHandle value;
  std::atomic<std::uint64_t> version{0};
  /// Held shared while a plan reads the value, alone while one assigns it.
  std::shared_mutex access;
};

struct ParameterState {
  std::shared_ptr<ParameterCell> cell;
  std::mutex mutex;  ///< guards `leaf`
  Tensor leaf;       ///< of the current version
};

enum class NodeKind : std::uint8_t { operation, constant, number, variable_number, parameter };

/// One vertex of the graph. Immutable but for its value, its name, and its inputs, which it may forget once evaluated.
struct alignas(64) Node {
  static constexpr int inline_inputs = 3;

  // What every walk and every release looks at fills the first two cache lines.
  std::atomic<std::uint32_t> references{1};
  std::atomic<bool> passing{false};  ///< one of `references` is an operand, which reads no value
  NodeKind kind = NodeKind::operation;
  Dtype dtype = Dtype::float32;
  bool needs_gradient = false;  ///< a parameter can be reached through differentiable operations
  bool severed = false;         ///< forgot inputs through which a gradient could have flowed
  bool retained = false;        ///< known to RetainedInputs
  std::uint32_t input_count = 0;
  std::uint32_t position = 0;  ///< in the walk that `walk` names; guarded by graph_mutex
  std::uint64_t walk = 0;
  const Registered* operation = nullptr;
  std::atomic<Buffer*> value{nullptr};
  Node* first_inputs[inline_inputs] = {};
  std::unique_ptr<Node*[]> more_inputs;  ///< all inputs, when they are more than fit inline
  std::shared_ptr<ParameterCell> parameter;
  std::unique_ptr<std::string> name;
  double number = 0;
  std::uint64_t version = 0;  ///< of the parameter; of other nodes: evaluation_count() when they forgot their inputs
  std::uint64_t born = 0;     ///< evaluation_count() when the node was made
  Attributes attributes;
  Shape shape;
  Where where;

  std::span<Node* const> inputs() const { return {more_inputs ? more_inputs.get() : first_inputs, input_count}; }
  bool is_leaf() const { return kind != NodeKind::operation; }
  bool is_number() const { return kind == NodeKind::number || kind == NodeKind::variable_number; }
  bool has_value() const { return is_leaf() || value.load(std::memory_order_acquire) != nullptr; }
  bool is_stale() const { return parameter && parameter->version.load(std::memory_order_acquire) != version; }
  Index bytes() const { return shape.count() * bytes_of(dtype); }
  /// How many refer to it that may ask for its value.
  std::uint32_t handles() const {
    // In this order: an operand that goes away meanwhile may only leave a handle too many.
    const std::uint32_t all = references.load(std::memory_order_acquire);
    return all - (passing.load(std::memory_order_relaxed) ? 1 : 0);
  }
};

/// Guards every walk along inputs, every node's forgetting of them, and `position`/`walk`.
std::mutex& graph_mutex();
/// A number that no walk has had before. Call with graph_mutex held.
std::uint64_t next_walk();

/// How many evaluations have begun: tells which of a node's making and another's forgetting came first.
std::atomic<std::uint64_t>& evaluation_count();

Node* new_node(NodeKind kind, const Shape& shape, Dtype dtype, Where where);
inline void retain(Node* node) {
  node->references.fetch_add(1, std::memory_order_relaxed);
}
/// Frees the node with the last reference, and what only it held, without recursion.
void release(Node* node);
inline Tensor share(Node* node) {
  retain(node);
  return Tensor::adopt(node);
}
/// A new leaf for a parameter's value as it is now.
Tensor leaf_of_current_version(const std::shared_ptr<ParameterCell>& cell);
/// Moves a parameter on to its next version, and its leaf: a new one if anybody refers to the old. Call with
/// state.mutex held.
void move_leaf_on(ParameterState& state);
void set_inputs(Node* node, std::span<const Operand> inputs);
/// Gives up the inputs of an evaluated node. Call with graph_mutex held; the nodes are released by the handles
/// returned.
void forget_inputs(Node* node, Tensors& released);
/// Whether a node that forgot its inputs depended on this version of a parameter.
bool way_lost(const Node* severed, const Node* parameter);  // plan/retained.cpp
/// Whether there is any such node.
bool any_way_lost();

/// While one lives on this thread, new nodes belong to the given line (derivatives to the line of their forward
/// operation).
class ScopedOrigin {
 public:
  explicit ScopedOrigin(Where where);
  ~ScopedOrigin();
  ScopedOrigin(const ScopedOrigin&) = delete;
  ScopedOrigin& operator=(const ScopedOrigin&) = delete;
  static const Where* current();

 private:
  Where where_;
  const Where* previous_;
};

/// While one lives on this thread, values are out of reach: a derivative rule is running.
class ScopedRule {
 public:
  explicit ScopedRule(std::string_view operation);
  ~ScopedRule();
  ScopedRule(const ScopedRule&) = delete;
  ScopedRule& operator=(const ScopedRule&) = delete;
  /// Throws GradientError inside a rule, naming the operation and what it tried.
  static void forbid(std::string_view what, Where where);

 private:
  std::string_view previous_;
};

}  // namespace gradus
