#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gradus/graph/plan/draft.h>
#include <gradus/graph/plan/recording.h>
#include <gradus/graph/plan/trace_events.h>
#include <gradus/graph/plan/trial.h>

namespace gradus::plan {

class TaskRunner;

/// What one run of a plan writes to: taken from the plan's pool and given back, so that several threads may run one
/// plan.
struct Workspace {
  Workspace();
  ~Workspace();
  BufferHandle arena;
  std::vector<void*> operands;         ///< of all steps, inputs then outputs
  std::unique_ptr<TaskRunner> runner;  ///< made when tasks first run in parallel
};

/// A graph ready to run, for every recording with the same signature. Immutable but for its pool and its trial.
struct Plan {
  struct Step {
    std::shared_ptr<const Kernel> kernel;
    std::uint32_t first_operand = 0;
    std::uint32_t input_count = 0;
    Index parts = 1;
    bool splits = false;       ///< large enough for other threads to take parts
    bool has_scratch = false;  ///< behind its outputs
    int task = 0;
  };
  /// An operand whose address is known only when the plan runs.
  struct Patch {
    std::uint32_t operand;
    std::uint32_t which;  ///< leaf or output
    Index offset;         ///< bytes
  };
  struct Number {
    std::uint32_t leaf;
    Index offset;  ///< in the arena, bytes
    Dtype dtype;
  };
  struct Output {
    std::uint32_t buffer;  ///< several kept nodes may share one
    Index bytes = 0;       ///< of the buffer, for the node that owns it; −1: shares an earlier one
    bool depends_on_assigned = false;
  };

  std::vector<Step> steps;
  std::vector<Patch> leaf_patches, output_patches;
  std::vector<Number> numbers;
  std::vector<Output> outputs;
  std::size_t buffer_count = 0;
  std::vector<void*> operand_template;  ///< arena offsets
  Index arena_bytes = 0;
  Concurrency concurrency = Concurrency::none;
  bool splits = false;  ///< some step does
  int tasks = 0;
  std::vector<std::uint32_t> task_begin;  ///< first step of each task, and the end
  std::vector<std::pair<int, int>> task_edges;
  std::shared_ptr<const StepLabels> labels;  ///< of the steps; null if no trace was being written

  std::unique_ptr<Workspace> take_workspace() const;
  void give_back(std::unique_ptr<Workspace> workspace) const;

  /// How the next run of a plan that is tried goes, and what it took if that was wanted.
  Trial::Turn next_turn() const;
  void took(Trial::Turn turn, std::int64_t ns) const;

 private:
  mutable std::mutex pool_mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> pool_;
  mutable Trial trial_;            ///< under pool_mutex_ too
  mutable int tried_threads_ = 0;  ///< for how many threads
};

/// Runs the enabled passes over a draft of the recording.
Draft planned(const Recording& recording);
/// Compiles a planned draft. The recording gives the nodes' names.
std::shared_ptr<const Plan> compile(const Draft& draft, const Recording& recording);

/// The plan for a recording's signature, if there is one. Counts hits and misses.
std::shared_ptr<const Plan> find_plan(const Recording& recording);
void keep_plan(const Recording& recording, std::shared_ptr<const Plan> plan);

/// What a run is given. Pointers, not owners.
struct Bindings {
  std::vector<void*> leaves;
  std::vector<double> numbers;  ///< by leaf; read where the leaf is a number
  std::vector<void*> outputs;   ///< by buffer
};

/// Runs all steps. If one throws, no parameter has changed.
void run(const Plan& plan, const Bindings& bindings);

}  // namespace gradus::plan
