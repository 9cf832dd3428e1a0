#include <gradus/graph/plan/grouping.h>

#include <algorithm>
#include <array>
#include <limits>
#include <queue>

namespace gradus::plan {

void StepGraph::add(double cost, std::span<const std::uint32_t> waits_for) {
  costs.push_back(cost);
  before.insert(before.end(), waits_for.begin(), waits_for.end());
  first_before.push_back(static_cast<std::uint32_t>(before.size()));
}

namespace {

// When each step could begin if there were a thread for every one.
std::vector<double> earliest_starts(const StepGraph& steps) {
  std::vector<double> earliest(steps.size(), 0);
  for (std::size_t step = 0; step < steps.size(); ++step) {
    for (const std::uint32_t before : steps.before_of(step))
      earliest[step] = std::max(earliest[step], earliest[before] + steps.costs[before]);
  }
  return earliest;
}

// Goes through the steps in order. A step joins the latest task that it waits for, or the newest one, unless that
// delays anybody by more than `slack`; else it opens a task. Every step's task has at least the number of those it
// waits for, so tasks cannot wait for each other in a circle.
class Grouper {
 public:
  Grouper(const StepGraph& steps, const std::vector<double>& earliest, double slack)
      : steps_(steps), earliest_(earliest), slack_(slack), end_in_task_(steps.size(), 0), readers_(readers_of(steps)) {
    task_of_.reserve(steps.size());
  }

  std::vector<int> run() {
    for (std::size_t step = 0; step < steps_.size(); ++step) {
      int latest = -1;
      for (const std::uint32_t before : steps_.before_of(step)) latest = std::max(latest, task_of_[before]);
      const int newest = static_cast<int>(tasks_.size()) - 1;
      int task = newest + 1;
      for (const int candidate : {latest, newest}) {
        if (candidate < 0 || !may_join(step, candidate)) continue;
        task = candidate;
        break;
      }
      if (task > newest) tasks_.push_back({.earliest = earliest_[step]});
      join(step, task);
    }
    return std::move(task_of_);
  }

 private:
  struct Reader {
    double earliest;
    std::uint32_t step;
    bool operator>(const Reader& other) const { return earliest > other.earliest; }
  };
  struct Task {
    double earliest = 0;  // of its first step
    double start = 0, cost = 0;
    std::priority_queue<Reader, std::vector<Reader>, std::greater<>> readers = {};
  };

  static StepGraph readers_of(const StepGraph& steps) {
    StepGraph readers;
    std::vector<std::uint32_t> count(steps.size() + 1, 0);
    for (const std::uint32_t before : steps.before) ++count[before + 1];
    for (std::size_t i = 1; i < count.size(); ++i) count[i] += count[i - 1];
    readers.first_before = count;
    readers.before.resize(steps.before.size());
    for (std::size_t step = 0; step < steps.size(); ++step) {
      for (const std::uint32_t before : steps.before_of(step))
        readers.before[count[before]++] = static_cast<std::uint32_t>(step);
    }
    return readers;
  }

  Task& task(int t) { return tasks_[static_cast<std::size_t>(t)]; }

  // When a task may begin if this step is in it.
  double start_with(std::size_t step, int t) {
    double start = task(t).start;
    for (const std::uint32_t before : steps_.before_of(step)) {
      if (task_of_[before] == t) continue;
      const Task& other = task(task_of_[before]);
      start = std::max(start, other.start + other.cost);
    }
    return start;
  }

  bool may_join(std::size_t step, int t) {
    Task& joined = task(t);
    const double start = start_with(step, t);
    if (start > joined.start + slack_) return false;
    // The step itself: it could begin as soon as the last of what it waits for is over.
    double ready = 0;
    for (const std::uint32_t before : steps_.before_of(step)) {
      const Task& other = task(task_of_[before]);
      ready = std::max(ready, task_of_[before] == t ? start + end_in_task_[before] : other.start + other.cost);
    }
    if (start + joined.cost > ready + slack_) return false;
    // Those outside that wait for this task, if all before it is as late as the task itself.
    const double late = joined.start - joined.earliest;
    const double end = start + joined.cost + steps_.costs[step];
    return end - late <= first_reader(step, t) + slack_;
  }

