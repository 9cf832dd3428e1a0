// After an error everything is as it was before the call.

#include <limits>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

#include "graph/scoped_threads.h"

using namespace gradus;

namespace {

/// Parameters, and how they were when this was made.
class Snapshot {
 public:
  explicit Snapshot(Parameters parameters) : parameters_(std::move(parameters)) {
    for (const Parameter& parameter : parameters_) {
      versions_.push_back(parameter.version());
      values_.push_back(parameter.values());
    }
  }
  void check_unchanged() const {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      CHECK(parameters_[i].version() == versions_[i]);
      CHECK(parameters_[i].values() == values_[i]);
    }
  }

 private:
  Parameters parameters_;
  std::vector<std::uint64_t> versions_;
  std::vector<std::vector<double>> values_;
};

/// A braced list of its own would hold the new values too, which keeps them out of the parameters' memory.
void assign_in_place(Assignment first, Assignment second) {
  std::vector<Assignment> both;
  both.push_back(std::move(first));
  both.push_back(std::move(second));
  assign(both);
}

/// A network with one layer, whose labels may be wrong.
struct Classifier {
  Parameter w{tensor(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3}), "w"};
  Parameter b{tensor({0.5F, -0.5F, 0.25F}), "b"};
  Sgd optimizer{{w, b}, {.learning_rate = 0.1}};

  Tensor cost(const Tensor& labels) const {
    const Tensor images = tensor(std::vector<float>{1, -1, 2, 0.5, 0, 1}, {3, 2});
    return quadratic_cost(sigmoid(matmul(images, w) + b), one_hot(labels, 3));
  }
};

}  // namespace

TEST_CASE("a step that fails while it runs moves nothing, and the next one works") {
  for (const int count : {1, 2, 4}) {
    const tests::ScopedThreads threads(count);
    Classifier classifier, reference;
    const Tensor good = tensor({0, 2, 1});
    reference.optimizer.step(reference.cost(good));
    for (int attempt = 0; attempt < 3; ++attempt) {
      const Snapshot before({classifier.w, classifier.b});
      const Tensor cost = classifier.cost(tensor({0, 3, 1}));
      CHECK_THROWS_AS(classifier.optimizer.step(cost), ValueError);
      before.check_unchanged();
      CHECK(classifier.optimizer.steps() == 0);
      CHECK_FALSE(cost.evaluated());
    }
    classifier.optimizer.step(classifier.cost(good));
    CHECK(classifier.optimizer.steps() == 1);
    CHECK(classifier.w.values() == reference.w.values());
    CHECK(classifier.b.values() == reference.b.values());
  }
}

TEST_CASE("the same plan fails on one value and not on another") {
  const Tensor table = tensor({10.0F, 20.0F, 30.0F});
  const auto look_up = [&](std::int32_t index) { return take(table, tensor({index})).item(); };
  CHECK(look_up(2) == 30);
  CHECK_THROWS_AS(look_up(3), ValueError);
  CHECK(look_up(0) == 10);
  CHECK_THROWS_AS(look_up(-1), ValueError);
  CHECK(look_up(1) == 20);
}

TEST_CASE("a step on a cost that misses a parameter moves nothing") {
  const Parameter w(ones({3}), "w"), unused(ones({3}), "unused");
  Sgd optimizer({w, unused}, {.learning_rate = 0.1});
  const Snapshot before({w, unused});
  CHECK_THROWS_AS(optimizer.step(sum(square(w))), GradientError);
  before.check_unchanged();
  CHECK(optimizer.steps() == 0);
  optimizer.step(sum(square(w) + square(unused)));
  CHECK(optimizer.steps() == 1);
}

TEST_CASE("a step on a stale cost moves nothing") {
  const Parameter w(ones({3}), "w");
  Sgd optimizer({w}, {.learning_rate = 0.1});
  const Tensor stale = sum(w * w * w);
  optimizer.step(sum(square(w)));
  const Snapshot before({w});
  CHECK_THROWS_AS(optimizer.step(stale), StaleError);
  before.check_unchanged();
  CHECK(optimizer.steps() == 1);
}

