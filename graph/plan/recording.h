#pragma once

#include <cstdint>
#include <vector>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/node.h>

namespace gradus::plan {

/// The unevaluated graph behind some tensors, written down: nodes with inputs before their readers, and a signature
/// that says all that a plan depends on.
struct Recording {
  std::vector<Node*> nodes;
  std::vector<std::uint32_t> edges;  ///< positions of inputs, node after node
  /// How many of them each node has; `leaf` for leaves. Written down, for another thread may evaluate a node meanwhile.
  std::vector<std::uint32_t> input_counts;
  static constexpr std::uint32_t leaf = ~std::uint32_t{0};
  std::vector<std::uint32_t> kept;    ///< positions of nodes whose value somebody will want
  std::vector<std::uint32_t> leaves;  ///< positions of leaves: constants, numbers, parameters, evaluated nodes
  struct Assigned {
    std::uint32_t value, parameter;  ///< positions
  };
  std::vector<Assigned> assigned;
  std::vector<std::uint64_t> signature;
  std::uint64_t hash = 0;

  // Read by the walk only.
  std::vector<std::uint32_t> uses;
  std::vector<std::pair<Node*, std::uint32_t>> stack;

  void clear();
};

/// What a plan may know of a number: neutral elements by their value, of all others only that they are numbers. Leaves
/// that are none, and numbers that must not shape the plan, have no class.
enum class NumberClass : std::uint8_t { none, zero, one, minus_one, any };
NumberClass number_class(const Node& node);

/// Marks every node that is made from a marked one.
void spread_to_readers(const Recording& recording, std::vector<bool>& marked);

/// Records into `recording`, whose memory is reused. Call with graph_mutex held. Throws StaleError where a parameter
/// has moved on, ValueError on an empty handle.
void record(const Tensors& tensors, const std::vector<Assignment>& assignments, Where where, Recording& recording);

}  // namespace gradus::plan
