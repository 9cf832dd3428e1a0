#include <gradus/graph/evaluate.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include <fmt/format.h>

#include <gradus/graph/batch/run.h>
#include <gradus/graph/derivation.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/node.h>
#include <gradus/graph/number_watch.h>
#include <gradus/graph/plan/derived.h>
#include <gradus/graph/plan/plan.h>
#include <gradus/graph/plan/retained.h>
#include <gradus/graph/rule_override.h>

namespace gradus {

namespace {

// Locks on parameters, taken in the order of their addresses so that two evaluations cannot wait for each other.
class ParameterLocks {
 public:
  void add(ParameterCell* cell, bool alone) { wanted_.push_back({cell, alone}); }

  void lock() {
    // A cell that is both read and assigned is locked alone: that request sorts first.
    std::sort(wanted_.begin(), wanted_.end(), [](const Wanted& a, const Wanted& b) {
      return a.cell != b.cell ? std::less<>()(a.cell, b.cell) : a.alone > b.alone;
    });
    const auto same = [](const Wanted& a, const Wanted& b) { return a.cell == b.cell; };
    wanted_.erase(std::unique(wanted_.begin(), wanted_.end(), same), wanted_.end());
    for (; locked_ < wanted_.size(); ++locked_) {
      const Wanted& next = wanted_[locked_];
      next.alone ? next.cell->access.lock() : next.cell->access.lock_shared();
    }
  }

  void unlock() {
    while (locked_ > 0) {
      const Wanted& last = wanted_[--locked_];
      last.alone ? last.cell->access.unlock() : last.cell->access.unlock_shared();
    }
    wanted_.clear();
  }

 private:
  struct Wanted {
    ParameterCell* cell;
    bool alone;
  };
  std::vector<Wanted> wanted_;
  std::size_t locked_ = 0;
};

Tensors nodes_behind(const Tensors& roots) {
  const std::scoped_lock lock(graph_mutex());
  const std::uint64_t walk = next_walk();
  Tensors nodes;
  const auto visit = [&](Node* node) {
    if (std::exchange(node->walk, walk) != walk) nodes.push_back(share(node));
  };
  for (const Tensor& root : roots) visit(root.node());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node* node = nodes[i].node();
    for (Node* input : node->inputs()) visit(input);
  }
  return nodes;
}

void check(const std::vector<Assignment>& assignments, Where where);

// One evaluation from recording to published values. Its memory is used again by the next one on this thread.
class Evaluation {
 public:
  void run(const Tensors& tensors, const std::vector<Assignment>& assignments, Where where) {
    for (const Assignment& assignment : assignments) assigned_.push_back(assignment.parameter.state());
    const auto plan = prepare(tensors, assignments, where);
    if (plan) execute(*plan, tensors, assignments, where);
    reset();
  }

  void run_derived(const Tensors& cost, const Derivation& derivation, Where where) {
    const auto build_anew = [&] {
      run(cost, assignments_of(cost[0], derivation, number_leaves(derivation), where), where);
    };
    if (derivation.identity == 0 || cost[0].empty() || ScopedRuleOverride::any()) return build_anew();
    std::unique_lock lock(graph_mutex());
    plan::record(cost, {}, where, recording_);
    if (!plan::is_derivable(recording_)) {
      lock.unlock();
      return build_anew();
    }
    const plan::Signature signature = plan::derived_signature(recording_, derivation.identity, signature_words_);
    const auto derived = plan::find_derived(signature);
    const bool repetitive = !derived && find_repetition();
    if (derived || repetitive) share_leaves_and_kept();
    lock.unlock();
    if (!derived && !repetitive) return derive(cost, derivation, signature, where);
    for (const Parameter& parameter : derivation.assigned) assigned_.push_back(parameter.state());
    if (derived) {
      further_ = derived.get();
      numbers_ = derivation.numbers;
      execute(*derived->plan, cost, {}, where);
    } else if (!step_in_batches(derivation, where)) {
      reset();
      return build_anew();
    }
    reset();
  }

  void reset() {
    locks_.unlock();
    leaves_.clear();
    kept_.clear();
    buffers_.clear();
    nodes_.clear();
    released_.clear();
    assigned_.clear();
    batched_.reset();
    cell_table_.reset();
    further_ = nullptr;
    bindings_.leaves.clear();
    bindings_.numbers.clear();
    bindings_.outputs.clear();
  }

