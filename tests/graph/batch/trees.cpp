#include <random>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>

#include "optim/plain_descent.h"

using namespace gradus;

namespace {

constexpr Index width = 3, words = 7;

/// Vouches for a rule that reads a tensor of its own, and a parameter that it does not move.
class HeldBackDescent final : public Optimizer {
 public:
  HeldBackDescent(Parameters parameters, LearningRate rate, Parameter brake)
      : Optimizer(std::move(parameters), std::move(rate), Where::current()), brake_(std::move(brake)) {}

 private:
  Tensors update(Index, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const override {
    const Tensor step = numbers.learning_rate * held_ * gradient;
    return {parameter - (brake_.empty() ? step : step * brake_)};
  }
  bool is_same_at_every_step() const override { return true; }

  Parameter brake_;
  Tensor held_ = full({width}, 0.25, Dtype::float64) * 2.0;
};

Parameters network() {
  const auto entries = [](const Shape& shape, int seed) {
    return uniform(shape, {.from = -0.7, .to = 0.7, .dtype = Dtype::float64, .seed = seed});
  };
  return {
      Parameter(entries({words, width}, 1), "table"), Parameter(entries({2 * width, width}, 2), "w"),
      Parameter(entries({width}, 3), "b")};
}

// Which two of the values that are left join next, until one is left.
using Joins = std::vector<std::uint16_t>;

Tensor leaf(const Parameters& w, std::uint16_t bits) {
  return take(w[0], tensor<std::int32_t>({static_cast<std::int32_t>(bits % words)}));
}

Tensor tree(const Parameters& w, const Joins& joins) {
  Tensors open{leaf(w, 0)};
  for (const std::uint16_t bits : joins) open.push_back(leaf(w, bits));
  for (std::size_t i = 0; open.size() > 1; ++i) {
    const std::size_t at = joins[i] / words % (open.size() - 1);
    open[at] = tanh(matmul(concatenate({open[at], open[at + 1]}, 1), w[1]) + w[2]);
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  return open[0];
}

Joins random_joins(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  Joins joins(count);
  for (std::uint16_t& bits : joins) bits = static_cast<std::uint16_t>(random());
  return joins;
}

bool close(const Parameters& a, const Parameters& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto first = a[i].values(), second = b[i].values();
    for (std::size_t k = 0; k < first.size(); ++k) {
      if (!(std::abs(first[k] - second[k]) <= 1e-13)) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("a step on a random tree moves parameters as if every node were computed by itself") {
  CHECK(rc::check([](const Joins& joins) {
    RC_PRE(joins.size() >= 2 && joins.size() <= 60);
    const Parameters together = network(), apart = network();
    Sgd sgd(together, {.learning_rate = 0.5});
    PlainDescent plain(apart, 0.5);
    for (int step = 0; step < 2; ++step) {
      const Tensor cost = sum(square(tree(together, joins)));
      sgd.step(cost);
      const Tensor expected = sum(square(tree(apart, joins)));
      plain.step(expected);
      RC_ASSERT(std::abs(cost.item() - expected.item()) <= 1e-13);
      RC_ASSERT(close(together, apart));
    }
  }));
}

TEST_CASE("a rule for new values may read what else it holds") {
  const Parameter brake = full({}, 0.5, Dtype::float64);
  for (const bool braked : {false, true}) {
    const Parameters together = network(), apart = network();
    HeldBackDescent held(together, 0.5, braked ? brake : Parameter());
    PlainDescent plain(apart, braked ? 0.125 : 0.25);
    for (const unsigned seed : {1U, 2U, 1U}) {
      held.step(sum(square(tree(together, random_joins(40, seed)))));
      plain.step(sum(square(tree(apart, random_joins(40, seed)))));
      CHECK(close(together, apart));
    }
  }
}

TEST_CASE("velocities and weight decay work on trees as on any graph") {
  const Parameters together = network(), apart = network();
  Momentum momentum(together, {.learning_rate = 0.25, .momentum = 0.5, .regularization = {.l2 = 1, .examples = 10}});
  Tensors velocities;
  for (const Parameter& parameter : apart) velocities.push_back(full(parameter.shape(), 0, Dtype::float64));
  for (const unsigned seed : {1U, 2U, 1U}) {
    momentum.step(sum(square(tree(together, random_joins(40, seed)))));
    const Tensors slopes = gradients(sum(square(tree(apart, random_joins(40, seed)))), {apart[0], apart[1], apart[2]});
    evaluate(slopes);
    for (std::size_t i = 0; i < apart.size(); ++i) {
      velocities[i] = (0.5 * velocities[i] - 0.25 * slopes[i].detach()).detach();
      apart[i].assign(apart[i] * (apart[i].rank() == 2 ? 1 - 0.25 / 10 : 1.0) + velocities[i]);
    }
    CHECK(close(together, apart));
  }
}

TEST_CASE("values within a tree that somebody holds are kept") {
  const Parameters w = network();
  Sgd sgd(w, {.learning_rate = 0.5});
  const Joins joins = random_joins(40, 1);
  const Tensor left = tree(w, joins), right = tree(w, random_joins(30, 2));
  const auto expected_left = tree(w, joins).values(), expected_right = tree(w, random_joins(30, 2)).values();
  const Tensor cost = sum(square(left - right));
  sgd.step(cost);
  CHECK(left.evaluated());
  CHECK(cost.evaluated());
  for (std::size_t i = 0; i < expected_left.size(); ++i) {
    CHECK(left.values()[i] == doctest::Approx(expected_left[i]).epsilon(1e-13));
    CHECK(right.values()[i] == doctest::Approx(expected_right[i]).epsilon(1e-13));
  }
}

TEST_CASE("a new tree needs no plan once cells of its sizes have been seen") {
  const Parameters w = network();
  Sgd sgd(w, {.learning_rate = 0.01});
  sgd.step(sum(square(tree(w, random_joins(40, 1)))));
  const Index misses = plan_cache_statistics().misses, plans = plan_cache_statistics().plans;
  for (unsigned seed = 2; seed < 6; ++seed) sgd.step(sum(square(tree(w, random_joins(40, seed)))));
  CHECK(plan_cache_statistics().plans == plans);
  CHECK(plan_cache_statistics().misses == misses);
}

TEST_CASE("a tree is the same to the bit for any number of threads") {
  const auto trained = [](int count) {
    set_threads(count);
    const Parameters w = network();
    Sgd sgd(w, {.learning_rate = 0.1});
    for (unsigned seed = 0; seed < 4; ++seed) sgd.step(sum(square(tree(w, random_joins(50, seed)))));
    set_threads(0);
    return w[1].values();
  };
  const auto serial = trained(1);
  CHECK(trained(2) == serial);
  CHECK(trained(7) == serial);
}

TEST_CASE("a loop over examples, each through the network alone, gives the gradient of their sum") {
  const Parameters together = network(), apart = network();
  Sgd sgd({together[1], together[2]}, {.learning_rate = 0.5});
  PlainDescent plain({apart[1], apart[2]}, 0.5);
  const auto cost_of = [](const Parameters& w) {
    Tensor total = 0.0;
    for (int i = 0; i < 24; ++i) {
      const Tensor x = uniform({2 * width}, {.from = -1, .to = 1, .dtype = Dtype::float64, .seed = i});
      total = total + sum(softmax(matmul(x, w[1]) + w[2]) * tensor<double>({1, 0, -1})) * (i % 2 == 0 ? 0.5 : 0.25);
    }
    return total;
  };
  sgd.step(cost_of(together));
  plain.step(cost_of(apart));
  CHECK(close(together, apart));
}

TEST_CASE("a parameter that a tree does not reach is an error, and nothing has moved") {
  const Parameters w = network();
  const Parameter unused(tensor<double>({1, 2}), "unused");
  Sgd sgd({w[0], w[1], w[2], unused}, {.learning_rate = 0.5});
  CHECK_THROWS_WITH_AS(sgd.step(sum(square(tree(w, random_joins(40, 1))))), doctest::Contains("unused"), GradientError);
  CHECK(close(w, network()));
}

TEST_CASE("a word that is not in the table is an error, and nothing has moved") {
  const Parameters w = network();
  Sgd sgd(w, {.learning_rate = 0.5});
  const Tensor unknown = take(w[0], tensor<std::int32_t>({words}));
  CHECK_THROWS_WITH_AS(
      sgd.step(sum(square(tree(w, random_joins(40, 1)) - unknown))), doctest::Contains("index 7"), ValueError);
  CHECK(close(w, network()));
  sgd.step(sum(square(tree(w, random_joins(40, 1)))));
  CHECK_FALSE(close(w, network()));
}

TEST_CASE("explain says that a tree is run in batches, and that an ordinary network is not") {
  const Parameters w = network();
  const Explanation tree_explained = explain({sum(square(tree(w, random_joins(40, 1))))});
  CHECK(tree_explained.batches > 0);
  CHECK(tree_explained.batches < 60);
  CHECK(tree_explained.text().find("batches of equal cells") != std::string::npos);
  CHECK(explain({sum(square(tree(w, random_joins(2, 1))))}).batches == 0);
}

TEST_CASE("evaluating a tree in batches gives what its nodes give one by one") {
  const Parameters w = network();
  const Joins joins = random_joins(50, 3);
  Tensors one_by_one{leaf(w, 0)};
  for (const std::uint16_t bits : joins) one_by_one.push_back(leaf(w, bits));
  for (const Tensor& each : one_by_one) each.values();
  for (std::size_t i = 0; one_by_one.size() > 1; ++i) {
    const std::size_t at = joins[i] / words % (one_by_one.size() - 1);
    one_by_one[at] = tanh(matmul(concatenate({one_by_one[at], one_by_one[at + 1]}, 1), w[1]) + w[2]);
    one_by_one[at].values();
    one_by_one.erase(one_by_one.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  const auto together = tree(w, joins).values(), apart = one_by_one[0].values();
  for (std::size_t i = 0; i < apart.size(); ++i) CHECK(together[i] == doctest::Approx(apart[i]).epsilon(1e-13));
}
