#include <benchmark/benchmark.h>

#include <random>

#include <gradus/gradus.h>
#include <gradus/graph/node.h>
#include <gradus/graph/plan/grouping.h>
#include <gradus/graph/plan/plan.h>

// What the engine spends on a plan that it knows, beside what the kernels compute; and on finding tasks.

namespace {

using namespace gradus;

// Running sums of one number: kernels that do next to nothing, and never join.
void replay(benchmark::State& state) {
  set_threads(1);
  const Tensor x = ones({1}).detach();
  Tensor y = x;
  for (Index i = 0; i < state.range(0); ++i) y = cumulative_sum(y, 0);
  plan::Recording recording;
  {
    const std::scoped_lock lock(graph_mutex());
    plan::record({y}, {}, Where::current(), recording);
  }
  const auto plan = plan::compile(plan::planned(recording), recording);
  float result = 0;
  plan::Bindings bindings;
  for (const std::uint32_t leaf : recording.leaves) {
    bindings.leaves.push_back(recording.nodes[leaf]->value.load()->data());
    bindings.numbers.push_back(0);
  }
  bindings.outputs = {&result};
  for (auto _ : state) plan::run(*plan, bindings);
  set_threads(0);
}

void find_tasks(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  std::mt19937 random(1);
  plan::StepGraph steps;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::vector<std::uint32_t> before;
    for (std::uint32_t k = 0; k < std::min<std::uint32_t>(i, 2); ++k)
      before.push_back(i - 1 - static_cast<std::uint32_t>(random() % std::min<std::uint32_t>(i, 20)));
    steps.add(100 + static_cast<double>(random() % 5000), before);
  }
  for (auto _ : state) benchmark::DoNotOptimize(plan::group(steps, {}));
  state.counters["ns_per_step"] = benchmark::Counter(
      static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK(replay)->ArgName("steps")->Arg(1)->Arg(20)->Arg(1000);
BENCHMARK(find_tasks)->ArgName("steps")->Arg(60)->Arg(1000)->Arg(10000)->Unit(benchmark::kMicrosecond);

}  // namespace
