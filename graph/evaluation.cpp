#include <gradus/graph/evaluation.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/graph/gradients.h>
#include <gradus/graph/number_watch.h>
#include <gradus/graph/plan/retained.h>
#include <gradus/graph/rule_override.h>

namespace gradus {

namespace {

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

// No handle to a gradient may be left: what somebody holds is kept, and could not be fused into its update.
std::vector<Assignment> differentiated(
    const Tensor& cost, const Derivation& derivation, const Tensors& numbers, Where where) {
  Tensors parameters;
  for (const Parameter& parameter : derivation.with_respect_to) parameters.push_back(parameter.tensor());
  return assignments_of(derivation, gradients(Operand(cost, where), parameters), numbers, where);
}

}  // namespace

Tensors number_leaves(const Derivation& derivation) {
  Tensors leaves;
  for (const double number : derivation.numbers) {
    leaves.push_back(variable_number(number, Dtype::float32));
    leaves.push_back(variable_number(number, Dtype::float64));
  }
  return leaves;
}

std::vector<Assignment> assignments_of(
    const Derivation& derivation, const Tensors& gradients, const Tensors& numbers, Where where) {
  Tensors values = derivation.update(gradients, numbers);
  std::vector<Assignment> assignments;
  for (std::size_t i = 0; i < derivation.assigned.size(); ++i) {
    assignments.push_back({derivation.assigned[i], std::move(values[i])});
  }
  check_assignments(assignments, where);
  return assignments;
}

// The one operation of that name that checks values, if there is just one, is the culprit.
void throw_with_line(const ValueError& error, Tensors roots, const std::vector<Assignment>& assignments, Where where) {
  for (const Assignment& assignment : assignments) roots.push_back(assignment.value);
  const std::string_view message = error.what();
  const Node* culprit = nullptr;
  bool several = false;
  const Tensors nodes = nodes_behind(roots);
  for (const Tensor& node : nodes) {
    const Registered* operation = node.node()->operation;
    if (!operation || !operation->checks || !message.starts_with(std::string(operation->name) + ":")) continue;
    several = culprit != nullptr;
    culprit = node.node();
    if (several) break;
  }
  throw ValueError(at(culprit && !several ? culprit->where : where) + error.what());
}

void Evaluation::run(const Tensors& tensors, const std::vector<Assignment>& assignments, Where where) {
  for (const Assignment& assignment : assignments) assigned_.push_back(assignment.parameter.state());
  std::unique_lock lock(graph_mutex());
  record(tensors, assignments, where);
  if (recording_.kept.empty() && recording_.assigned.empty()) return reset();
  share_leaves_and_kept();
  auto plan = known_plan();
  const bool repetitive = !plan && assignments.empty() && find_repetition();
  lock.unlock();
  if (!repetitive || !evaluate_in_batches(tensors, where)) {
    if (!plan) plan = new_plan(recording_);
    execute(*plan, tensors, assignments, where);
  }
  reset();
}

void Evaluation::run_derived(const Tensors& cost, const Derivation& derivation, Where where) {
  const auto build_anew = [&] {
    run(cost, differentiated(cost[0], derivation, number_leaves(derivation), where), where);
  };
  if (derivation.identity == 0 || cost[0].empty() || ScopedRuleOverride::any()) return build_anew();
  std::unique_lock lock(graph_mutex());
  record(cost, {}, where);
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
  } else if (!step_in_batches(cost, derivation, where)) {
    reset();
    return build_anew();
  }
  reset();
}

