#include <benchmark/benchmark.h>

#include <random>

#include <gradus/gradus.h>

#include "sequence_by_hand.h"

// A recurrent network on sequences of varying length, one at a time.

namespace {

using namespace gradus;

constexpr Index inputs = 64, shortest = 5, longest = 60;
constexpr double learning_rate = 0.01;

/// The lengths are the same as in peers.py.
Tensors random_sequences(std::size_t count) {
  std::minstd_rand random(1);
  Tensors sequences;
  for (std::size_t i = 0; i < count; ++i) {
    const Index length = shortest + static_cast<Index>(random() % (longest - shortest + 1));
    sequences.push_back(
        uniform({length, inputs}, {.from = -1, .to = 1, .seed = static_cast<std::int64_t>(i)}).detach());
  }
  return sequences;
}

struct Network {
  Index hidden;
  Parameter w, u, b;
  Tensor start, target;
  Sgd optimizer;

  explicit Network(Index hidden_size)
      : hidden(hidden_size),
        w(normal({inputs, hidden}, {.deviation = 0.1, .seed = 1})),
        u(normal({hidden, hidden}, {.deviation = 0.1, .seed = 2})),
        b(zeros({hidden})),
        start(zeros({1, hidden}).detach()),
        target(uniform({1, hidden}, {.from = -0.5, .to = 0.5, .seed = 3}).detach()),
        optimizer({w, u, b}, {.learning_rate = learning_rate}) {}

  void step(const Tensor& x) {
    Tensor h = start;
    for (Index t = 0; t < x.size(0); ++t) h = tanh(matmul(slice(x, 0, t, t + 1), w) + matmul(h, u) + b);
    optimizer.step(quadratic_cost(h, target));
  }
};

void sequence_step(benchmark::State& state) {
  set_threads(1);
  const Tensors sequences = random_sequences(256);
  Network network(state.range(0));
  std::size_t i = 0;
  for (auto _ : state) network.step(sequences[i++ % sequences.size()]);
}

void sequence_by_hand(benchmark::State& state) {
  const Tensors sequences = random_sequences(256);
  const Index hidden = state.range(0);
  Network network(hidden);
  bench::SequenceByHand by_hand(
      inputs, hidden, longest, {bench::entries(network.w), bench::entries(network.u), bench::entries(network.b)});
  const bench::Entries target = bench::entries(network.target);
  const auto step = [&](const Tensor& x) {
    by_hand.step(x.view<float>().data(), x.size(0), target, static_cast<float>(learning_rate));
  };
  network.step(sequences[0]);
  step(sequences[0]);
  const auto& [w, u, b] = by_hand.weights();
  if (!bench::agree(network.w, w) || !bench::agree(network.u, u) || !bench::agree(network.b, b))
    return state.SkipWithError("the step by hand is not gradus'");
  std::size_t i = 1;
  for (auto _ : state) step(sequences[i++ % sequences.size()]);
}

BENCHMARK(sequence_step)->Name("sequence")->ArgName("hidden")->Arg(64)->Unit(benchmark::kMicrosecond);
BENCHMARK(sequence_by_hand)->ArgName("hidden")->Arg(64)->Unit(benchmark::kMicrosecond);

}  // namespace
