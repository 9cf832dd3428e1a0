#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <gradus/graph/shape.h>

namespace gradus::plan {

/// What runs and what waits for what. Steps have numbers; whatever a step waits for has a smaller one.
struct StepGraph {
  std::vector<double> costs;                   ///< ns
  std::vector<std::uint32_t> before;           ///< which steps each waits for, step after step
  std::vector<std::uint32_t> first_before{0};  ///< where each step's begin in `before`, and the end

  std::size_t size() const { return costs.size(); }
  std::span<const std::uint32_t> before_of(std::size_t step) const {
    return std::span(before).subspan(first_before[step], first_before[step + 1] - first_before[step]);
  }
  /// The next step.
  void add(double cost, std::span<const std::uint32_t> waits_for);
};

/// Steps grouped into tasks. A task's steps run in order on one thread, once all of it may begin. Whatever a task waits
/// for has a smaller number.
struct Grouping {
  std::vector<int> task_of;                ///< by step
  std::vector<double> costs;               ///< of tasks, ns
  std::vector<std::pair<int, int>> edges;  ///< between tasks, sorted, each once
  double work = 0;                         ///< ns of all steps
  double span = 0;                         ///< ns of the longest chain, with what it costs to pass tasks on
  Index width = 0;                         ///< the most tasks at one distance from the beginning
};

/// What parallel work costs beside the steps, in ns.
struct TaskCosts {
  double task = 500;        ///< to start one task
  double hand_over = 2000;  ///< until another thread that waits for work has begun on it
  double wake = 20000;      ///< the same, if that thread sleeps
};

/// The grouping that promises to be over soonest on several threads. Tasks are as coarse as the width allows: a chain
/// is one task, and small independent steps share one.
Grouping group(const StepGraph& steps, const TaskCosts& costs);

/// ns that a grouping takes on so many threads at worst (Graham's bound for any order of tasks).
double time_on(double threads, const Grouping& grouping, const TaskCosts& costs);

}  // namespace gradus::plan
