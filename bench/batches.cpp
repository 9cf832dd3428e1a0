#include <benchmark/benchmark.h>

#include <gradus/gradus.h>

// What it costs to be handed an epoch of shuffled mini-batches.

namespace {

using namespace gradus;

void shuffled_epoch(benchmark::State& state) {
  constexpr Index examples = 50'000, pixels = 784;
  const auto data = datasets::Dataset::from(
      std::vector<float>(examples * pixels, 0.5F), {pixels}, std::vector<std::int32_t>(examples, 1));
  int epoch = 0;
  for (auto _ : state) {
    for (auto [images, labels] : data.batches({.size = state.range(0), .seed = epoch}))
      benchmark::DoNotOptimize(images);
    ++epoch;
  }
}

BENCHMARK(shuffled_epoch)->ArgName("batch")->Arg(10)->Arg(128)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
