#pragma once

#include <cstdint>
#include <vector>

#include <gradus/graph/plan/draft.h>

namespace gradus::plan {

/// Joins steps into one, on behalf of a pass. `draft.order` stays an order in which every value precedes its readers;
/// `finish` takes the values that have gone out of it.
class Joiner {
 public:
  explicit Joiner(Draft& draft);

  /// How many steps and views read a value; 2 more for each who wants it after the run.
  int readers(VertexId v) const { return readers_[v]; }
  /// Whether a step is elementwise throughout.
  bool is_elementwise(VertexId v) const;
  /// Whether a step has a kernel that is not elementwise, alone or with elementwise work around it.
  bool has_kernel(VertexId v) const;
  /// The step behind an input that is read as it lies, with the reader's shape; no_vertex if there is none.
  VertexId producer_of(VertexId input, VertexId reader) const;

  /// Lets `reader` compute what `producer` does, and write what others still read of it. False, and nothing changed, if
  /// the step would grow too large, if another input of the reader depends on the producer, or if others would wait
  /// long for the producer's values.
  bool try_join(VertexId producer, VertexId reader);

  void finish();

 private:
  struct Program {
    boost::container::small_vector<VertexId, 3> inputs;
    std::vector<FusedInstruction> instructions;
  };

  bool fits(VertexId producer, VertexId reader) const;
  Program take_program(VertexId v);
  Program joined(VertexId producer, VertexId reader);
  bool is_sole_value(VertexId producer) const;
  bool move_readers_behind(VertexId producer, VertexId reader);
  void count(const boost::container::small_vector<VertexId, 3>& inputs, int by);

  Draft& draft_;
  std::vector<int> readers_;
  std::vector<std::uint32_t> position_;  // in the draft's order
  std::vector<std::uint32_t> marked_;    // by the walk that found the vertex to depend on the producer
  std::uint32_t walk_ = 0;
};

/// Joins elementwise steps to the elementwise steps that read them, wherever `may_join` says so of a producer and that
/// value of it which is read.
void join_elementwise(Draft& draft, bool (*may_join)(const Joiner& joiner, VertexId producer, VertexId input));

}  // namespace gradus::plan