void Evaluation::reset() {
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

void Evaluation::record(const Tensors& tensors, const std::vector<Assignment>& assignments, Where where) {
  const plan::TraceScope scope("record");
  plan::record(tensors, assignments, where, recording_);
}

void Evaluation::share_leaves_and_kept() {
  for (const std::uint32_t leaf : recording_.leaves) leaves_.push_back(share(recording_.nodes[leaf]));
  for (const std::uint32_t kept : recording_.kept) kept_.push_back(share(recording_.nodes[kept]));
}

std::shared_ptr<const plan::Plan> Evaluation::known_plan() {
  auto plan = plan::find_plan(recording_);
  if (!plan) {
    for (Node* node : recording_.nodes) nodes_.push_back(share(node));
  }
  return plan;
}

std::shared_ptr<const plan::Plan> Evaluation::new_plan(const plan::Recording& recording) {
  const plan::TraceScope scope("plan");
  auto plan = plan::compile(plan::planned(recording), recording);
  plan::keep_plan(recording, plan);
  return plan;
}

void Evaluation::derive(
    const Tensors& cost, const Derivation& derivation, const plan::Signature& signature, Where where) {
  const plan::Recording recorded = recording_;
  const Tensors numbers = number_leaves(derivation);
  const NumberWatch watch;
  const std::vector<Assignment> assignments = differentiated(cost[0], derivation, numbers, where);
  for (const Assignment& assignment : assignments) assigned_.push_back(assignment.parameter.state());
  std::unique_lock lock(graph_mutex());
  record(cost, assignments, where);
  share_leaves_and_kept();
  auto plan = known_plan();
  lock.unlock();
  if (!plan) plan = new_plan(recording_);
  auto derived = plan::learn(recorded, recording_, plan, derivation.assigned, numbers, watch);
  execute(*plan, cost, assignments, where);
  reset();
  if (derived) plan::keep_derived(signature, std::move(derived));
}

void Evaluation::execute(
    const plan::Plan& plan, const Tensors& tensors, const std::vector<Assignment>& assignments, Where where) {
  lock_parameters(where);
  bind_leaves();
  allocate_outputs(plan);
  try {
    plan::run(plan, bindings_);
  } catch (const ValueError& error) {
    throw_with_line(error, tensors, assignments, where);
  }
  publish(plan.outputs);
  move_on();
}

void Evaluation::lock_parameters(Where where) {
  for (const Tensor& leaf : leaves_) {
    if (ParameterCell* cell = leaf.node()->parameter.get()) locks_.add(cell, false);
  }
  for (const ParameterState* state : assigned_) locks_.add(state->cell.get(), true);
  locks_.lock();
  for (const Tensor& leaf : leaves_) {
    if (!leaf.node()->is_stale()) continue;
    throw StaleError(
        fmt::format("{}parameter {} was moved on by another thread during this evaluation", at(where), describe(leaf)));
  }
}

void Evaluation::bind_leaves() {
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

void Evaluation::bind(const Node& leaf) {
  Buffer* value = leaf.value.load(std::memory_order_acquire);
  bind(value ? value->data() : nullptr, leaf.number);
}

void Evaluation::bind(void* data, double number) {
  bindings_.leaves.push_back(data);
  bindings_.numbers.push_back(number);
}

void Evaluation::allocate_outputs(const plan::Plan& plan) {
  for (const auto& output : plan.outputs) {
    if (output.bytes < 0) continue;
    buffers_.emplace_back(Buffer::allocate(output.bytes));
    bindings_.outputs.push_back(buffers_.back()->data());
  }
}

void Evaluation::move_on() {
  // What was forgotten may hold the last references to leaves.
  released_.clear();
  leaves_.clear();
  // Another thread may have recorded a leaf that it does not hold yet.
  const std::scoped_lock walks(graph_mutex());
  for (ParameterState* state : assigned_) {
    const std::scoped_lock lock(state->mutex);
    move_leaf_on(*state);
  }
}

bool Evaluation::is_assigned(const ParameterCell* cell) const {
  return std::ranges::any_of(assigned_, [&](const ParameterState* state) { return state->cell.get() == cell; });
}

// Whether some gradient could still be asked for once all that depends on what moves has forgotten how it was made.
bool Evaluation::reads_what_stays() const {
  return std::ranges::any_of(leaves_, [&](const Tensor& leaf) {
    const Node* node = leaf.node();
    // What was evaluated before may lead to parameters too.
    if (node->kind == NodeKind::operation) return node->needs_gradient;
    return node->parameter && !is_assigned(node->parameter.get());
  });
}

void Evaluation::publish(std::span<const plan::Plan::Output> outputs) {
  const std::scoped_lock lock(graph_mutex());
  const bool loses = !assigned_.empty() && reads_what_stays();
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    Node* node = kept_[i].node();
    const auto& output = outputs[i];
    BufferHandle buffer = buffers_[output.buffer];
    Buffer* none = nullptr;
    // Another thread may have evaluated the same node; its bits are the same.
    if (!node->value.compare_exchange_strong(none, buffer.get(), std::memory_order_acq_rel)) continue;
    buffer.detach();
    if (output.depends_on_assigned || !node->needs_gradient) {
      if (loses && node->needs_gradient) plan::note_lost(node);
      forget_inputs(node, released_);
    } else {
      plan::retain_inputs(node);
    }
  }
  plan::forget_dependents(assigned_, released_);
}

}  // namespace gradus
