#pragma once

#include <string>
#include <vector>

#include <gradus/graph/parameter.h>
#include <gradus/graph/tensor.h>

namespace gradus {

/// Computes the values of all given tensors in one plan. Handles that somebody still holds keep their values; what
/// nobody holds lives only while the plan runs. Throws StaleError where a parameter has moved on since the graph was
/// built.
void evaluate(const Tensors& tensors, Where where = Where::current());

/// A parameter and the value that it takes.
struct Assignment {
  Parameter parameter;
  Tensor value;
};

/// Computes `tensors` and all new values in one plan, then moves every parameter on. All values are computed from the
/// versions before the call. If anything throws, no parameter has changed. Throws ShapeError or DtypeError where a
/// value does not fit its parameter, ValueError where a parameter is assigned twice.
void assign(const std::vector<Assignment>& assignments, const Tensors& tensors = {}, Where where = Where::current());

/// How many threads evaluate graphs: 1 is serial, 0 all that the machine has (the default, or GRADUS_THREADS). The
/// results are the same to the bit.
void set_threads(int count);
int threads();

/// What the planner made of a graph.
struct Explanation {
  Index recorded = 0;        ///< nodes behind the tensors
  Index steps = 0;           ///< kernels that run
  Index tasks = 0;           ///< groups of steps that run as one
  double work = 0;           ///< estimated µs of all steps
  double span = 0;           ///< estimated µs of the longest chain
  Index width = 0;           ///< the most tasks that can run at once
  Index arena_bytes = 0;     ///< memory for intermediate values
  Index unshared_bytes = 0;  ///< what they would take without reuse
  bool parallel = false;     ///< whether tasks run on TBB
  bool tried = false;        ///< whether runs are timed to find out if tasks on TBB are faster
  Index batches = 0;         ///< if not 0: it repeats itself, and runs as so many batches of equal cells instead
  std::vector<std::string> step_texts;  ///< one line a step, in order
  std::string dot;                      ///< Graphviz drawing of the steps

  std::string text() const;
};

/// Plans the graph behind the tensors without evaluating it.
Explanation explain(const Tensors& tensors, Where where = Where::current());

/// How the plan cache has fared since the program began.
struct PlanCacheStatistics {
  Index hits = 0, misses = 0, plans = 0;
};
PlanCacheStatistics plan_cache_statistics();
void clear_plan_cache();

}  // namespace gradus
