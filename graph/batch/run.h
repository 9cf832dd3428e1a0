#pragma once

#include <vector>

#include <gradus/graph/batch/cells.h>

namespace gradus::batch {

/// Memory that is given out piece by piece and taken back all at once.
class Arena {
 public:
  /// Aligned to 64 bytes. Throws std::bad_alloc.
  std::byte* take(Index bytes);
  void reset();

 private:
  static constexpr Index least_chunk = Index{1} << 18;
  std::vector<BufferHandle> chunks_;
  std::size_t chunk_ = 0;
  Index used_ = 0;  ///< of the current chunk
};

/// Computes a graph group by group, and cotangents back through it.
class Run {
 public:
  /// Makes what plans are missing. False where there is a group that cannot be planned.
  bool prepare(const plan::Recording& recording, const CellGraph& graph);

  /// Computes all values. What recorded leaves refer to must stay alive until the end of the run.
  void forward();
  /// The bytes of a computed value.
  const std::byte* value(std::uint32_t position) const;

  /// Passes a cotangent of 1 back from the cost. What flows to parameter i is then in gradients[i], if anything does.
  void backward(
      std::uint32_t cost, const std::vector<ParameterCell*>& parameters, const std::vector<std::byte*>& gradients);
  /// Whether anything flowed to parameter i.
  bool reached(std::size_t parameter) const { return parameter_reached_[parameter]; }

  Arena& arena() { return arena_; }
  void reset() { arena_.reset(); }

 private:
  struct GroupRun {
    const CellPlan* plan = nullptr;
    std::vector<const void*> slots;
    std::vector<double> numbers;  ///< by slot
    std::vector<std::byte*> results;
    std::byte* cotangent = nullptr;
    std::vector<bool> reached;  ///< by row
    bool any_reached = false;
  };
  struct Target {
    std::size_t group;
    std::uint32_t row;
  };

  const Node& leaf(std::uint32_t position) const { return *recording_->nodes[position]; }
  const void* data_of(std::uint32_t position) const;
  void bind_slots(std::size_t g);
  const void* gather(const Group& group, const CellKind::Slot& slot);
  void run_forward(std::size_t g);
  void run_backward(std::size_t g);
  /// Which of the parameters a shared slot is; as many as there are if it is none of them.
  std::size_t parameter_of(const Group& group, const CellKind::Slot& slot) const;
  std::byte* accumulator(const Group& group, const CellKind::Slot& slot);
  void bind(const CellOperand& operand, const Group& group, const GroupRun& run, const Tensors& constants);
  bool nothing_accumulated(const Group& group, const CellPlan& plan) const;
  std::byte* claim_target(const Group& group, const BackwardPlan& plan, std::uint32_t buffer);
  /// Where cotangents of a slot can be written straight away, which then counts as reached: what other slots have for
  /// the same cells is added. Null where they must be passed on one by one.
  std::byte* claim_rows(const Group& group, const CellKind::Slot& slot);
  void scatter(const Group& group, const CellKind::Slot& slot, const std::byte* from);
  void add(Target target, const std::byte* from);
  std::byte* cotangent_of(std::size_t g);

  const plan::Recording* recording_ = nullptr;
  const CellGraph* graph_ = nullptr;
  std::vector<GroupRun> runs_;
  Arena arena_;
  plan::Bindings bindings_;
  std::vector<bool> in_place_;  // of the backward plan's buffers, which were written where they belong
  const std::vector<ParameterCell*>* parameters_ = nullptr;
  const std::vector<std::byte*>* gradients_ = nullptr;
  std::vector<bool> parameter_reached_;
};

}  // namespace gradus::batch
