#include <atomic>
#include <cstring>
#include <exception>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <gradus/graph/plan/plan.h>
#include <gradus/graph/plan/task_order.h>
#include <gradus/graph/plan/threads.h>

namespace gradus::plan {

namespace {

// A kernel below this is over before a second thread has woken up.
constexpr double least_split_ns = 40000;

void run_step(const Plan::Step& step, void* const* operands, bool split) {
  void* const* inputs = operands + step.first_operand;
  void* const* outputs = inputs + step.input_count;
  if (!split || step.parts < 2 || step.cost < least_split_ns) {
    step.kernel->run(inputs, outputs, 0, step.parts);
    return;
  }
  const auto run_parts = [&](Index begin, Index end) {
    step.kernel->run(inputs, outputs, begin, end);
    ended(outputs);
  };
  ended(inputs);
  tbb::parallel_for(
      tbb::blocked_range<Index>(0, step.parts), [&](const tbb::blocked_range<Index>& parts) GRADUS_CALLED_BY_TBB {
        begins_after(inputs);
        run_parts(parts.begin(), parts.end());
      });
  begins_after(outputs);
}

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

  void run() {
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
    for (std::uint32_t i = plan_.task_begin[task]; i < plan_.task_begin[task + 1]; ++i) {
      if (failed_.load(std::memory_order_acquire)) return;
      try {
        run_step(plan_.steps[i], operands_, true);
      } catch (...) {
        if (!failed_.exchange(true)) failure_ = std::current_exception();
      }
    }
  }

  const Plan& plan_;
  void* const* operands_;
  int threads_;
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

void run_steps(const Plan& plan, Workspace& workspace) {
  const bool several = threads() > 1;
  if (!several) {
    for (const auto& step : plan.steps) run_step(step, workspace.operands.data(), false);
    return;
  }
  if (!plan.parallel) {
    // Only a large kernel is worth the way into TBB.
    for (const auto& step : plan.steps) {
      if (step.parts > 1 && step.cost >= least_split_ns) {
        in_worker_arena(
            [&] { tbb::this_task_arena::isolate([&] { run_step(step, workspace.operands.data(), true); }); });
      } else {
        run_step(step, workspace.operands.data(), false);
      }
    }
    return;
  }
  in_worker_arena([&] {
    if (!workspace.runner || !workspace.runner->fits())
      workspace.runner = std::make_unique<TaskRunner>(plan, workspace.operands.data());
    workspace.runner->run();
  });
}

}  // namespace

void run(const Plan& plan, const Bindings& bindings) {
  auto workspace = plan.take_workspace();
  bind(plan, bindings, *workspace);
  run_steps(plan, *workspace);
  plan.give_back(std::move(workspace));
}

}  // namespace gradus::plan
