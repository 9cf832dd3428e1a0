#include <benchmark/benchmark.h>

#include <functional>
#include <random>

#include <gradus/gradus.h>

#include "digits.h"

// What several threads bring: graphs too small to gain must not lose, independent branches must run at once. Compare
// the cases of one name that differ in `threads`, with --benchmark_enable_random_interleaving=true.

namespace {

using namespace gradus;

using Work = std::function<void()>;

/// Evaluates what `build` makes, in a loop.
void repeat(benchmark::State& state, const Work& work) {
  set_threads(static_cast<int>(state.range(0)));
  for (int i = 0; i < 3; ++i) work();
  for (auto _ : state) work();
  set_threads(0);
}

void compare_threads(const std::string& name, const std::function<Work()>& make) {
  benchmark::RegisterBenchmark(name.c_str(), [make](benchmark::State& state) { repeat(state, make()); })
      ->ArgName("threads")
      ->Arg(1)
      ->Arg(2)
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
}

Tensor draw(const Shape& shape, std::int64_t seed) {
  return normal(shape, {.deviation = 0.1, .seed = seed}).detach();
}

/// The book's network 784-H-10.
struct Mlp {
  explicit Mlp(Index hidden, std::int64_t seed)
      : w1(normal({784, hidden}, {.deviation = 0.03, .seed = seed})),
        b1(zeros({hidden})),
        w2(normal({hidden, 10}, {.deviation = 0.1, .seed = seed + 100})),
        b2(zeros({10})) {}

  Tensor cost(const Tensor& images, const Tensor& targets) const {
    const Tensor activation = sigmoid(matmul(images, w1) + b1);
    return quadratic_cost(sigmoid(matmul(activation, w2) + b2), targets);
  }