  double first_reader(std::size_t step, int t) {
    auto& readers = task(t).readers;
    const auto inside = [&](std::uint32_t reader) { return reader < task_of_.size() && task_of_[reader] == t; };
    while (!readers.empty() && inside(readers.top().step)) readers.pop();
    if (readers.empty()) return std::numeric_limits<double>::infinity();
    if (readers.top().step != step) return readers.top().earliest;
    const Reader own = readers.top();
    while (!readers.empty() && (readers.top().step == step || inside(readers.top().step))) readers.pop();
    const double next = readers.empty() ? std::numeric_limits<double>::infinity() : readers.top().earliest;
    readers.push(own);
    return next;
  }

  void join(std::size_t step, int t) {
    Task& joined = task(t);
    joined.start = start_with(step, t);
    joined.cost += steps_.costs[step];
    end_in_task_[step] = joined.cost;
    task_of_.push_back(t);
    for (const std::uint32_t reader : readers_.before_of(step)) joined.readers.push({earliest_[reader], reader});
  }

  const StepGraph& steps_;
  const std::vector<double>& earliest_;
  double slack_;
  std::vector<Task> tasks_;
  std::vector<int> task_of_;         // by step, as far as they are placed
  std::vector<double> end_in_task_;  // by step, counted from its task's start
  StepGraph readers_;                // edges turned round; no costs
};

void connect(const StepGraph& steps, Grouping& grouping) {
  for (std::size_t step = 0; step < steps.size(); ++step) {
    const int after = grouping.task_of[step];
    for (const std::uint32_t b : steps.before_of(step)) {
      const int before = grouping.task_of[b];
      if (before != after) grouping.edges.emplace_back(before, after);
    }
  }
  std::sort(grouping.edges.begin(), grouping.edges.end());
  grouping.edges.erase(std::unique(grouping.edges.begin(), grouping.edges.end()), grouping.edges.end());
}

void measure(Grouping& grouping, const TaskCosts& costs) {
  const std::size_t tasks = grouping.costs.size();
  std::vector<double> start(tasks, 0);
  std::vector<std::size_t> level(tasks, 0);
  std::vector<Index> at_level(tasks, 0);
  for (const auto& [b, a] : grouping.edges) {
    const auto before = static_cast<std::size_t>(b), after = static_cast<std::size_t>(a);
    start[after] = std::max(start[after], start[before] + grouping.costs[before] + costs.task);
    level[after] = std::max(level[after], level[before] + 1);
  }
  for (std::size_t t = 0; t < tasks; ++t) {
    grouping.work += grouping.costs[t];
    grouping.span = std::max(grouping.span, start[t] + grouping.costs[t]);
    grouping.width = std::max(grouping.width, ++at_level[level[t]]);
  }
}

Grouping group_with(const StepGraph& steps, const std::vector<double>& earliest, double slack, const TaskCosts& costs) {
  Grouping grouping;
  grouping.task_of = Grouper(steps, earliest, slack).run();
  if (grouping.task_of.empty()) return grouping;
  const int tasks = 1 + *std::max_element(grouping.task_of.begin(), grouping.task_of.end());
  grouping.costs.assign(static_cast<std::size_t>(tasks), 0);
  for (std::size_t step = 0; step < steps.size(); ++step)
    grouping.costs[static_cast<std::size_t>(grouping.task_of[step])] += steps.costs[step];
  connect(steps, grouping);
  measure(grouping, costs);
  return grouping;
}

}  // namespace

double time_on(double threads, const Grouping& grouping, const TaskCosts& costs) {
  const double work = grouping.work + costs.task * static_cast<double>(grouping.costs.size());
  return work / threads + grouping.span * (1 - 1 / threads);
}

Grouping group(const StepGraph& steps, const TaskCosts& costs) {
  const std::vector<double> earliest = earliest_starts(steps);
  double span = 0;
  for (std::size_t step = 0; step < steps.size(); ++step) span = std::max(span, earliest[step] + steps.costs[step]);
  // Where there are members enough, whole members make the best tasks; where there are not, finer ones do.
  constexpr double threads = 4;
  const double finest = costs.hand_over;
  Grouping best = group_with(steps, earliest, finest, costs);
  for (const double slack : {span / 16, span / 4}) {
    if (slack <= finest) continue;
    Grouping coarse = group_with(steps, earliest, slack, costs);
    if (time_on(threads, coarse, costs) <= time_on(threads, best, costs)) best = std::move(coarse);
  }
  return best;
}

}  // namespace gradus::plan
