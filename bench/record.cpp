#include <benchmark/benchmark.h>

#include <gradus/gradus.h>
#include <gradus/graph/plan/plan.h>

// What it costs to build a graph anew and find its plan: what eager libraries pay in dispatch.

namespace {

using namespace gradus;

// Nodes are counted as built: operations, not leaves.
Tensor graph_of(Index nodes, const Tensor& x, const Tensor& y) {
  Tensor z = x;
  for (Index i = 0; i < nodes; i += 2) z = tanh(z * y);
  return z;
}

void record_and_look_up(benchmark::State& state) {
  const Index nodes = state.range(0);
  const Tensor x = ones({4}), y = ones({4});
  evaluate({x, y});
  evaluate({graph_of(nodes, x, y)});
  plan::Recording recording;
  for (auto _ : state) {
    const Tensors roots{graph_of(nodes, x, y)};
    const std::scoped_lock lock(graph_mutex());
    plan::record(roots, {}, Where::current(), recording);
    benchmark::DoNotOptimize(plan::find_plan(recording));
  }
  state.counters["ns_per_node"] = benchmark::Counter(
      static_cast<double>(nodes), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void cold_plan(benchmark::State& state) {
  const Index nodes = state.range(0);
  const Tensor x = ones({4}), y = ones({4});
  evaluate({x, y});
  const Tensor z = graph_of(nodes, x, y);
  for (auto _ : state) benchmark::DoNotOptimize(explain({z}));
  state.counters["ns_per_node"] = benchmark::Counter(
      static_cast<double>(nodes), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK(record_and_look_up)->ArgName("nodes")->Arg(60)->Arg(1000);
BENCHMARK(cold_plan)->ArgName("nodes")->Arg(60)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
