#include <gradus/optim/sgd.h>

#include <cmath>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/operators.h>
#include <gradus/ops/activation.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/linear_algebra.h>
#include <gradus/ops/loss.h>
#include <gradus/ops/random.h>
#include <gradus/ops/reduction.h>

using namespace gradus;

namespace {

Tensor doubles(const std::vector<double>& values) {
  return tensor(values, {static_cast<Index>(values.size())});
}

/// v → μ v − η ∂C, w → w + v: the book's (107), (108), to see that states work.
class HeavyBall final : public Optimizer {
 public:
  HeavyBall(Parameters parameters, LearningRate rate, double friction)
      : Optimizer(std::move(parameters), std::move(rate), Where::current()), friction_(friction) {
    add_state("velocity");
  }

 private:
  Tensors update(Index i, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const override {
    const Tensor velocity = friction_ * states(i)[0].tensor() - numbers.learning_rate * gradient;
    return {parameter + velocity, velocity};
  }

  double friction_;
};

}  // namespace

TEST_CASE("a step of gradient descent is w − η ∂C/∂w") {
  const Parameter w(doubles({1, -2, 3}), "w");
  Sgd optimizer({w}, {.learning_rate = 0.25});
  const Tensor cost = sum(square(w));
  optimizer.step(cost);
  CHECK(w.values() == std::vector<double>{0.5, -1, 1.5});
  CHECK(w.version() == 1);
  CHECK(optimizer.steps() == 1);
  // The cost was evaluated with the step, and before it.
  CHECK(cost.evaluated());
  CHECK(cost.item() == 14);
}

TEST_CASE("a network's step agrees with backpropagation written out") {
  const Parameter w(tensor<double>({0.1, -0.2, 0.3, 0.4}, {2, 2}), "w"), b(doubles({0.5, -0.5}), "b");
  const Tensor x = tensor<double>({1, 2, -1, 0.5}, {2, 2}), y = tensor<double>({1, 0, 0, 1}, {2, 2});
  const std::vector<double> w0 = w.values(), b0 = b.values(), inputs = x.values(), target = y.values();
  Sgd({w, b}, {.learning_rate = 3.0}).step(quadratic_cost(sigmoid(matmul(x, w) + b), y));
  double w_slope[4] = {}, b_slope[2] = {};
  for (std::size_t n = 0; n < 2; ++n) {
    for (std::size_t j = 0; j < 2; ++j) {
      const double z = inputs[2 * n] * w0[j] + inputs[2 * n + 1] * w0[2 + j] + b0[j];
      const double a = 1 / (1 + std::exp(-z));
      const double delta = (a - target[2 * n + j]) * a * (1 - a);
      b_slope[j] += delta / 2;
      for (std::size_t i = 0; i < 2; ++i) w_slope[2 * i + j] += delta * inputs[2 * n + i] / 2;
    }
  }
  for (std::size_t k = 0; k < 4; ++k) CHECK(w.values()[k] == doctest::Approx(w0[k] - 3 * w_slope[k]).epsilon(1e-14));
  for (std::size_t k = 0; k < 2; ++k) CHECK(b.values()[k] == doctest::Approx(b0[k] - 3 * b_slope[k]).epsilon(1e-14));
}

TEST_CASE("parameters of different dtypes move together") {
  const Parameter single(tensor<float>({1, 2}), "single"), twice(doubles({3}), "twice");
  Sgd optimizer({single}, {.learning_rate = 0.1});
  optimizer.step(sum(square(single)));
  CHECK(single.values<float>()[0] == doctest::Approx(0.8f));
  CHECK(single.dtype() == Dtype::float32);
  Sgd({twice}, {.learning_rate = 0.1}).step(sum(square(twice)));
  CHECK(twice.item() == doctest::Approx(2.4));
}

TEST_CASE("descent finds the line that data lie on") {
  const Tensor x = normal({64, 1}, {.dtype = Dtype::float64, .seed = 1});
  const Tensor y = 3 * x - 2;
  const Parameter w(full({1, 1}, 0, Dtype::float64), "w"), b(full({1}, 0, Dtype::float64), "b");
  Sgd optimizer({w, b}, {.learning_rate = 0.5});
  for (int i = 0; i < 200; ++i) optimizer.step(quadratic_cost(matmul(x, w) + b, y));
  CHECK(w.item() == doctest::Approx(3).epsilon(1e-9));
  CHECK(b.item() == doctest::Approx(-2).epsilon(1e-9));
}

TEST_CASE("a learning rate that changes at every step needs no new plan, whatever it passes through") {
  const Parameter w(full({5}, 1), "w");
  const double rates[] = {0.5, 1, 0, -1, 2, 0.25};
  Sgd optimizer({w}, {.learning_rate = [&](Index step) { return rates[step]; }});
  optimizer.step(sum(square(w)));
  const Index misses = plan_cache_statistics().misses;
  std::vector<double> expected{1 - 2 * 0.5};
  for (int i = 1; i < 6; ++i) {
    CHECK(optimizer.learning_rate() == rates[i]);
    optimizer.step(sum(square(w)));
  }
  CHECK(plan_cache_statistics().misses == misses);
}

TEST_CASE("each step takes the schedule's rate of that step") {
  const Parameter w(doubles({0}), "w");
  Sgd optimizer({w}, {.learning_rate = schedules::step_decay(8, 0.5, 2)});
  std::vector<double> places;
  for (int i = 0; i < 5; ++i) {
    optimizer.step(sum(w));
    places.push_back(w.item());
  }
  CHECK(places == std::vector<double>{-8, -16, -20, -24, -26});
  optimizer.set_learning_rate(100);
  CHECK(optimizer.learning_rate() == 100);
  optimizer.step(sum(w));
  CHECK(w.item() == -126);
  CHECK(optimizer.steps() == 6);
}

TEST_CASE("schedules follow their formulas") {
  using namespace schedules;
  CHECK(constant(3)(1000) == 3);
  CHECK(step_decay(1, 0.5, 10)(9) == 1);
  CHECK(step_decay(1, 0.5, 10)(10) == 0.5);
  CHECK(exponential_decay(2, 0.5, 4)(2) == doctest::Approx(std::sqrt(2.0)));
  CHECK(cosine_decay(1, 100, 0.1)(0) == 1);
  CHECK(cosine_decay(1, 100, 0.1)(50) == doctest::Approx(0.55));
  CHECK(cosine_decay(1, 100, 0.1)(100) == 0.1);
  CHECK(cosine_decay(1, 100)(1000) == 0);
  const Schedule warm = warm_up(4, step_decay(8, 0.5, 1));
  CHECK(warm(0) == 2);
  CHECK(warm(3) == 8);
  CHECK(warm(4) == 8);
  CHECK(warm(5) == 4);
  CHECK_THROWS_AS(step_decay(1, 0.5, 0), ValueError);
  CHECK_THROWS_AS(cosine_decay(NAN, 10), ValueError);
  CHECK_THROWS_AS(warm_up(0, constant(1)), ValueError);
  CHECK_THROWS_AS(warm_up(3, Schedule()), ValueError);
}

TEST_CASE("optimisers have states that start at 0 and are named after their parameters") {
  const Parameter w(doubles({1, -1}), "w");
  HeavyBall optimizer({w}, 0.1, 0.9);
  REQUIRE(optimizer.states(0).size() == 1);
  CHECK(optimizer.states(0)[0].name() == "w.velocity");
  CHECK(optimizer.states(0)[0].values() == std::vector<double>{0, 0});
  double place = 1, velocity = 0;
  for (int i = 0; i < 20; ++i) {
    optimizer.step(sum(square(w)));
    velocity = 0.9 * velocity - 0.1 * (2 * place);
    place += velocity;
    CHECK(w.values()[0] == doctest::Approx(place).epsilon(1e-12));
    CHECK(w.values()[1] == doctest::Approx(-place).epsilon(1e-12));
  }
}

TEST_CASE("a step that cannot be taken changes nothing") {
  const Parameter w(doubles({1}), "weight"), unused(doubles({5}), "unused");
  Sgd optimizer({w, unused}, {.learning_rate = 0.1});
  CHECK_THROWS_WITH_AS(optimizer.step(sum(square(w))), doctest::Contains("unused"), GradientError);
  CHECK(w.item() == 1);
  CHECK(optimizer.steps() == 0);
  Sgd alone({w}, {.learning_rate = 0.1});
  CHECK_THROWS_AS(alone.step(square(w) * doubles({1, 2})), ShapeError);
  const Tensor cost = sum(square(w));
  alone.step(cost);
  CHECK_THROWS_WITH_AS(alone.step(cost), doctest::Contains("weight"), Error);
  CHECK(alone.steps() == 1);
  Sgd broken({w}, {.learning_rate = [](Index) { return NAN; }});
  CHECK_THROWS_WITH_AS(broken.step(sum(square(w))), doctest::Contains("step 0"), ValueError);
}

TEST_CASE("optimisers refuse parameters that they cannot move") {
  const Parameter w(doubles({1}), "w"), counts(tensor<std::int32_t>({1, 2}), "counts");
  CHECK_THROWS_AS(Sgd({}, {.learning_rate = 1}), ValueError);
  CHECK_THROWS_WITH_AS(Sgd({w, w}, {.learning_rate = 1}), doctest::Contains("twice"), ValueError);
  CHECK_THROWS_WITH_AS(Sgd({counts}, {.learning_rate = 1}), doctest::Contains("counts"), DtypeError);
  CHECK_THROWS_AS(Sgd({w}, {.learning_rate = INFINITY}), ValueError);
  CHECK_THROWS_AS(Sgd({Parameter()}, {.learning_rate = 1}), ValueError);
}
