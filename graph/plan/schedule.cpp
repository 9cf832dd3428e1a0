#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <boost/graph/transitive_reduction.hpp>
#include <boost/range/iterator_range.hpp>

#include <gradus/graph/plan/draft.h>
#include <gradus/graph/plan/kernels.h>

namespace gradus::plan {

namespace {

constexpr double least_task_ns = 2000;       // smaller ones join a neighbour
constexpr double least_parallel_ns = 30000;  // of work before a second thread can help
constexpr double least_gain = 1.25;          // work over span
constexpr double task_overhead_ns = 500;
constexpr int most_tasks = 2000;  // beyond this, reducing their graph costs more than it saves

// Steps grouped into tasks. A task's steps run in order on one thread.
class TaskGraph {
 public:
  explicit TaskGraph(Draft& draft) : draft_(draft) {}

  void run() {
    connect(draft_);
    start_tasks();
    merged_into_.resize(tasks_.size());
    std::iota(merged_into_.begin(), merged_into_.end(), 0);
    merge_small(true);
    merge_small(false);
    number_tasks();
    if (worthwhile()) {
      draft_.parallel = true;
      reduce();
    } else {
      draft_.task_edges.clear();
    }
  }

 private:
  struct Task {
    double cost = 0;
    std::set<int> before, after;
    bool alive = true;
  };

  // The steps that must come before: views and leaves are looked through.
  void for_each_step_before(VertexId v, const auto& visit) const {
    for (const auto edge : boost::make_iterator_range(boost::in_edges(v, draft_.graph))) {
      const VertexId before = draft_.step_of(static_cast<VertexId>(boost::source(edge, draft_.graph)));
      if (draft_[before].is_step()) visit(before);
    }
  }

  void start_tasks() {
    std::vector<int> last_step_of;  // by task
    std::vector<int> readers(boost::num_vertices(draft_.graph), 0);
    for (const VertexId v : draft_.order) {
      if (!draft_[v].is_step()) continue;
      for_each_step_before(v, [&](VertexId before) { ++readers[before]; });
    }
    for (const VertexId v : draft_.order) {
      DraftVertex& vertex = draft_[v];
      if (!vertex.is_step()) continue;
      std::set<VertexId> before;
      for_each_step_before(v, [&](VertexId step) { before.insert(step); });
      const bool joins =
          before.size() == 1 && readers[*before.begin()] == 1 &&
          last_step_of[static_cast<std::size_t>(draft_[*before.begin()].task)] == static_cast<int>(*before.begin());
      if (joins) {
        vertex.task = draft_[*before.begin()].task;
      } else {
        vertex.task = static_cast<int>(tasks_.size());
        tasks_.emplace_back();
        last_step_of.push_back(-1);
      }
      last_step_of[static_cast<std::size_t>(vertex.task)] = static_cast<int>(v);
      tasks_[static_cast<std::size_t>(vertex.task)].cost += vertex.cost;
      for (const VertexId step : before) link(draft_[step].task, vertex.task);
    }
  }

  Task& task(int t) { return tasks_[static_cast<std::size_t>(t)]; }

  void link(int before, int after) {
    if (before == after) return;
    task(before).after.insert(after);
    task(after).before.insert(before);
  }

  // A small task joins its only predecessor (or successor): that can close no cycle.
  void merge_small(bool backwards) {
    const int count = static_cast<int>(tasks_.size());
    for (int k = 0; k < count; ++k) {
      const int t = backwards ? k : count - 1 - k;
      const std::set<int>& neighbours = backwards ? task(t).before : task(t).after;
      if (!task(t).alive || task(t).cost >= least_task_ns || neighbours.size() != 1) continue;
      merge(t, *neighbours.begin());
    }
  }

  void merge(int from, int into) {
    task(into).cost += task(from).cost;
    for (const int before : task(from).before) {
      task(before).after.erase(from);
      link(before, into);
    }
    for (const int after : task(from).after) {
      task(after).before.erase(from);
      link(into, after);
    }
    task(from).before.clear();
    task(from).after.clear();
    task(from).alive = false;
    merged_into_[static_cast<std::size_t>(from)] = into;
  }

  int root(int t) const {
    while (merged_into_[static_cast<std::size_t>(t)] != t) t = merged_into_[static_cast<std::size_t>(t)];
    return t;
  }

