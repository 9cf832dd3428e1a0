#pragma once

#include <mutex>
#include <vector>

#include <gradus/graph/plan/plan.h>

namespace gradus::tests {

/// What the planner makes of some assignments and tensors.
inline plan::Draft planned(const std::vector<Assignment>& assignments, const Tensors& tensors) {
  plan::Recording recording;
  const std::scoped_lock lock(graph_mutex());
  plan::record(tensors, assignments, Where::current(), recording);
  return plan::planned(recording);
}

}  // namespace gradus::tests