  Parameter w1, b1, w2, b2;
};

Work mlp_step(std::size_t members, Index hidden, Index batch) {
  std::vector<Mlp> networks;
  Parameters parameters;
  for (std::size_t i = 0; i < members; ++i) {
    networks.emplace_back(hidden, static_cast<std::int64_t>(i));
    const Mlp& last = networks.back();
    parameters.insert(parameters.end(), {last.w1, last.b1, last.w2, last.b2});
  }
  const auto digits = std::make_shared<bench::Digits>(batch, 64);
  const auto optimizer = std::make_shared<Sgd>(parameters, SgdOptions{.learning_rate = 0.5});
  return [=, i = std::size_t{0}]() mutable {
    const auto& [images, targets] = digits->batch(i++);
    Tensor cost = networks[0].cost(images, targets);
    for (std::size_t k = 1; k < networks.size(); ++k) cost += networks[k].cost(images, targets);
    optimizer->step(cost);
  };
}

Work evaluated(const std::function<Tensor()>& build) {
  return [=] { evaluate({build()}); };
}

/// The cost and its gradients with respect to all parameters.
Work differentiated(const Parameters& parameters, const std::function<Tensor()>& build) {
  return [=] {
    const Tensor cost = build();
    Tensors wanted = gradients(cost, {parameters.begin(), parameters.end()});
    wanted.push_back(cost);
    evaluate(wanted);
  };
}

Work scalar_operations(int count) {
  const Tensor x = draw({}, 1);
  return evaluated([=] {
    Tensor y = x;
    for (int i = 0; i < count; i += 2) y = cumulative_sum(reshape(y, {1}), 0) + x;
    return y;
  });
}

Work scalar_fan(int count) {
  const Tensor x = draw({8}, 1);
  return evaluated([=] {
    Tensors ends;
    for (int i = 0; i < count; ++i) ends.push_back(cumulative_sum(x * (0.5 + i), 0));
    return sum(stack(ends, 0));
  });
}

Work recurrent(int length, Index width, Index batch) {
  const Parameter w(draw({width, width}, 1)), u(draw({width, width}, 2));
  const Tensor x = draw({batch, width}, 3);
  return differentiated({w, u}, [=] {
    Tensor h = x;
    for (int t = 0; t < length; ++t) h = tanh(matmul(h, w) + matmul(x, u));
    return sum(h);
  });
}

Work deep_chain(int depth, Index width) {
  const Parameter w(draw({width, width}, 1));
  const Tensor x = draw({4, width}, 2);
  return differentiated({w}, [=] {
    Tensor h = x;
    for (int i = 0; i < depth; ++i) h = tanh(matmul(h, w));
    return sum(h);
  });
}

Work diamond(int count, Index width) {
  const Tensor x = draw({width, width}, 1);
  return evaluated([=] {
    Tensor y = x;
    for (int i = 0; i < count; ++i) y = matmul(y, x) - matmul(x, y);
    return sum(y);
  });
}

Work attention_heads(Index heads, Index length, Index width) {
  Parameters parameters;
  for (Index i = 0; i < 3 * heads; ++i) parameters.emplace_back(draw({width, width}, i));
  const Tensor x = draw({length, width}, 100);
  return differentiated(parameters, [=] {
    Tensor total = 0.0F;
    for (std::size_t i = 0; i < static_cast<std::size_t>(heads); ++i) {
      const Tensor q = matmul(x, parameters[3 * i]), k = matmul(x, parameters[3 * i + 1]);
      const Tensor weights = softmax(matmul(q, transpose(k)), -1);
      total += sum(square(matmul(weights, matmul(x, parameters[3 * i + 2]))));
    }
    return total;
  });
}

Work towers(std::size_t count, std::size_t depth, Index width, Index batch) {
  Parameters parameters;
  for (std::size_t i = 0; i < count * depth; ++i)
    parameters.emplace_back(draw({width, width}, static_cast<std::int64_t>(i)));
  const Tensor x = draw({batch, width}, 100);
  return differentiated(parameters, [=] {
    Tensor total = 0.0F;
    for (std::size_t t = 0; t < count; ++t) {
      Tensor h = x;
      for (std::size_t i = 0; i < depth; ++i) h = tanh(matmul(h, parameters[t * depth + i]));
      total += sum(h);
    }
    return total;
  });
}

Work random_graph(unsigned seed, int count, Index width) {
  const Tensor x = draw({width, width}, seed);
  return evaluated([=] {
    std::mt19937 random(seed);
    Tensors nodes{x, transpose(x)};
    const auto pick = [&] { return nodes[nodes.size() - 1 - random() % std::min<std::size_t>(nodes.size(), 6)]; };
    for (int i = 0; i < count; ++i) {
      switch (random() % 4) {
        case 0:
          nodes.push_back(matmul(pick(), pick()));
          break;
        case 1:
          nodes.push_back(tanh(pick()));
          break;
        case 2:
          nodes.push_back(pick() + pick());
          break;
        default:
          nodes.push_back(pick() * sum(pick(), {0}));
      }
    }
    return sum(nodes.back());
  });
}

const bool registered = [] {
  compare_threads("small_graph/one_scalar", [] { return evaluated([x = draw({}, 1)] { return sin(x); }); });
  compare_threads(
      "small_graph/one_elementwise", [] { return evaluated([x = draw({100'000}, 1)] { return tanh(x); }); });
  compare_threads("small_graph/one_product", [] {
    return evaluated([x = draw({128, 128}, 1)] { return matmul(x, x); });
  });
  compare_threads("small_graph/one_larger_product", [] {
    return evaluated([x = draw({256, 256}, 1)] { return matmul(x, x); });
  });
  compare_threads("small_graph/one_sum", [] { return evaluated([x = draw({300'000}, 1)] { return sum(x); }); });
  compare_threads("small_graph/row_sums", [] { return evaluated([x = draw({300, 1000}, 1)] { return sum(x, {1}); }); });
  compare_threads("small_graph/scalar_operations_12000", [] { return scalar_operations(12'000); });
  compare_threads("small_graph/scalar_fan_1000", [] { return scalar_fan(1000); });
  compare_threads("small_graph/recurrent_30", [] { return recurrent(30, 32, 1); });
  compare_threads("small_graph/recurrent_batch_32", [] { return recurrent(10, 64, 32); });
  compare_threads("small_graph/mlp_30_batch_10", [] { return mlp_step(1, 30, 10); });
  compare_threads("small_graph/mlp_100_batch_10", [] { return mlp_step(1, 100, 10); });
  compare_threads("small_graph/mlp_100_batch_128", [] { return mlp_step(1, 100, 128); });
  compare_threads("small_graph/deep_chain_100", [] { return deep_chain(100, 16); });
  compare_threads("small_graph/diamonds_20", [] { return diamond(20, 16); });
  compare_threads("small_graph/diamonds_10_wider", [] { return diamond(10, 48); });
  compare_threads("small_graph/attention_head", [] { return attention_heads(1, 16, 16); });
  compare_threads("small_graph/two_small_towers", [] { return towers(2, 4, 32, 10); });
  compare_threads("small_graph/random_1", [] { return random_graph(1, 60, 8); });
  compare_threads("small_graph/random_2", [] { return random_graph(2, 200, 16); });
  compare_threads("small_graph/random_3", [] { return random_graph(3, 100, 32); });
  compare_threads("ensemble/members:8", [] { return mlp_step(8, 30, 10); });
  compare_threads("ensemble_100/members:8", [] { return mlp_step(8, 100, 10); });
  compare_threads("two_towers", [] { return towers(2, 4, 128, 64); });
  compare_threads("heads", [] { return attention_heads(4, 64, 64); });
  return true;
}();

}  // namespace
