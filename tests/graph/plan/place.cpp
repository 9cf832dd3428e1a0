#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

TEST_CASE("values that do not live at the same time share memory") {
  const Tensor x = ones({1000}).detach();
  Tensor y = x;
  for (int i = 0; i < 50; ++i) y = cumulative_sum(y, 0);
  const Explanation plan = explain({sum(y)});
  CHECK(plan.unshared_bytes >= 49 * 4000);
  CHECK(plan.arena_bytes <= 2 * 4096 + 64);
}

TEST_CASE("an elementwise step writes over an input that dies with it") {
  const Tensor x = ones({1000}).detach();
  CHECK(explain({sum(cos(cumulative_sum(x, 0)))}).arena_bytes <= 4096 + 64);
}

TEST_CASE("memory that is still read is not written over") {
  const Tensor x = uniform({64, 64}, {.seed = 1}).detach();
  const Tensor a = x + 1.0;
  const Tensor b = transpose(a) * a;
  const Tensor c = a - b;
  const Tensor d = transpose(b) + c * a;
  const auto found = sum(d).item();
  double expected = 0;
  const auto v = x.values();
  for (std::size_t i = 0; i < 64; ++i) {
    for (std::size_t j = 0; j < 64; ++j) {
      const double aij = v[64 * i + j] + 1, aji = v[64 * j + i] + 1;
      expected += aij * aji + (aij - aij * aji) * aij;
    }
  }
  CHECK(found == doctest::Approx(expected).epsilon(1e-5));
}

TEST_CASE("handles that are held keep their values, others live in the arena only") {
  const Tensor x = ones({10});
  const Tensor held = sin(x);
  const Tensor result = sum(cos(held) * 2.0);
  evaluate({result});
  CHECK(held.evaluated());
  CHECK(held.values()[0] == doctest::Approx(0.841471));
}

TEST_CASE("a network of depth 100 takes the activations that its backward pass needs, and a few layers' worth more") {
  constexpr Index layers = 100, batch = 8, width = 16;
  Tensor h = uniform({batch, width}, {.seed = 1}).detach();
  Tensors parameters;
  for (int i = 0; i < layers; ++i) {
    parameters.push_back(uniform({width, width}, {.seed = 2 * i + 2}).detach());
    parameters.push_back(uniform({width}, {.seed = 2 * i + 3}).detach());
    h = tanh(matmul(h, parameters[parameters.size() - 2]) + parameters.back());
  }
  Tensor cost = sum(h);
  h = Tensor();
  Tensors wanted = gradients(cost, parameters);
  wanted.push_back(cost);
  const Explanation plan = explain(wanted);
  // z for the slope and tanh z for the weights' gradient.
  constexpr Index layer = batch * width * 4;
  CHECK(plan.arena_bytes >= 2 * layers * layer - 4 * layer);
  CHECK(plan.arena_bytes <= 2 * layers * layer + 4 * layer);
  CHECK(plan.arena_bytes < plan.unshared_bytes);
}
