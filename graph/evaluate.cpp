#include <gradus/graph/evaluate.h>

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include <gradus/graph/node.h>
#include <gradus/graph/plan/plan.h>
#include <gradus/graph/plan/retained.h>

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

// One evaluation from recording to published values. Its memory is used again by the next one on this thread.
class Evaluation {
 public:
  void run(const Tensors& tensors, const std::vector<Assignment>& assignments, Where where) {
    std::shared_ptr<const plan::Plan> plan = prepare(tensors, assignments, where);
    if (plan) {
      lock_parameters(assignments, where);
      allocate_outputs(*plan);
      try {
        plan::run(*plan, bindings_);
      } catch (const ValueError& error) {
        throw ValueError(line_of(error, tensors, assignments, where) + error.what());
      }
      move_on(assignments);
      publish(*plan, assignments);
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
    // Another thread may forget inputs meanwhile: what this evaluation needs stays alive.
    for (const std::uint32_t leaf : recording_.leaves) leaves_.push_back(share(recording_.nodes[leaf]));
    for (const std::uint32_t kept : recording_.kept) kept_.push_back(share(recording_.nodes[kept]));
    if (auto plan = plan::find_plan(recording_)) return plan;
    for (Node* node : recording_.nodes) nodes_.push_back(share(node));
    lock.unlock();
    const plan::TraceScope scope("plan");
    auto plan = plan::compile(plan::planned(recording_), recording_);
    plan::keep_plan(recording_, plan);
    return plan;
  }

  void lock_parameters(const std::vector<Assignment>& assignments, Where where) {
    for (const Tensor& leaf : leaves_) {
      if (ParameterCell* cell = leaf.node()->parameter.get()) locks_.add(cell, false);
    }
    for (const Assignment& assignment : assignments) locks_.add(assignment.parameter.state()->cell.get(), true);
    locks_.lock();
    for (const Tensor& leaf : leaves_) {
      if (!leaf.node()->is_stale()) continue;
      throw StaleError(fmt::format(
          "{}parameter {} was moved on by another thread during this evaluation", at(where), describe(leaf)));
    }
  }

  void allocate_outputs(const plan::Plan& plan) {
    for (const Tensor& leaf : leaves_) {
      const Node* node = leaf.node();
      Buffer* value = node->value.load(std::memory_order_acquire);
      bindings_.leaves.push_back(value ? value->data() : nullptr);
      bindings_.numbers.push_back(node->number);
    }
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

  void move_on(const std::vector<Assignment>& assignments) {
    for (const Assignment& assignment : assignments) {
      ParameterState* state = assignment.parameter.state();
      state->cell->version.fetch_add(1, std::memory_order_acq_rel);
      Tensor leaf = leaf_of_current_version(state->cell);
      const std::scoped_lock lock(state->mutex);
      std::swap(state->leaf, leaf);
    }
  }

  void publish(const plan::Plan& plan, const std::vector<Assignment>& assignments) {
    const std::scoped_lock lock(graph_mutex());
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      Node* node = kept_[i].node();
      const auto& output = plan.outputs[i];
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
    for (const Assignment& assignment : assignments) {
      plan::forget_dependents(assignment.parameter.state()->cell.get(), released_);
    }
  }

  plan::Recording recording_;
  plan::Bindings bindings_;
  ParameterLocks locks_;
  Tensors leaves_, kept_, nodes_, released_;
  std::vector<BufferHandle> buffers_;
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

}  // namespace gradus
