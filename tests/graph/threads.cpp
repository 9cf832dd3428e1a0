// Several threads of the user that share tensors and parameters. ThreadSanitizer sees more than the checks do.

#include <atomic>
#include <cstdio>
#include <functional>
#include <thread>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

constexpr int callers = 4;

/// Calls the function in several threads at once, with their numbers. True if none of the calls threw or said false.
bool all_succeed(const std::function<bool(int)>& function) {
  std::atomic<int> succeeded{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < callers; ++t) {
    threads.emplace_back([&, t] {
      try {
        succeeded += function(t);
      } catch (const Error& error) {
        static_cast<void>(std::fprintf(stderr, "%s\n", error.what()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return succeeded == callers;
}

/// Whether the function could do its work before another thread moved a parameter on.
bool in_time(const std::function<void()>& function) {
  try {
    function();
    return true;
  } catch (const StaleError&) {
    return false;
  }
}

Tensor inputs(std::int64_t seed) {
  return uniform({4, 3}, {.from = -1, .to = 1, .seed = seed}).detach();
}

Parameter weights(std::int64_t seed) {
  return uniform({3, 3}, {.from = -0.5, .to = 0.5, .seed = seed});
}

/// So many equal parts that an optimiser computes them in batches.
Tensor cost_of_parts(const Tensors& parts, const Parameter& w) {
  Tensor total = 0.0;
  for (const Tensor& part : parts) total += sum(square(tanh(matmul(part, w))));
  return total;
}

std::vector<float> trained(const Tensors& parts, std::int64_t seed) {
  const Parameter w = weights(seed);
  Sgd sgd({w}, {.learning_rate = 0.01});
  for (std::size_t step = 0; step < 6; ++step) {
    sgd.step(sum(square(matmul(parts[step], w))));
    sgd.step(cost_of_parts(parts, w));
  }
  return w.values<float>();
}

bool sums_from_several_threads(const Operand& x) {
  return all_succeed([&](int) {
    bool right = true;
    for (int i = 0; i < 200; ++i) {
      const Tensors built{x + 1.0, x * 2.0, -x};
      right &= i % 50 != 0 || sum(built[0] + built[1] + built[2]).item() == 24;
    }
    return right;
  });
}

}  // namespace

TEST_CASE("several threads may build on one operand") {
  const Tensor ones_and_zeros = tensor<float>({1, 0, 1, 0, 1, 0, 1, 0});
  for (int i = 0; i < 20; ++i) CHECK(sums_from_several_threads(ones_and_zeros + 0.5 - 0.0 * ones_and_zeros));
}

TEST_CASE("several threads may build on, differentiate and evaluate the same unevaluated tensors") {
  for (std::int64_t round = 0; round < 10; ++round) {
    const Tensor x = inputs(round);
    const Parameter w = weights(round);
    const auto hidden = [&] { return tanh(matmul(x, w)); };
    const auto outcome = [&](const Tensor& layer) {
      const Tensor cost = sum(square(layer) * 0.5);
      const Tensor gradient = gradients(cost, {w})[0];
      evaluate({cost});
      return (gradient * cost).values<float>();
    };
    const auto expected = outcome(hidden());
    const Tensor shared = hidden();
    CHECK(all_succeed([&](int t) {
      if (t == 0) shared.named("hidden");
      if (t == 1) evaluate({shared});
      return outcome(shared) == expected;
    }));
  }
}

TEST_CASE("assignments from several threads happen one after another") {
  const Parameter w = zeros({64});
  std::atomic<std::uint64_t> assigned{0};
  CHECK(all_succeed([&](int t) {
    bool whole = true;
    for (int i = 0; i < 200; ++i) {
      assigned += in_time([&] { w.assign(full({64}, t)); });
      assigned += in_time([&] { w.assign(w + 1.0); });
      in_time([&] {
        const auto values = w.values<float>();
        whole &= values == std::vector<float>(64, values[0]);
      });
    }
    return whole;
  }));
  CHECK(assigned >= 1);
  CHECK(w.version() == assigned);
}

TEST_CASE("optimisers in several threads do what each would do alone") {
  Tensors parts;
  for (std::int64_t i = 0; i < 24; ++i) parts.push_back(inputs(i));
  clear_plan_cache();
  std::vector<std::vector<float>> together(callers);
  CHECK(all_succeed([&](int t) {
    together[static_cast<std::size_t>(t)] = trained(parts, t);
    return true;
  }));
  for (int t = 0; t < callers; ++t) CHECK(together[static_cast<std::size_t>(t)] == trained(parts, t));
}

TEST_CASE("one thread trains while others evaluate with the same parameters and copy them") {
  const Tensor x = inputs(1);
  const Parameter w = weights(1);
  Sgd sgd({w}, {.learning_rate = 0.01});
  std::atomic<bool> trains{true};
  CHECK(all_succeed([&](int t) {
    if (t == 0) {
      for (int step = 0; step < 300; ++step) sgd.step(sum(square(matmul(x, w))));
      trains = false;
      return true;
    }
    bool finite = true;
    while (trains) {
      in_time([&] { finite &= sum(square(matmul(x, w))).item() < 100; });
      in_time([&] { finite &= sum(gradients(sum(square(matmul(x, w))), {w})[0]).item() < 100; });
      in_time([&] { finite &= w.tensor().detach().values<float>().size() == 9; });
    }
    return finite;
  }));
  CHECK(w.version() == 300);
}
