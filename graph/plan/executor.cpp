#include <atomic>
#include <cstring>
#include <exception>
#include <utility>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <gradus/graph/plan/crew.h>
#include <gradus/graph/plan/plan.h>
#include <gradus/graph/plan/task_order.h>
#include <gradus/graph/plan/threads.h>

namespace gradus::plan {

namespace {

// Runs steps of one plan over one workspace.
class StepRunner {
 public:
  StepRunner(const Plan& plan, void* const* operands, bool traced)
      : plan_(plan), operands_(operands), traced_(traced) {}

  /// On this thread alone.
  void run(std::size_t i) const {
    const Plan::Step& step = plan_.steps[i];
    start(step);
    run_parts(i, 0, step.parts);
    finish(step);
  }

  /// Where other threads of this arena may take parts.
  void run_split(std::size_t i) const {
    const Plan::Step& step = plan_.steps[i];
    void* const* const key = operands_ + step.first_operand;
    start(step);
    ended(key);
    tbb::parallel_for(
        tbb::blocked_range<Index>(0, step.parts), [&](const tbb::blocked_range<Index>& parts) GRADUS_CALLED_BY_TBB {
          begins_after(key);
          run_parts(i, parts.begin(), parts.end());
          ended(key + step.input_count);
        });
    begins_after(key + step.input_count);
    finish(step);
  }

  /// The same by those who are awake.
  void run_shared(std::size_t i, Shift& shift) const {
    const Plan::Step& step = plan_.steps[i];
    start(step);
    shift.share(step.parts, [&](Index part) { run_parts(i, part, part + 1); });
    finish(step);
  }

 private:
  void start(const Plan::Step& step) const {
    void* const* const inputs = operands_ + step.first_operand;
    if (step.has_scratch) step.kernel->start(inputs, inputs + step.input_count);
  }

  void finish(const Plan::Step& step) const {
    void* const* const inputs = operands_ + step.first_operand;
    if (step.has_scratch) step.kernel->finish(inputs, inputs + step.input_count);
  }

  void run_parts(std::size_t i, Index begin, Index end) const {
    const Plan::Step& step = plan_.steps[i];
    void* const* const inputs = operands_ + step.first_operand;
    const std::int64_t start = traced_ ? trace_clock() : 0;
    step.kernel->run(inputs, inputs + step.input_count, begin, end);
    if (traced_) trace_event(plan_.labels, i, start);
  }

  const Plan& plan_;
  void* const* operands_;
  bool traced_;
};

}  // namespace

/// The tasks of a plan as a TBB flow graph over one workspace, built once and triggered for every run.
class TaskRunner {
 public:
  TaskRunner(const Plan& plan, void* const* operands)
      : plan_(plan), operands_(operands), threads_(threads()), start_(graph_) {
    for (int t = 0; t < plan.tasks; ++t) {
      nodes_.push_back(std::make_unique<Node>(
          graph_, [this, t](const tbb::flow::continue_msg&) GRADUS_CALLED_BY_TBB { run_task(t); }));
    }
    std::vector<bool> has_predecessor(nodes_.size(), false);
    before_.resize(nodes_.size());
    for (const auto& [before, after] : plan.task_edges) {
      before_[static_cast<std::size_t>(after)].push_back(before);
      tbb::flow::make_edge(*nodes_[static_cast<std::size_t>(before)], *nodes_[static_cast<std::size_t>(after)]);
      has_predecessor[static_cast<std::size_t>(after)] = true;
    }
    for (std::size_t t = 0; t < nodes_.size(); ++t) {
      if (!has_predecessor[t]) tbb::flow::make_edge(start_, *nodes_[t]);
    }
  }

  /// The flow graph runs where it was built: another number of threads needs another one.
  bool fits() const { return threads_ == threads(); }