TEST_CASE("a learning rate that is no number moves nothing") {
  const Parameter w(ones({3}), "w");
  Sgd optimizer(
      {w}, {.learning_rate = [](Index step) { return step == 1 ? std::numeric_limits<double>::infinity() : 0.5; }});
  optimizer.step(sum(square(w)));
  const Snapshot before({w});
  CHECK_THROWS_AS(optimizer.step(sum(square(w))), ValueError);
  before.check_unchanged();
  CHECK_THROWS_AS(optimizer.set_learning_rate(std::numeric_limits<double>::quiet_NaN()), ValueError);
  CHECK_THROWS_AS(optimizer.step(sum(square(w))), ValueError);
  before.check_unchanged();
  optimizer.set_learning_rate(0.5);
  optimizer.step(sum(square(w)));
  CHECK(w.values() == std::vector<double>{0, 0, 0});
}

TEST_CASE("of several assignments none happens if one cannot") {
  const Parameter a(ones({2}), "a"), b(ones({3}), "b");
  const Snapshot before({a, b});
  CHECK_THROWS_AS(assign({{a, zeros({2})}, {b, zeros({2})}}), ShapeError);
  CHECK_THROWS_AS(assign({{a, zeros({2})}, {b, zeros({3}, Dtype::float64)}}), DtypeError);
  CHECK_THROWS_AS(assign({{a, zeros({2})}, {b, zeros({3})}, {a, zeros({2})}}), ValueError);
  CHECK_THROWS_AS(assign({{a, zeros({2})}, {b, take(ones({3}), tensor({0, 1, 3}))}}), ValueError);
  CHECK_THROWS_AS(assign({{a, zeros({2})}}, {take(ones({3}), tensor({3}))}), ValueError);
  before.check_unchanged();
  assign({{a, zeros({2})}, {b, zeros({3})}});
  CHECK(a.version() == 1);
  CHECK(b.version() == 1);
}

TEST_CASE("a graph that could not be evaluated keeps what it is made of") {
  const Parameter w(ones({3}), "w");
  const Tensor fine = w * 2, wrong = take(fine, tensor({7}));
  CHECK_THROWS_AS(evaluate({fine, wrong}), ValueError);
  CHECK_FALSE(wrong.evaluated());
  CHECK(gradients(sum(wrong), {w})[0].shape() == Shape{3});
  CHECK(fine.values() == std::vector<double>{2, 2, 2});
}

TEST_CASE("an addition in place that does not fit leaves the handle alone") {
  Tensor total = tensor({1.0F, 2.0F, 3.0F});
  CHECK_THROWS_AS(total += ones({4}), ShapeError);
  CHECK(total.values() == std::vector<double>{1, 2, 3});
}

TEST_CASE("a number of threads that is refused changes nothing") {
  const tests::ScopedThreads two(2);
  CHECK_THROWS_AS(set_threads(-1), ValueError);
  CHECK(threads() == 2);
}

TEST_CASE("of several networks with the same labels none learns if one of them has no such class") {
  const Parameter three(ones({4, 3}), "three"), five(ones({4, 5}), "five");
  const Snapshot before({three, five});
  const Tensor images = ones({2, 4}), labels = tensor({0, 4});
  const auto cost = [&](const Parameter& weights) {
    return log_likelihood_with_logits(matmul(images, weights), labels);
  };
  const Tensor sum_of_costs = cost(three) + cost(five);
  const auto moved = [&](const Parameter& weights) {
    return Assignment{weights, weights - 0.5 * gradients(sum_of_costs, {weights})[0]};
  };
  CHECK_THROWS_AS(assign_in_place(moved(three), moved(five)), ValueError);
  CHECK_THROWS_AS(assign_in_place(moved(five), moved(three)), ValueError);
  before.check_unchanged();
}

TEST_CASE("indices that nothing is taken by are no check for those that something is taken by") {
  const Parameter other(ones({2, 3}), "other"), full(ones({2, 3}), "full");
  const Snapshot before({other, full});
  const Tensor indices = tensor({1, 3}), nothing = ones({0, 3});
  const auto moved = [&](const Parameter& parameter, const Tensor& from) {
    return Assignment{parameter, parameter * 0.5 + sum(take(from, indices, 1))};
  };
  CHECK_THROWS_AS(assign_in_place(moved(full, full), moved(other, nothing)), ValueError);
  CHECK_THROWS_AS(assign_in_place(moved(other, nothing), moved(full, full)), ValueError);
  before.check_unchanged();
}
