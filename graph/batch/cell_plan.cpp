#include <gradus/graph/batch/cell_plan.h>

#include <algorithm>

#include <gradus/graph/flow.h>
#include <gradus/graph/inspect.h>
#include <gradus/graph/number_watch.h>

namespace gradus::batch {

namespace {

Shape stacked(const Shape& shape, Index n) {
  return n == 1 ? shape : shape.with(0, n);
}

// A stand-in for a value that is there when the plan runs.
Tensor placeholder(const Shape& shape, Dtype dtype) {
  return Tensor::adopt(new_node(NodeKind::constant, shape, dtype, {}));
}

// With as many axes behind the first as the result has: numbers broadcast from their last axes.
Tensor aligned(const Tensor& x, int rank) {
  Shape shape = x.shape();
  while (shape.rank() < rank) shape = shape.with(1, 1);
  return shape == x.shape() ? x : reshape(x, shape);
}

Tensor stacked_call(const CellKind::Step& step, const Tensors& inputs, std::uint32_t stacked_inputs) {
  std::vector<Operand> operands;
  if (step.operation->is_elementwise()) {
    int rank = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const bool stack = (stacked_inputs >> i & 1) != 0;
      rank = std::max(rank, inputs[i].rank() + (stack ? 0 : 1));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const bool stack = (stacked_inputs >> i & 1) != 0;
      operands.emplace_back(stack ? aligned(inputs[i], rank) : inputs[i], Where());
    }
    return apply(*step.operation, operands, step.attributes);
  }
  for (const Tensor& input : inputs) operands.emplace_back(input, Where());
  return step.operation->batched(Call(*step.operation, operands, step.attributes, Where()), stacked_inputs);
}

// The graph of n cells over placeholders, and the plans made from it.
class Builder {
 public:
  Builder(const CellKind& kind, Index n) : kind_(kind), n_(n) {}

  // Null if a number of the cell would be frozen into the plan, or nothing tells the cells apart.
  std::unique_ptr<const CellPlan> build() {
    const NumberWatch watch;
    make_slots();
    make_value();
    if (!value_stacked_) return nullptr;
    make_cotangents();
    for (const Tensor& slot : slots_) {
      if (watch.copied(slot.node())) return nullptr;
    }
    plan_forward();
    plan_.has_backward = !flowing_.empty() || !plan_.accumulated.empty();
    if (plan_.has_backward) {
      plan_.adding = planned_backward(accumulations_);
      // Only now: what has a handle would have been kept by the other plan.
      for (const Assignment& accumulation : accumulations_) {
        unsummed_.push_back(as_value(inputs_of(accumulation.value)[1]));
      }
      plan_.first = planned_backward({});
    }
    return std::make_unique<const CellPlan>(std::move(plan_));
  }

 private:
  void make_slots() {
    for (const CellKind::Slot& slot : kind_.slots) {
      if (slot.use == CellKind::Slot::Use::number) {
        slots_.push_back(number(slot.number, slot.dtype));
      } else {
        const bool instance = slot.use == CellKind::Slot::Use::instance;
        slots_.push_back(placeholder(instance ? stacked(slot.shape, n_) : slot.shape, slot.dtype));
      }
    }
  }

  void make_value() {
    for (const CellKind::Step& step : kind_.steps) {
      Tensors inputs;
      // One bit an input: more than it has bits are only read by steps of a single cell, which are not stacked.
      std::uint32_t stacked_inputs = 0;
      for (std::size_t i = 0; i < step.inputs.size(); ++i) {
        const int input = step.inputs[i];
        const bool stack = input == CellKind::chained
                               ? value_stacked_
                               : kind_.slots[static_cast<std::size_t>(input)].use == CellKind::Slot::Use::instance;
        if (stack && n_ > 1) stacked_inputs |= 1U << i;
        inputs.push_back(input == CellKind::chained ? value_ : slots_[static_cast<std::size_t>(input)]);
      }
      if (stacked_inputs == 0) {
        std::vector<Operand> operands;
        for (const Tensor& input : inputs) operands.emplace_back(input, Where());
        value_ = apply(*step.operation, operands, step.attributes);
      } else {
        value_ = stacked_call(step, inputs, stacked_inputs);
      }
      value_stacked_ = n_ == 1 || stacked_inputs != 0;
    }
  }