  // Tasks by the place of their last step: every edge then leads from a smaller number to a larger one.
  void number_tasks() {
    std::map<int, int> last;
    for (std::size_t i = 0; i < draft_.order.size(); ++i) {
      DraftVertex& vertex = draft_[draft_.order[i]];
      if (vertex.is_step()) last[root(vertex.task)] = static_cast<int>(i);
    }
    const std::vector<int> sorted = topological(last);
    std::map<int, int> number;
    for (const int t : sorted) number.emplace(t, static_cast<int>(number.size()));
    for (const VertexId v : draft_.order) {
      if (draft_[v].is_step()) draft_[v].task = number.at(root(draft_[v].task));
    }
    costs_.assign(number.size(), 0);
    for (const auto& [t, n] : number) {
      costs_[static_cast<std::size_t>(n)] = task(t).cost;
      for (const int after : task(t).after) draft_.task_edges.emplace_back(n, number.at(after));
    }
    std::sort(draft_.task_edges.begin(), draft_.task_edges.end());
    draft_.tasks = static_cast<int>(number.size());
  }

  std::vector<int> topological(const std::map<int, int>& last) {
    std::map<int, std::size_t> waiting;
    std::set<std::pair<int, int>> ready;  // by place, so that the result is the same each time
    for (const auto& [t, place] : last) {
      waiting[t] = task(t).before.size();
      if (waiting[t] == 0) ready.emplace(place, t);
    }
    std::vector<int> sorted;
    while (!ready.empty()) {
      const int t = ready.begin()->second;
      ready.erase(ready.begin());
      sorted.push_back(t);
      for (const int after : task(t).after) {
        if (--waiting[after] == 0) ready.emplace(last.at(after), after);
      }
    }
    return sorted;
  }

  bool worthwhile() {
    std::vector<double> finish(costs_.size(), 0);
    std::vector<int> level(costs_.size(), 0);
    for (const auto& [before, after] : draft_.task_edges) {
      const auto b = static_cast<std::size_t>(before), a = static_cast<std::size_t>(after);
      finish[a] = std::max(finish[a], finish[b] + costs_[b] + task_overhead_ns);
      level[a] = std::max(level[a], level[b] + 1);
    }
    std::map<int, Index> at_level;
    for (std::size_t t = 0; t < costs_.size(); ++t) {
      draft_.work += costs_[t];
      draft_.span = std::max(draft_.span, finish[t] + costs_[t]);
      draft_.width = std::max(draft_.width, ++at_level[level[t]]);
    }
    return draft_.work >= least_parallel_ns && draft_.work >= least_gain * draft_.span && draft_.tasks <= most_tasks;
  }

  void reduce() {
    using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
    Graph full(costs_.size());
    for (const auto& [before, after] : draft_.task_edges) {
      boost::add_edge(static_cast<std::size_t>(before), static_cast<std::size_t>(after), full);
    }
    Graph reduced;
    std::vector<std::size_t> image(costs_.size()), index(costs_.size());
    for (std::size_t t = 0; t < index.size(); ++t) index[t] = t;
    boost::transitive_reduction(
        full, reduced, boost::make_iterator_property_map(image.begin(), boost::get(boost::vertex_index, full)),
        boost::make_iterator_property_map(index.begin(), boost::get(boost::vertex_index, full)));
    std::vector<int> back(costs_.size());
    for (std::size_t t = 0; t < image.size(); ++t) back[image[t]] = static_cast<int>(t);
    draft_.task_edges.clear();
    for (const auto edge : boost::make_iterator_range(boost::edges(reduced))) {
      draft_.task_edges.emplace_back(back[boost::source(edge, reduced)], back[boost::target(edge, reduced)]);
    }
  }

  Draft& draft_;
  std::vector<Task> tasks_;
  std::vector<int> merged_into_;
  std::vector<double> costs_;  // by final number
};

// Beyond this many steps the tasks of a fine-grained graph are not worth finding.
constexpr std::size_t most_steps = 100000;

void one_task(Draft& draft) {
  for (const VertexId v : draft.order) {
    if (!draft[v].is_step()) continue;
    draft[v].task = 0;
    draft.work += draft[v].cost;
  }
  draft.span = draft.work;
  draft.tasks = 1;
  draft.width = 1;
}

// The steps of a task must follow each other in the order, for it runs as one.
void order_by_task(Draft& draft) {
  std::stable_sort(
      draft.order.begin(), draft.order.end(), [&](VertexId a, VertexId b) { return draft[a].task < draft[b].task; });
}

}  // namespace

void schedule(Draft& draft) {
  double work = 0;
  std::size_t steps = 0;
  for (const VertexId v : draft.order) {
    if (!draft[v].is_step()) continue;
    prepare_kernel(draft, v);
    work += draft[v].cost;
    ++steps;
  }
  if (work < least_parallel_ns || steps > most_steps) return one_task(draft);
  TaskGraph(draft).run();
  if (draft.parallel) order_by_task(draft);
}

}  // namespace gradus::plan
