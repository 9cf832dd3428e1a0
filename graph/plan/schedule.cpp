#include <algorithm>
#include <numeric>

#include <boost/graph/transitive_reduction.hpp>
#include <boost/range/iterator_range.hpp>

#include <gradus/graph/plan/cost_model.h>
#include <gradus/graph/plan/draft.h>
#include <gradus/graph/plan/grouping.h>
#include <gradus/graph/plan/kernels.h>

namespace gradus::plan {

namespace {

constexpr double least_gain = 1.1;             // on two threads, as estimated, the second being asleep
constexpr double worth_trying = 1.15;          // the same, the second being awake
constexpr double worth_trying_ns = 15000;      // of work
constexpr int most_tasks = 2000;               // beyond this, reducing their graph costs more than it saves
constexpr std::size_t most_steps = 100000;     // beyond this, so does finding them
constexpr double worth_measuring_ns = 100000;  // of work, before the machine is measured for it

double prepare_kernels(Draft& draft) {
  double work = 0;
  for (const VertexId v : draft.order) {
    if (!draft[v].is_step()) continue;
    prepare_kernel(draft, v);
    work += draft[v].cost;
  }
  return work;
}

// Views, side values and leaves are looked through.
StepGraph steps_of(const Draft& draft) {
  StepGraph steps;
  std::vector<std::uint32_t> number(boost::num_vertices(draft.graph), 0), before;
  for (const VertexId v : draft.order) {
    if (!draft[v].is_step()) continue;
    before.clear();
    for (const auto edge : boost::make_iterator_range(boost::in_edges(v, draft.graph))) {
      const VertexId step = draft.step_of(static_cast<VertexId>(boost::source(edge, draft.graph)));
      if (draft[step].is_step()) before.push_back(number[step]);
    }
    number[v] = static_cast<std::uint32_t>(steps.size());
    steps.add(draft[v].cost, before);
  }
  return steps;
}

void one_task(Draft& draft) {
  for (const VertexId v : draft.order) {
    if (draft[v].is_step()) draft[v].task = 0;
  }
  draft.span = draft.work;
  draft.tasks = 1;
  draft.width = 1;
}

// Which edges say nothing that others do not say already.
std::vector<std::pair<int, int>> reduced(const std::vector<std::pair<int, int>>& edges, std::size_t tasks) {
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  Graph full(tasks), reduction;
  for (const auto& [before, after] : edges)
    boost::add_edge(static_cast<std::size_t>(before), static_cast<std::size_t>(after), full);
  std::vector<std::size_t> image(tasks), index(tasks);
  std::iota(index.begin(), index.end(), 0);
  boost::transitive_reduction(
      full, reduction, boost::make_iterator_property_map(image.begin(), boost::get(boost::vertex_index, full)),
      boost::make_iterator_property_map(index.begin(), boost::get(boost::vertex_index, full)));
  std::vector<int> task_of(tasks);
  for (std::size_t t = 0; t < tasks; ++t) task_of[image[t]] = static_cast<int>(t);
  std::vector<std::pair<int, int>> kept;
  for (const auto edge : boost::make_iterator_range(boost::edges(reduction)))
    kept.emplace_back(task_of[boost::source(edge, reduction)], task_of[boost::target(edge, reduction)]);
  return kept;
}

void take_over(Draft& draft, const Grouping& grouping) {
  std::size_t step = 0;
  for (const VertexId v : draft.order) {
    if (draft[v].is_step()) draft[v].task = grouping.task_of[step++];
  }
  draft.tasks = static_cast<int>(grouping.costs.size());
  draft.span = grouping.span;
  draft.width = grouping.width;
}

// Whether a worker sleeps when a plan begins only its runs can tell.
Concurrency concurrency_of(const Grouping& grouping, const TaskCosts& costs) {
  if (grouping.width < 2 || grouping.costs.size() > most_tasks) return Concurrency::none;
  const double awake = time_on(2, grouping, costs);
  if (least_gain * (awake + costs.wake) <= grouping.work) return Concurrency::sure;
  return worth_trying * awake <= grouping.work ? Concurrency::tried : Concurrency::none;
}

// The steps of a task must follow each other in the order, for it runs as one.
void order_by_task(Draft& draft) {
  std::stable_sort(
      draft.order.begin(), draft.order.end(), [&](VertexId a, VertexId b) { return draft[a].task < draft[b].task; });
}

}  // namespace

void schedule(Draft& draft) {
  draft.work = prepare_kernels(draft);
  if (draft.work >= worth_measuring_ns && threads() > 1 && measure_costs_once()) draft.work = prepare_kernels(draft);
  const TaskCosts& costs = machine_costs().tasks;
  if (draft.work < worth_trying_ns) return one_task(draft);
  connect(draft);
  const StepGraph steps = steps_of(draft);
  if (steps.size() > most_steps) return one_task(draft);
  const Grouping grouping = group(steps, costs);
  take_over(draft, grouping);
  draft.concurrency = concurrency_of(grouping, costs);
  if (draft.concurrency == Concurrency::none) return;
  draft.task_edges = reduced(grouping.edges, grouping.costs.size());
  order_by_task(draft);
}

}  // namespace gradus::plan
