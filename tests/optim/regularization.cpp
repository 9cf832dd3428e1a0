#include <gradus/optim/regularization.h>

#include <cmath>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

Parameters layer(int seed) {
  const NormalOptions drawn{.dtype = Dtype::float64, .seed = seed};
  return {Parameter(normal({4, 3}, drawn), "w"), Parameter(normal({3}, drawn), "b")};
}

Tensor data_cost(const Parameters& layer) {
  const Tensor x = uniform({5, 4}, {.from = -1, .to = 1, .dtype = Dtype::float64, .seed = 9});
  return mean(square(tanh(matmul(x, layer[0]) + layer[1])));
}

void check_close(const Parameter& measured, const Parameter& expected, double bound) {
  const auto a = measured.values(), b = expected.values();
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(std::abs(a[k] - b[k]) <= bound);
}

double size_of(const std::vector<double>& weights, Index column, Index columns) {
  double squares = 0;
  for (auto k = static_cast<std::size_t>(column); k < weights.size(); k += static_cast<std::size_t>(columns)) {
    squares += weights[k] * weights[k];
  }
  return std::sqrt(squares);
}

}  // namespace

TEST_CASE("penalties are (λ/2n) Σ w² and (λ/n) Σ |w| over all weights") {
  const Parameter first(tensor<double>({1, -2, 3, 0}, {2, 2}), "first"), second(tensor<double>({-0.5}, {1}), "second");
  CHECK(l2_penalty({first, second}, 4, 10).item() == doctest::Approx(4 * 14.25 / 20));
  CHECK(l1_penalty({first, second}, 4, 10).item() == doctest::Approx(4 * 6.5 / 10));
}

TEST_CASE("penalties can be differentiated by the weights and by lambda") {
  const Parameter w(tensor<double>({1, -2, 0}, {3}), "w"), lambda(full({}, 4, Dtype::float64), "lambda");
  const Tensors l2 = gradients(l2_penalty({w}, lambda, 10), {w, lambda});
  CHECK(l2[0].values() == std::vector<double>{0.4, -0.8, 0});
  CHECK(l2[1].item() == doctest::Approx(0.25));
  const Tensors l1 = gradients(l1_penalty({w}, lambda, 10), {w, lambda});
  CHECK(l1[0].values() == std::vector<double>{0.4, -0.4, 0});
  CHECK(l1[1].item() == doctest::Approx(0.3));
}

TEST_CASE("weight decay in gradient descent is the penalty in the cost, and biases are left alone") {
  const Parameters decayed = layer(1), penalised = layer(1);
  Sgd decay(decayed, {.learning_rate = 0.5, .regularization = {.l2 = 5, .l1 = 2, .examples = 100}});
  Sgd plain(penalised, {.learning_rate = 0.5});
  for (int i = 0; i < 10; ++i) {
    decay.step(data_cost(decayed));
    plain.step(data_cost(penalised) + l2_penalty({penalised[0]}, 5, 100) + l1_penalty({penalised[0]}, 2, 100));
    check_close(decayed[0], penalised[0], 1e-13);
    check_close(decayed[1], penalised[1], 1e-13);
  }
}

TEST_CASE("weights without a gradient shrink by 1 − ηλ/n a step, with momentum too") {
  const auto check = [](auto make) {
    const Parameters parameters = layer(2);
    const auto start = parameters[0].values();
    auto optimizer = make(parameters);
    for (int i = 0; i < 7; ++i) optimizer.step(sum(parameters[1]) + sum(parameters[0]) * 0.0);
    for (std::size_t k = 0; k < start.size(); ++k) {
      CHECK(parameters[0].values()[k] == doctest::Approx(start[k] * std::pow(1 - 0.5 * 5 / 100, 7)).epsilon(1e-13));
    }
  };
  const Regularization regularization{.l2 = 5, .examples = 100};
  check([&](auto p) { return Sgd(p, {.learning_rate = 0.5, .regularization = regularization}); });
  check([&](auto p) { return Momentum(p, {.learning_rate = 0.5, .regularization = regularization}); });
  check([&](auto p) { return Nesterov(p, {.learning_rate = 0.5, .regularization = regularization}); });
}

TEST_CASE("named weights alone are regularised, whatever their rank") {
  const Parameters parameters = layer(3);
  const auto weights = parameters[0].values(), biases = parameters[1].values();
  Sgd optimizer(
      parameters, {.learning_rate = 1, .regularization = {.l2 = 1, .examples = 2, .weights = {parameters[1]}}});
  optimizer.step(sum(parameters[0]) * 0.0 + sum(parameters[1]) * 0.0);
  CHECK(parameters[0].values() == weights);
  for (std::size_t k = 0; k < biases.size(); ++k) CHECK(parameters[1].values()[k] == biases[k] / 2);
}

