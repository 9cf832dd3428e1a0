#include <benchmark/benchmark.h>

#include <gradus/gradus.h>

#include "cnn_by_onednn.h"
#include "digits.h"

// The book's network C: two convolutional layers of 20 and 40 filters of 5 by 5, each with 2 by 2 pooling, 100 neurons,
// softmax; rectified linear units, gradient descent.

namespace {

using namespace gradus;

struct Network {
  explicit Network(std::int64_t seed)
      : w1(normal({20, 1, 5, 5}, {.deviation = 0.2, .seed = seed})),
        b1(zeros({20})),
        w2(normal({40, 20, 5, 5}, {.deviation = 0.05, .seed = seed + 1})),
        b2(zeros({40})),
        w3(normal({640, 100}, {.deviation = 0.04, .seed = seed + 2})),
        b3(zeros({100})),
        w4(normal({100, 10}, {.deviation = 0.1, .seed = seed + 3})),
        b4(zeros({10})) {}

  Tensor logits(const Tensor& images) const {
    const Index batch = images.shape()[0];
    return matmul(relu(matmul(reshape(features(reshape(images, {batch, 1, 28, 28})), {batch, 640}), w3) + b3), w4) + b4;
  }
  Tensor features(const Tensor& images) const {
    return max_pool2d(relu(conv2d(max_pool2d(relu(conv2d(images, w1, b1)), 2), w2, b2)), 2);
  }
  // (80), a mean over the mini-batch.
  Tensor cost(const bench::Digits::Batch& batch) const {
    return -sum(batch.targets * log_softmax(logits(batch.images))) / static_cast<double>(batch.images.shape()[0]);
  }
  Parameters parameters() const { return {w1, b1, w2, b2, w3, b3, w4, b4}; }

  Parameter w1, b1, w2, b2, w3, b3, w4, b4;
};

constexpr double learning_rate = 0.01;

void cnn_step(benchmark::State& state) {
  set_threads(static_cast<int>(state.range(1)));
  const bench::Digits digits(state.range(0), 16);
  const Network network(1);
  Sgd optimizer(network.parameters(), {.learning_rate = learning_rate});
  std::size_t i = 0;
  for (auto _ : state) optimizer.step(network.cost(digits.batch(i++)));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  set_threads(0);
}

void cnn_convolutions_by_onednn(benchmark::State& state) {
  bench::CnnByOnednn convolutions(state.range(0));
  for (auto _ : state) convolutions.step();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void cnn_inference(benchmark::State& state) {
  set_threads(1);
  const bench::Digits digits(state.range(0), 16);
  const Network network(1);
  std::size_t i = 0;
  for (auto _ : state) evaluate({network.logits(digits.batch(i++).images)});
  state.SetItemsProcessed(state.iterations() * state.range(0));
  set_threads(0);
}

// Five networks trained as one graph.
void cnn_ensemble(benchmark::State& state) {
  set_threads(static_cast<int>(state.range(0)));
  const bench::Digits digits(10, 16);
  std::vector<Network> members;
  Parameters parameters;
  for (std::int64_t seed = 0; seed < 5; ++seed) {
    const Parameters added = members.emplace_back(10 * seed).parameters();
    parameters.insert(parameters.end(), added.begin(), added.end());
  }
  Sgd optimizer(parameters, {.learning_rate = learning_rate});
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& batch = digits.batch(i++);
    Tensor cost = members[0].cost(batch);
    for (std::size_t k = 1; k < members.size(); ++k) cost += members[k].cost(batch);
    optimizer.step(cost);
  }
  set_threads(0);
}

BENCHMARK(cnn_step)
    ->ArgNames({"batch", "threads"})
    ->ArgsProduct({{10, 128}, {1, 2}})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();
BENCHMARK(cnn_convolutions_by_onednn)->ArgName("batch")->Arg(10)->Arg(128)->Unit(benchmark::kMicrosecond);
BENCHMARK(cnn_inference)->ArgName("batch")->Arg(1)->Arg(128)->Unit(benchmark::kMicrosecond);
BENCHMARK(cnn_ensemble)->ArgName("threads")->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