  void run(bool traced) {
    traced_ = traced;
    failed_ = false;
    failure_ = nullptr;
    // Waiting here must not pick up a stranger's task, which might wait for what this thread holds.
    ended(this);
    tbb::this_task_arena::isolate([&] {
      start_.try_put(tbb::flow::continue_msg());
      graph_.wait_for_all();
    });
    for (const auto& node : nodes_) begins_after(node.get());
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  using Node = tbb::flow::continue_node<tbb::flow::continue_msg>;

  void run_task(int t) {
    const auto task = static_cast<std::size_t>(t);
    begins_after(this);
    for (const int before : before_[task]) begins_after(nodes_[static_cast<std::size_t>(before)].get());
    run_steps_of(task);
    ended(nodes_[task].get());
  }

  // A failure stops what has not begun; assignments come last, so none has happened yet.
  void run_steps_of(std::size_t task) {
    const StepRunner steps(plan_, operands_, traced_);
    for (std::uint32_t i = plan_.task_begin[task]; i < plan_.task_begin[task + 1]; ++i) {
      if (failed_.load(std::memory_order_acquire)) return;
      try {
        plan_.steps[i].splits ? steps.run_split(i) : steps.run(i);
      } catch (...) {
        if (!failed_.exchange(true)) failure_ = std::current_exception();
      }
    }
  }

  const Plan& plan_;
  void* const* operands_;
  int threads_;
  bool traced_ = false;
  tbb::flow::graph graph_;
  tbb::flow::broadcast_node<tbb::flow::continue_msg> start_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::vector<int>> before_;  // tasks that each task waits for
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;
};

Workspace::Workspace() = default;
Workspace::~Workspace() = default;

std::unique_ptr<Workspace> Plan::take_workspace() const {
  {
    const std::scoped_lock lock(pool_mutex_);
    if (!pool_.empty()) {
      auto workspace = std::move(pool_.back());
      pool_.pop_back();
      return workspace;
    }
  }
  auto workspace = std::make_unique<Workspace>();
  workspace->arena = BufferHandle(Buffer::allocate(arena_bytes));
  workspace->operands = operand_template;
  auto* base = static_cast<std::byte*>(workspace->arena->data());
  for (void*& operand : workspace->operands) operand = base + reinterpret_cast<std::intptr_t>(operand);
  return workspace;
}

void Plan::give_back(std::unique_ptr<Workspace> workspace) const {
  const std::scoped_lock lock(pool_mutex_);
  pool_.push_back(std::move(workspace));
}

Trial::Turn Plan::next_turn() const {
  const std::scoped_lock lock(pool_mutex_);
  if (const int now = threads(); std::exchange(tried_threads_, now) != now) trial_ = {};
  return trial_.next();
}

void Plan::took(Trial::Turn turn, std::int64_t ns) const {
  const std::scoped_lock lock(pool_mutex_);
  trial_.took(turn, ns);
}

namespace {

void write_number(void* to, double value, Dtype dtype) {
  if (dtype == Dtype::float64) {
    std::memcpy(to, &value, sizeof value);
  } else if (dtype == Dtype::int32) {
    const auto whole = static_cast<std::int32_t>(value);
    std::memcpy(to, &whole, sizeof whole);
  } else if (dtype == Dtype::boolean) {
    const std::uint8_t truth = value != 0;
    std::memcpy(to, &truth, sizeof truth);
  } else {
    const auto single = static_cast<float>(value);
    std::memcpy(to, &single, sizeof single);
  }
}

void bind(const Plan& plan, const Bindings& bindings, Workspace& workspace) {
  auto* arena = static_cast<std::byte*>(workspace.arena->data());
  for (const auto& number : plan.numbers)
    write_number(arena + number.offset, bindings.numbers[number.leaf], number.dtype);
  for (const auto& patch : plan.leaf_patches) {
    workspace.operands[patch.operand] = static_cast<std::byte*>(bindings.leaves[patch.which]) + patch.offset;
  }
  for (const auto& patch : plan.output_patches) {
    workspace.operands[patch.operand] = static_cast<std::byte*>(bindings.outputs[patch.which]) + patch.offset;
  }
}

void run_in_order(const Plan& plan, const StepRunner& steps) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) steps.run(i);
}

// Only a large kernel is worth the way to other threads.
void run_splitting(const Plan& plan, const StepRunner& steps) {
  if (!plan.splits) return run_in_order(plan, steps);
  Shift shift;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (!plan.steps[i].splits) {
      steps.run(i);
    } else if (shift.has_crew()) {
      steps.run_shared(i, shift);
    } else {
      in_worker_arena([&] { tbb::this_task_arena::isolate([&] { steps.run_split(i); }); });
    }
  }
}

void run_tasks(const Plan& plan, Workspace& workspace, bool traced) {
  dismiss_crew();
  in_worker_arena([&] {
    if (!workspace.runner || !workspace.runner->fits())
      workspace.runner = std::make_unique<TaskRunner>(plan, workspace.operands.data());
    workspace.runner->run(traced);
  });
}

// Either way comes to the same bits.
void run_as_tried(const Plan& plan, Workspace& workspace, const StepRunner& steps, bool traced) {
  const Trial::Turn turn = plan.next_turn();
  const std::int64_t start = turn.timed ? trace_clock() : 0;
  turn.way == Trial::Way::at_once ? run_tasks(plan, workspace, traced) : run_splitting(plan, steps);
  if (turn.timed) plan.took(turn, trace_clock() - start);
}

}  // namespace

void run(const Plan& plan, const Bindings& bindings) {
  const TraceScope scope("replay");
  const bool traced = plan.labels && tracing.load(std::memory_order_relaxed);
  auto workspace = plan.take_workspace();
  bind(plan, bindings, *workspace);
  const StepRunner steps(plan, workspace->operands.data(), traced);
  if (threads() == 1) {
    run_in_order(plan, steps);
  } else if (plan.concurrency == Concurrency::sure) {
    run_tasks(plan, *workspace, traced);
  } else if (plan.concurrency == Concurrency::tried) {
    run_as_tried(plan, *workspace, steps, traced);
  } else {
    run_splitting(plan, steps);
  }
  plan.give_back(std::move(workspace));
}

}  // namespace gradus::plan
