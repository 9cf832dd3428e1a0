#include <benchmark/benchmark.h>

// GCC 12's own AVX-512 intrinsics start from an undefined register and warn about it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <Eigen/Core>
#pragma GCC diagnostic pop

#include <gradus/gradus.h>
#include <gradus/ops/cpu/pointwise.h>

// Twelve elementwise operations over arrays that no cache holds, on one thread, against one loop
// that does all of them. Both write over what they read: the time to get fresh memory from the kernel is not theirs.

namespace {

using namespace gradus;

constexpr Index entries = 10'000'000;

Tensor chain(const Tensor& x, const Tensor& y) {
  const Tensor z = tanh(x * 0.5 + 0.1);
  const Tensor r = square(z) + y * 0.75;
  return (sigmoid(r - z) * 1.5 + x) * z - 0.25;
}

void elementwise_chain(benchmark::State& state) {
  set_threads(1);
  const Parameter x = uniform({entries}, {.seed = 1}).detach();
  const Tensor y = uniform({entries}, {.seed = 2}).detach();
  evaluate({y});
  for (auto _ : state) {
    // A list in braces would hold a second handle to the value, which would then be kept.
    std::vector<Assignment> assignments;
    assignments.push_back({x, chain(x.tensor(), y)});
    assign(assignments);
  }
  state.SetItemsProcessed(state.iterations() * entries);
  set_threads(0);
}

void elementwise_chain_by_hand(benchmark::State& state) {
  using Array = Eigen::Array<float, Eigen::Dynamic, 1>;
  Array x = Array::Random(entries);
  const Array y = Array::Random(entries);
  for (auto _ : state) {
    // What is used twice is computed once: block by block, as by hand.
    constexpr Index block = 512;
    for (Index at = 0; at < entries; at += block) {
      const Index n = std::min(block, entries - at);
      auto a = x.segment(at, n);
      const auto b = y.segment(at, n);
      const Eigen::Array<float, Eigen::Dynamic, 1, 0, block, 1> z = cpu::tanh(a * 0.5F + 0.1F);
      a = (cpu::sigmoid(z.square() + b * 0.75F - z) * 1.5F + a) * z - 0.25F;
    }
    benchmark::DoNotOptimize(x.data());
  }
  state.SetItemsProcessed(state.iterations() * entries);
}

BENCHMARK(elementwise_chain)->Unit(benchmark::kMillisecond);
BENCHMARK(elementwise_chain_by_hand)->Unit(benchmark::kMillisecond);

}  // namespace