TEST_CASE("an optimiser tells the penalty that its decay descends, for any number of examples") {
  const Parameters parameters = layer(4);
  Sgd optimizer(parameters, {.learning_rate = 1, .regularization = {.l2 = 3, .l1 = 2, .examples = 50}});
  const Tensor expected = l2_penalty({parameters[0]}, 3, 10) + l1_penalty({parameters[0]}, 2, 10);
  CHECK(optimizer.penalty(10).item() == doctest::Approx(expected.item()).epsilon(1e-14));
  CHECK(Sgd(parameters, {.learning_rate = 1}).penalty(10).item() == 0);
  CHECK_THROWS_AS(optimizer.penalty(0), ValueError);
}

TEST_CASE("max-norm scales down what is too long, neuron by neuron, and leaves the rest to the bit") {
  CHECK(rc::check([](std::uint8_t seed) {
    const auto limit = static_cast<double>(*rc::gen::inRange(1, 40)) / 10;
    const Tensor w = normal({5, 4}, {.dtype = Dtype::float64, .seed = seed});
    const auto before = w.values(), after = max_norm(w, limit).values();
    for (Index neuron = 0; neuron < 4; ++neuron) {
      const double size = size_of(before, neuron, 4);
      for (auto k = static_cast<std::size_t>(neuron); k < before.size(); k += 4) {
        if (size <= limit * (1 - 1e-12)) RC_ASSERT(after[k] == before[k]);
        RC_ASSERT(std::abs(after[k] - before[k] * std::min(1.0, limit / size)) <= 1e-14);
      }
    }
  }));
}

TEST_CASE("max-norm knows what comes into a neuron of other ranks") {
  // Two filters over one map of 1 × 2: rows are filters.
  const Tensor filters = tensor<double>({3, 4, 0.3, 0.4}, {2, 1, 2});
  const auto limited = max_norm(filters, 1).values();
  const std::vector<double> expected{0.6, 0.8, 0.3, 0.4};
  for (std::size_t k = 0; k < 4; ++k) CHECK(limited[k] == doctest::Approx(expected[k]));
  CHECK(max_norm(tensor<double>({3, 4}, {2}), 1).values()[1] == doctest::Approx(0.8));
  CHECK(max_norm(tensor<double>({-4}, {}), 2).item() == doctest::Approx(-2));
  // A neuron without weights.
  CHECK(max_norm(full({2, 1}, 0, Dtype::float64), 1).values() == std::vector<double>{0, 0});
}

TEST_CASE("an optimiser holds weights within max-norm after every step") {
  const Parameters parameters = layer(5);
  Momentum optimizer(parameters, {.learning_rate = 1, .regularization = {.max_norm = 0.75}});
  for (int i = 0; i < 5; ++i) {
    optimizer.step(sum(parameters[0]) + sum(parameters[1]));
    for (Index neuron = 0; neuron < 3; ++neuron) {
      CHECK(size_of(parameters[0].values(), neuron, 3) == doctest::Approx(0.75).epsilon(1e-12));
    }
  }
  CHECK(parameters[1].values()[0] < -4);
}

TEST_CASE("regularisation says what is wrong with it") {
  const Parameters parameters = layer(6);
  const auto refused = [&](Regularization regularization, const char* why) {
    CHECK_THROWS_WITH_AS(
        Sgd(parameters, {.learning_rate = 1, .regularization = std::move(regularization)}), doctest::Contains(why),
        ValueError);
  };
  refused({.l2 = -1}, "l2 is -1");
  refused({.l1 = NAN}, "l1 is nan");
  refused({.l2 = 1, .examples = 0}, "training set");
  refused({.max_norm = 0}, "max_norm is 0");
  refused({.l2 = 1, .weights = {Parameter(ones({2, 2}), "stranger")}}, "stranger");
  CHECK_THROWS_WITH_AS(
      Sgd({parameters[1]}, {.learning_rate = 1, .regularization = {.l2 = 1}}), doctest::Contains(".weights"),
      ValueError);
  CHECK_THROWS_AS(l2_penalty({}, 1, 10), ValueError);
  CHECK_THROWS_AS(l1_penalty(parameters, 1, 0), ValueError);
  CHECK_THROWS_WITH_AS(l2_penalty(parameters, parameters[1], 10), doctest::Contains("scalar"), ShapeError);
  CHECK_THROWS_AS(max_norm(parameters[0], 0), ValueError);
}