 private:
  // Null if there is nothing to do.
  std::shared_ptr<const plan::Plan> prepare(
      const Tensors& tensors, const std::vector<Assignment>& assignments, Where where) {
    std::unique_lock lock(graph_mutex());
    {
      const plan::TraceScope scope("record");
      plan::record(tensors, assignments, where, recording_);
    }
    if (recording_.kept.empty() && recording_.assigned.empty()) return nullptr;
    share_leaves_and_kept();
    if (auto plan = plan::find_plan(recording_)) return plan;
    for (Node* node : recording_.nodes) nodes_.push_back(share(node));
    lock.unlock();
    const plan::TraceScope scope("plan");
    auto plan = plan::compile(plan::planned(recording_), recording_);
    plan::keep_plan(recording_, plan);
    return plan;
  }

  // Another thread may forget inputs meanwhile: what this evaluation needs stays alive.
  void share_leaves_and_kept() {
    for (const std::uint32_t leaf : recording_.leaves) leaves_.push_back(share(recording_.nodes[leaf]));
    for (const std::uint32_t kept : recording_.kept) kept_.push_back(share(recording_.nodes[kept]));
  }

  static Tensors number_leaves(const Derivation& derivation) {
    Tensors leaves;
    for (const double number : derivation.numbers) {
      leaves.push_back(variable_number(number, Dtype::float32));
      leaves.push_back(variable_number(number, Dtype::float64));
    }
    return leaves;
  }

  // No handle to a gradient may be left: what somebody holds is kept, and could not be fused into its update.
  static std::vector<Assignment> assignments_of(
      const Tensor& cost, const Derivation& derivation, const Tensors& numbers, Where where) {
    Tensors parameters;
    for (const Parameter& parameter : derivation.with_respect_to) parameters.push_back(parameter.tensor());
    return assignments_of(derivation, gradients(Operand(cost, where), parameters), numbers, where);
  }

  static std::vector<Assignment> assignments_of(
      const Derivation& derivation, const Tensors& gradients, const Tensors& numbers, Where where) {
    Tensors values = derivation.update(gradients, numbers);
    std::vector<Assignment> assignments;
    for (std::size_t i = 0; i < derivation.assigned.size(); ++i) {
      assignments.push_back({derivation.assigned[i], std::move(values[i])});
    }
    check(assignments, where);
    return assignments;
  }

  // The first cost of its structure: differentiates and plans, and remembers.
  void derive(const Tensors& cost, const Derivation& derivation, const plan::Signature& signature, Where where) {
    const plan::Recording recorded = recording_;
    const Tensors numbers = number_leaves(derivation);
    const NumberWatch watch;
    const std::vector<Assignment> assignments = assignments_of(cost[0], derivation, numbers, where);
    for (const Assignment& assignment : assignments) assigned_.push_back(assignment.parameter.state());
    const auto plan = prepare(cost, assignments, where);
    auto derived = plan::learn(recorded, recording_, plan, derivation.assigned, numbers, watch);
    execute(*plan, cost, assignments, where);
    reset();
    if (derived) plan::keep_derived(signature, std::move(derived));
  }

  void execute(
      const plan::Plan& plan, const Tensors& tensors, const std::vector<Assignment>& assignments, Where where) {
    lock_parameters(where);
    bind_leaves();
    allocate_outputs(plan);
    try {
      plan::run(plan, bindings_);
    } catch (const ValueError& error) {
      throw ValueError(line_of(error, tensors, assignments, where) + error.what());
    }
    publish(plan.outputs);
    move_on();
  }

  void lock_parameters(Where where) {
    for (const Tensor& leaf : leaves_) {
      if (ParameterCell* cell = leaf.node()->parameter.get()) locks_.add(cell, false);
    }
    for (const ParameterState* state : assigned_) locks_.add(state->cell.get(), true);
    locks_.lock();
    for (const Tensor& leaf : leaves_) {
      if (!leaf.node()->is_stale()) continue;
      throw StaleError(fmt::format(
          "{}parameter {} was moved on by another thread during this evaluation", at(where), describe(leaf)));
    }
  }

  void bind_leaves() {
    for (const Tensor& leaf : leaves_) bind(*leaf.node());
    if (!further_) return;
    using Source = plan::DerivedPlan::Leaf::Source;
    for (const auto& leaf : further_->further_leaves) {
      if (leaf.source == Source::constant) {
        bind(*leaf.constant.node());
      } else if (leaf.source == Source::assigned) {
        bind(assigned_[leaf.index]->cell->value->data(), 0);
      } else {
        bind(nullptr, numbers_[leaf.index]);
      }
    }
  }

  void bind(const Node& leaf) {
    Buffer* value = leaf.value.load(std::memory_order_acquire);
    bind(value ? value->data() : nullptr, leaf.number);
  }
  void bind(void* data, double number) {
    bindings_.leaves.push_back(data);
    bindings_.numbers.push_back(number);
  }

