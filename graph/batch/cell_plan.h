#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <gradus/graph/plan/plan.h>

namespace gradus::batch {

/// What a plan of cells is given or gives back.
struct CellOperand {
  enum class Source : std::uint8_t {
    slot,         ///< an input
    result,       ///< what the forward plan made: the value itself, then what the backward plan wants to read again
    cotangent,    ///< of the value
    constant,     ///< made by a derivative rule
    accumulator,  ///< of the cotangents of a shared input, which the backward plan adds to
  } source = Source::slot;
  std::uint32_t index = 0;
};

/// A way back through cells.
struct BackwardPlan {
  std::shared_ptr<const plan::Plan> plan;
  std::vector<CellOperand> leaves;  ///< in the plan's order
  std::vector<Index> bytes;         ///< of the plan's buffers
  struct Cotangent {
    std::uint32_t slot, buffer;
  };
  std::vector<Cotangent> cotangents;  ///< of instance slots, and of shared ones that are not accumulated
  Tensors constants;                  ///< made by derivative rules
};

/// n cells of a kind, forwards and backwards, ready to run.
struct CellPlan {
  std::shared_ptr<const plan::Plan> forward;
  std::vector<CellOperand> forward_leaves;  ///< in the plan's order
  Tensors constants;
  std::vector<Index> result_bytes;  ///< of the forward plan's buffers; the value is in buffer `value`
  std::uint32_t value = 0;
  bool has_backward = false;               ///< whether any cotangent is wanted
  std::vector<std::uint32_t> accumulated;  ///< shared slots to which cotangents flow
  BackwardPlan adding;                     ///< adds to what has flowed to these before
  BackwardPlan first;                      ///< where nothing has: theirs are cotangents like all others
};

/// A chain of operations, whatever values go in: each reads the result of the one before, and slots.
struct CellKind {
  struct Slot {
    enum class Use : std::uint8_t { instance, shared, number } use = Use::instance;
    Dtype dtype = Dtype::float32;
    Shape shape;
    bool needs_gradient = false;
    double number = 0;     ///< any of the class: 0, 1 and −1 are classes of their own
    std::uint32_t at = 0;  ///< among a cell's instances, or its shared leaves
  };
  static constexpr int chained = -1;
  struct Step {
    const Registered* operation = nullptr;
    Attributes attributes;
    std::vector<int> inputs;  ///< slots, or `chained`: the step before
  };
  std::vector<Slot> slots;
  std::vector<Step> steps;
  Shape shape;  ///< of the value
  Dtype dtype = Dtype::float32;
  bool needs_gradient = false;
  bool has_instances = false;
  bool batchable = true;  ///< every step has a rule for several calls

  Index bytes() const { return shape.count() * bytes_of(dtype); }

  /// For n cells at once; made when first asked for. Null where the cells cannot be differentiated apart from their
  /// numbers.
  const CellPlan* plan(Index n) const;

 private:
  mutable std::mutex mutex_;
  mutable std::map<Index, std::unique_ptr<const CellPlan>> plans_;
};

}  // namespace gradus::batch
