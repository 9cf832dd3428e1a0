#include <benchmark/benchmark.h>

#include <gradus/gradus.h>

#include "random_trees.h"
#include "tree_by_hand.h"

// A network whose shape changes with every sample: training on random binary trees, none of which comes twice before
// its plan has long been forgotten.

namespace {

using namespace gradus;

constexpr Index words = 1000;
constexpr std::size_t tree_count = 10'000;
constexpr double learning_rate = 0.01;

struct Network {
  Parameter table, w, b;
  Tensor target;
  Tensors indices;
  Sgd optimizer;

  explicit Network(Index width)
      : table(uniform({words, width}, {.from = -1, .to = 1, .seed = 1})),
        w(normal({2 * width, width}, {.deviation = 0.1, .seed = 2})),
        b(zeros({width})),
        target(uniform({1, width}, {.from = -0.5, .to = 0.5, .seed = 3}).detach()),
        optimizer({table, w, b}, {.learning_rate = learning_rate}) {
    for (std::int32_t word = 0; word < words; ++word) indices.push_back(tensor<std::int32_t>({word}, {1}));
  }

  void step(const bench::Tree& tree) {
    Tensors nodes;
    nodes.reserve(bench::Tree::leaves + bench::Tree::joins);
    for (const std::int32_t word : tree.words) nodes.push_back(take(table, indices[static_cast<std::size_t>(word)]));
    for (const auto& [left, right] : tree.children) {
      const Tensor children =
          concatenate({nodes[static_cast<std::size_t>(left)], nodes[static_cast<std::size_t>(right)]}, 1);
      nodes.push_back(tanh(matmul(children, w) + b));
    }
    optimizer.step(quadratic_cost(nodes.back(), target));
  }
};

void tree_step(benchmark::State& state) {
  set_threads(1);
  const std::vector<bench::Tree> trees = bench::random_trees(tree_count, words);
  Network network(state.range(1));
  std::size_t i = 0;
  for (auto _ : state) network.step(trees[i++ % tree_count]);
}

void tree_by_hand(benchmark::State& state) {
  const std::vector<bench::Tree> trees = bench::random_trees(tree_count, words);
  const Index width = state.range(1);
  Network network(width);
  bench::TreeByHand by_hand(
      width, {bench::entries(network.table), bench::entries(network.w), bench::entries(network.b)});
  const bench::Entries target = bench::entries(network.target);
  const auto step = [&](std::size_t i) {
    by_hand.step(trees[i % tree_count], target, static_cast<float>(learning_rate));
  };
  network.step(trees[0]);
  step(0);
  const auto& [table, w, b] = by_hand.weights();
  if (!bench::agree(network.table, table) || !bench::agree(network.w, w) || !bench::agree(network.b, b))
    return state.SkipWithError("the step by hand is not gradus'");
  std::size_t i = 1;
  for (auto _ : state) step(i++);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"leaves", "width"})->Args({bench::Tree::leaves, 50})->Unit(benchmark::kMicrosecond);
}

BENCHMARK(tree_step)->Name("tree")->Apply(sizes);
BENCHMARK(tree_by_hand)->Apply(sizes);

}  // namespace