  // Where cotangents flow, and what they are.
  void make_cotangents() {
    if (!kind_.needs_gradient) return;
    Tensors targets;
    std::vector<std::uint32_t> slots;
    for (std::uint32_t i = 0; i < slots_.size(); ++i) {
      if (!kind_.slots[i].needs_gradient) continue;
      targets.push_back(slots_[i]);
      slots.push_back(i);
    }
    cotangent_ = placeholder(value_.shape(), value_.dtype());
    const Tensors found = vjp_where_it_flows({value_}, {cotangent_}, targets);
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i].empty()) continue;
      if (kind_.slots[slots[i]].use == CellKind::Slot::Use::instance) {
        flowing_.push_back(as_value(found[i]));
        flowing_slots_.push_back(slots[i]);
      } else {
        const Parameter accumulator(full(slots_[slots[i]].shape(), 0, found[i].dtype()));
        accumulations_.push_back({accumulator, accumulator.tensor() + found[i]});
        plan_.accumulated.push_back(slots[i]);
      }
    }
  }

  // A cotangent that is handed on as it is must be a value of the plan too.
  static Tensor as_value(const Tensor& cotangent) {
    return cotangent.node()->is_leaf() ? reshape(cotangent, cotangent.shape()) : cotangent;
  }

  std::shared_ptr<const plan::Plan> planned(const Tensors& tensors, const std::vector<Assignment>& assignments) {
    {
      const std::scoped_lock lock(graph_mutex());
      plan::record(tensors, assignments, {}, recording_);
    }
    return plan::compile(plan::planned(recording_), recording_);
  }

  // What the backward graph reads again is referred to by it, and so kept: it becomes a result.
  void plan_forward() {
    plan_.forward = planned({value_}, {});
    for (const std::uint32_t leaf : recording_.leaves) {
      plan_.forward_leaves.push_back(operand_of(recording_.nodes[leaf], plan_.constants));
    }
    for (std::size_t i = 0; i < recording_.kept.size(); ++i) {
      Node* node = recording_.nodes[recording_.kept[i]];
      const auto& output = plan_.forward->outputs[i];
      if (output.bytes >= 0) plan_.result_bytes.push_back(output.bytes);
      if (node == value_.node()) plan_.value = output.buffer;
      results_.push_back({share(node), output.buffer});
    }
    // For the backward plan they are leaves.
    for (const auto& [tensor, buffer] : results_) {
      tensor.node()->value.store(Buffer::borrow(nullptr, 0, nullptr));
    }
  }

  // Cotangents of instance slots as results, and of shared ones, unless they are accumulated.
  BackwardPlan planned_backward(const std::vector<Assignment>& accumulations) {
    Tensors wanted = flowing_;
    std::vector<std::uint32_t> slots = flowing_slots_;
    wanted.insert(wanted.end(), unsummed_.begin(), unsummed_.end());
    slots.insert(slots.end(), plan_.accumulated.begin(), plan_.accumulated.end());
    BackwardPlan backward;
    backward.plan = planned(wanted, accumulations);
    for (const std::uint32_t leaf : recording_.leaves) {
      backward.leaves.push_back(operand_of(recording_.nodes[leaf], backward.constants));
    }
    for (std::size_t i = 0; i < recording_.kept.size(); ++i) {
      const auto& output = backward.plan->outputs[i];
      const Node* node = recording_.nodes[recording_.kept[i]];
      for (std::size_t k = 0; k < wanted.size(); ++k) {
        if (wanted[k].node() == node) backward.cotangents.push_back({slots[k], output.buffer});
      }
      if (output.bytes >= 0) backward.bytes.push_back(output.bytes);
    }
    return backward;
  }

  CellOperand operand_of(Node* node, Tensors& constants) {
    using Source = CellOperand::Source;
    for (std::uint32_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].node() == node) return {Source::slot, i};
    }
    for (const auto& [tensor, buffer] : results_) {
      if (tensor.node() == node) return {Source::result, buffer};
    }
    for (std::uint32_t i = 0; i < accumulations_.size(); ++i) {
      if (accumulations_[i].parameter.tensor().node() == node) return {Source::accumulator, i};
    }
    if (!cotangent_.empty() && node == cotangent_.node()) return {Source::cotangent, 0};
    constants.push_back(share(node));
    return {Source::constant, static_cast<std::uint32_t>(constants.size() - 1)};
  }

  const CellKind& kind_;
  Index n_;
  CellPlan plan_;
  Tensors slots_;
  Tensor value_, cotangent_;
  bool value_stacked_ = false;  // whether it holds one value a cell
  Tensors flowing_;             // cotangents of instance slots
  std::vector<std::uint32_t> flowing_slots_;
  std::vector<Assignment> accumulations_;
  Tensors unsummed_;                                       // what is accumulated
  std::vector<std::pair<Tensor, std::uint32_t>> results_;  // and their buffers
  plan::Recording recording_;
};

}  // namespace

const CellPlan* CellKind::plan(Index n) const {
  const std::scoped_lock lock(mutex_);
  auto [found, is_new] = plans_.try_emplace(n);
  if (is_new) found->second = Builder(*this, n).build();
  return found->second.get();
}

}  // namespace gradus::batch
