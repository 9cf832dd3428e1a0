#include <doctest/doctest.h>

#include <gradus/gradus.h>

#include "optim/plain_descent.h"

using namespace gradus;

namespace {

Parameters network() {
  const NormalOptions first{.dtype = Dtype::float64, .seed = 1}, second{.dtype = Dtype::float64, .seed = 2};
  return {normal({4, 3}, first), zeros({3}, Dtype::float64), normal({3, 2}, second), zeros({2}, Dtype::float64)};
}

Tensor example(int i) {
  return uniform({5, 4}, {.from = -1, .to = 1, .dtype = Dtype::float64, .seed = i}).detach();
}

// Steps of both optimisers on costs that `cost_of` builds must move equal networks alike, to the bit.
void check_alike(const std::function<Tensor(const Parameters&, int)>& cost_of) {
  const Parameters remembered = network(), anew = network();
  const LearningRate rate([](Index step) { return 1.0 / static_cast<double>(step + 1); });
  Sgd sgd(remembered, {.learning_rate = rate});
  PlainDescent plain(anew, rate);
  for (int i = 0; i < 6; ++i) {
    sgd.step(cost_of(remembered, i));
    plain.step(cost_of(anew, i));
    for (std::size_t p = 0; p < remembered.size(); ++p) CHECK(remembered[p].values() == anew[p].values());
  }
}

Tensor hidden_layer(const Parameters& w, const Tensor& x) {
  return sigmoid(matmul(x, w[0]) + w[1]);
}

Tensor cost_on_top(const Parameters& w, const Tensor& hidden) {
  return mean(square(matmul(hidden, w[2]) + w[3]));
}

}  // namespace

TEST_CASE("a cost of a known structure moves parameters as if it were differentiated anew") {
  check_alike([](const Parameters& w, int i) { return cost_on_top(w, hidden_layer(w, example(i))); });
}

TEST_CASE("numbers in a cost are values, even where its structure is known") {
  check_alike([](const Parameters& w, int i) {
    return cost_on_top(w, hidden_layer(w, example(0)) * (2.5 + i)) * (0.5 + i) + sum(square(w[0])) * (0.125 * i);
  });
}

TEST_CASE("structures that take turns are not taken for each other") {
  check_alike([](const Parameters& w, int i) {
    const Tensor hidden = hidden_layer(w, example(i));
    return cost_on_top(w, i % 2 == 0 ? hidden : tanh(hidden));
  });
}

TEST_CASE("what lies behind a value that was evaluated before the step counts as structure") {
  check_alike([](const Parameters& w, int i) {
    const Tensor z = matmul(example(i), w[0]) + w[1];
    const Tensor hidden = i % 2 == 0 ? sigmoid(z) : tanh(z);
    hidden.values();
    return cost_on_top(w, hidden);
  });
}

TEST_CASE("values that somebody holds are kept by a step on a known structure") {
  const Parameters w = network();
  Sgd sgd(w, {.learning_rate = 0.5});
  for (int i = 0; i < 3; ++i) {
    const Tensor hidden = hidden_layer(w, example(i));
    const std::vector<double> expected = hidden_layer(w, example(i)).values();
    const Tensor cost = cost_on_top(w, hidden);
    sgd.step(cost);
    CHECK(cost.evaluated());
    CHECK(hidden.values() == expected);
  }
}

TEST_CASE("two optimisers on one structure move each their own parameters") {
  const Parameters w = network();
  Sgd first({w[0], w[1]}, {.learning_rate = 0.5}), second({w[2], w[3]}, {.learning_rate = 0.25});
  for (int i = 0; i < 3; ++i) {
    const auto before = w[2].values();
    first.step(cost_on_top(w, hidden_layer(w, example(i))));
    CHECK(w[2].values() == before);
    const auto kept = w[0].values();
    second.step(cost_on_top(w, hidden_layer(w, example(i))));
    CHECK(w[0].values() == kept);
    CHECK(w[2].values() != before);
  }
}

TEST_CASE("a step on a known structure misses no plan and a moved optimiser remembers") {
  const Parameters w = network();
  Sgd first(w, {.learning_rate = 0.5});
  first.step(cost_on_top(w, hidden_layer(w, example(0))));
  const Index misses = plan_cache_statistics().misses;
  Sgd moved = std::move(first);
  moved.step(cost_on_top(w, hidden_layer(w, example(1))));
  CHECK(plan_cache_statistics().misses == misses);
}