  void allocate_outputs(const plan::Plan& plan) {
    for (const auto& output : plan.outputs) {
      if (output.bytes < 0) continue;
      buffers_.emplace_back(Buffer::allocate(output.bytes));
      bindings_.outputs.push_back(buffers_.back()->data());
    }
  }

  // Kernels know no lines. The one operation of that name that checks values, if there is just one, is the culprit.
  static std::string line_of(
      const ValueError& error, Tensors roots, const std::vector<Assignment>& assignments, Where where) {
    for (const Assignment& assignment : assignments) roots.push_back(assignment.value);
    const std::string_view message = error.what();
    const Node* culprit = nullptr;
    for (const Tensor& node : nodes_behind(roots)) {
      const Registered* operation = node.node()->operation;
      if (!operation || !operation->can_throw || !message.starts_with(std::string(operation->name) + ":")) continue;
      if (culprit) return at(where);
      culprit = node.node();
    }
    return at(culprit ? culprit->where : where);
  }

  void move_on() {
    // What was forgotten may hold the last references to leaves.
    released_.clear();
    leaves_.clear();
    for (ParameterState* state : assigned_) {
      const std::scoped_lock lock(state->mutex);
      move_leaf_on(*state);
    }
  }

  void publish(std::span<const plan::Plan::Output> outputs) {
    const std::scoped_lock lock(graph_mutex());
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      Node* node = kept_[i].node();
      const auto& output = outputs[i];
      BufferHandle buffer = buffers_[output.buffer];
      Buffer* none = nullptr;
      // Another thread may have evaluated the same node; its bits are the same.
      if (!node->value.compare_exchange_strong(none, buffer.get(), std::memory_order_acq_rel)) continue;
      buffer.detach();
      if (output.depends_on_assigned || !node->needs_gradient) {
        forget_inputs(node, released_);
      } else {
        plan::retain_inputs(node);
      }
    }
    for (const ParameterState* state : assigned_) plan::forget_dependents(state->cell.get(), released_);
  }

  // Whether the recorded graph is run group by group. Call with graph_mutex held.
  bool find_repetition() {
    cell_table_ = batch::CellTable::current();
    batch::find_cells(recording_, *cell_table_, cells_);
    return batch::is_repetitive(cells_);
  }

  // False if it cannot be done; nothing has changed then.
  bool step_in_batches(const Derivation& derivation, Where where) {
    if (!batched_.prepare(recording_, cells_)) return false;
    lock_parameters(where);
    batched_.forward();
    const Tensors gradients = gradients_in_batches(derivation);
    if (gradients.empty()) return false;
    const Tensors numbers = number_leaves(derivation);
    const std::vector<Assignment> assignments = assignments_of(derivation, gradients, numbers, where);
    keep_batched_values();
    update(assignments, where);
    publish(batched_outputs_);
    move_on();
    return true;
  }

  // Empty where nothing flows to one of the parameters.
  Tensors gradients_in_batches(const Derivation& derivation) {
    std::vector<ParameterCell*> cells;
    std::vector<std::byte*> sums;
    for (const Parameter& parameter : derivation.with_respect_to) {
      ParameterCell* cell = parameter.state()->cell.get();
      const Index bytes = cell->shape.count() * bytes_of(cell->dtype);
      cells.push_back(cell);
      sums.push_back(batched_.arena().take(bytes));
    }
    // The root is recorded last.
    batched_.backward(static_cast<std::uint32_t>(recording_.nodes.size() - 1), cells, sums);
    static const auto lives_until_reset = std::make_shared<int>();
    Tensors gradients;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!batched_.reached(i)) return {};
      gradients.push_back(tensor_over(sums[i], cells[i]->dtype, cells[i]->shape, lives_until_reset, {}));
    }
    return gradients;
  }

  void keep_batched_values() {
    std::vector<bool> depends(recording_.nodes.size(), false);
    for (std::size_t i = 0; i < recording_.leaves.size(); ++i) {
      const ParameterCell* cell = leaves_[i].node()->parameter.get();
      depends[recording_.leaves[i]] = std::any_of(
          assigned_.begin(), assigned_.end(), [&](const ParameterState* state) { return state->cell.get() == cell; });
    }
    plan::spread_to_readers(recording_, depends);
    batched_outputs_.clear();
    for (const std::uint32_t position : recording_.kept) {
      const Index bytes = kept_[batched_outputs_.size()].node()->bytes();
      batched_outputs_.push_back(
          {.buffer = static_cast<std::uint32_t>(buffers_.size()),
           .bytes = bytes,
           .depends_on_assigned = depends[position]});
      buffers_.emplace_back(Buffer::allocate(bytes));
      if (bytes > 0) std::memcpy(buffers_.back()->data(), batched_.value(position), static_cast<std::size_t>(bytes));
    }
  }

  // New values from gradients that are there, under the locks that this evaluation holds already.
  void update(const std::vector<Assignment>& assignments, Where where) {
    std::unique_lock lock(graph_mutex());
    plan::record({}, assignments, where, update_recording_);
    auto plan = plan::find_plan(update_recording_);
    lock.unlock();
    if (!plan) {
      plan = plan::compile(plan::planned(update_recording_), update_recording_);
      plan::keep_plan(update_recording_, plan);
    }
    bindings_.leaves.clear();
    bindings_.numbers.clear();
    bindings_.outputs.clear();
    for (const std::uint32_t leaf : update_recording_.leaves) bind(*update_recording_.nodes[leaf]);
    plan::run(*plan, bindings_);
  }

  plan::Recording recording_, update_recording_;
  std::shared_ptr<batch::CellTable> cell_table_;
  batch::CellGraph cells_;
  batch::Run batched_;
  std::vector<plan::Plan::Output> batched_outputs_;
  plan::Bindings bindings_;
  ParameterLocks locks_;
  Tensors leaves_, kept_, nodes_, released_;
  std::vector<BufferHandle> buffers_;
  std::vector<ParameterState*> assigned_;
  std::vector<std::uint64_t> signature_words_;
  const plan::DerivedPlan* further_ = nullptr;
  std::span<const double> numbers_;
};

