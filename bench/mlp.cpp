#include <benchmark/benchmark.h>

#include <gradus/gradus.h>

#include "by_hand.h"
#include "digits.h"

// One training step of the book's network 784-H-10: sigmoid, quadratic cost, gradient descent, on the mini-batch that
// the hand-written program gets too.

namespace {

using namespace gradus;

constexpr double learning_rate = 0.5;

void mlp_step(benchmark::State& state) {
  const Index hidden_size = state.range(0), batch = state.range(1);
  set_threads(1);
  const bench::Digits digits(batch, 64);
  const Parameter w1 = normal({784, hidden_size}, {.deviation = 0.03, .seed = 1}), b1 = zeros({hidden_size});
  const Parameter w2 = normal({hidden_size, 10}, {.deviation = 0.1, .seed = 2}), b2 = zeros({10});
  Sgd optimizer({w1, b1, w2, b2}, {.learning_rate = learning_rate});
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& [images, targets] = digits.batch(i++);
    const Tensor hidden = sigmoid(matmul(images, w1) + b1);
    const Tensor output = sigmoid(matmul(hidden, w2) + b2);
    optimizer.step(quadratic_cost(output, targets));
  }
  state.SetItemsProcessed(state.iterations() * batch);
}

void mlp_step_by_hand(benchmark::State& state) {
  const Index hidden_size = state.range(0), batch = state.range(1);
  const bench::Digits digits(batch, 64);
  bench::MlpByHand network(hidden_size, batch);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& [images, targets] = digits.batch(i++);
    network.step(images.view<float>().data(), targets.view<float>().data(), static_cast<float>(learning_rate));
  }
  state.SetItemsProcessed(state.iterations() * batch);
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"hidden", "batch"})
      ->Args({30, 10})
      ->Args({100, 10})
      ->Args({100, 128})
      ->Unit(benchmark::kMicrosecond);
}

BENCHMARK(mlp_step)->Apply(sizes);
BENCHMARK(mlp_step_by_hand)->Apply(sizes);

}  // namespace
