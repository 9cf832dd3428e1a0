#include <benchmark/benchmark.h>

#include <gradus/gradus.h>

#include "digits.h"
#include "mlp_by_hand.h"

// One training step of the book's network 784-H-10: sigmoid, quadratic cost, gradient descent, on the mini-batch that
// the hand-written program gets too.

namespace {

using namespace gradus;

constexpr double learning_rate = 0.5;

struct Network {
  Parameter w1, b1, w2, b2;
  Sgd optimizer;

  explicit Network(Index hidden_size)
      : w1(normal({784, hidden_size}, {.deviation = 0.03, .seed = 1})),
        b1(zeros({hidden_size})),
        w2(normal({hidden_size, 10}, {.deviation = 0.1, .seed = 2})),
        b2(zeros({10})),
        optimizer({w1, b1, w2, b2}, {.learning_rate = learning_rate}) {}

  void step(const bench::Digits::Batch& batch) {
    const Tensor hidden = sigmoid(matmul(batch.images, w1) + b1);
    const Tensor output = sigmoid(matmul(hidden, w2) + b2);
    optimizer.step(quadratic_cost(output, batch.targets));
  }
};

void step(bench::MlpByHand& network, const bench::Digits::Batch& batch) {
  network.step(
      batch.images.view<float>().data(), batch.targets.view<float>().data(), static_cast<float>(learning_rate));
}

void mlp_step(benchmark::State& state) {
  set_threads(1);
  const bench::Digits digits(state.range(1), 64);
  Network network(state.range(0));
  std::size_t i = 0;
  for (auto _ : state) network.step(digits.batch(i++));
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

void mlp_step_by_hand(benchmark::State& state) {
  const bench::Digits digits(state.range(1), 64);
  Network network(state.range(0));
  bench::MlpByHand by_hand(
      state.range(0), state.range(1),
      {bench::entries(network.w1), bench::entries(network.b1), bench::entries(network.w2), bench::entries(network.b2)});
  std::size_t i = 0;
  network.step(digits.batch(i));
  step(by_hand, digits.batch(i));
  const auto& [w1, b1, w2, b2] = by_hand.weights();
  if (!bench::agree(network.w1, w1) || !bench::agree(network.b1, b1) || !bench::agree(network.w2, w2) ||
      !bench::agree(network.b2, b2))
    return state.SkipWithError("the step by hand is not gradus'");
  for (auto _ : state) step(by_hand, digits.batch(i++));
  state.SetItemsProcessed(state.iterations() * state.range(1));
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