// A kernel may itself evaluate something, so each level has an evaluation of its own.
class ScopedEvaluation {
 public:
  ScopedEvaluation() {
    if (idle.empty()) idle.push_back(std::make_unique<Evaluation>());
    evaluation_ = std::move(idle.back());
    idle.pop_back();
  }
  ~ScopedEvaluation() {
    evaluation_->reset();
    idle.push_back(std::move(evaluation_));
  }
  ScopedEvaluation(const ScopedEvaluation&) = delete;
  ScopedEvaluation& operator=(const ScopedEvaluation&) = delete;
  Evaluation* operator->() const { return evaluation_.get(); }

 private:
  static thread_local std::vector<std::unique_ptr<Evaluation>> idle;
  std::unique_ptr<Evaluation> evaluation_;
};

thread_local std::vector<std::unique_ptr<Evaluation>> ScopedEvaluation::idle;

bool all_there(const Tensors& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const Tensor& tensor) {
    return !tensor.empty() && tensor.node()->has_value() && !tensor.node()->parameter;
  });
}

void check(const std::vector<Assignment>& assignments, Where where) {
  std::unordered_set<const ParameterState*> seen;
  for (const auto& [parameter, value] : assignments) {
    if (parameter.empty()) throw ValueError(at(where) + "assign: one of the parameters is an empty handle");
    if (value.empty()) {
      throw ValueError(
          fmt::format("{}assign: the value for parameter '{}' is an empty handle", at(where), parameter.name()));
    }
    if (!seen.insert(parameter.state()).second) {
      throw ValueError(fmt::format("{}assign: parameter '{}' is assigned twice", at(where), parameter.name()));
    }
    if (value.shape() != parameter.shape()) {
      throw ShapeError(fmt::format(
          "{}assign: parameter {} cannot take {}: shapes must be equal", at(where), describe(parameter.tensor()),
          describe(value)));
    }
    if (value.dtype() != parameter.dtype()) {
      throw DtypeError(fmt::format(
          "{}assign: parameter {} cannot take {}: dtypes must be equal; cast first", at(where),
          describe(parameter.tensor()), describe(value)));
    }
  }
}

}  // namespace

void evaluate(const Tensors& tensors, Where where) {
  ScopedRule::forbid("evaluate", where);
  if (all_there(tensors)) return;
  evaluation_count().fetch_add(1, std::memory_order_relaxed);
  ScopedEvaluation()->run(tensors, {}, where);
}

void assign(const std::vector<Assignment>& assignments, const Tensors& tensors, Where where) {
  ScopedRule::forbid("assign", where);
  check(assignments, where);
  evaluation_count().fetch_add(1, std::memory_order_relaxed);
  ScopedEvaluation()->run(tensors, assignments, where);
}

std::uint64_t new_identity() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

void assign_derived(const Tensor& cost, const Derivation& derivation, Where where) {
  ScopedRule::forbid("assign", where);
  evaluation_count().fetch_add(1, std::memory_order_relaxed);
  ScopedEvaluation()->run_derived({cost}, derivation, where);
}

}  // namespace gradus
