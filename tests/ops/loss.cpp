#include <gradus/ops/loss.h>

#include <cmath>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/operators.h>
#include <gradus/ops/activation.h>
#include <gradus/ops/indexing.h>
#include <gradus/ops/normalization.h>
#include <gradus/ops/random.h>

using namespace gradus;

namespace {

Tensor labels_of(std::initializer_list<std::int32_t> labels) {
  return tensor<std::int32_t>(labels);
}

std::vector<double> slopes(const Tensor& cost, const Parameter& x) {
  return gradients(cost, {x})[0].values();
}

void check_close(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO("entry ", i, ": ", a[i], " and ", b[i]);
    CHECK(std::abs(a[i] - b[i]) <= tolerance * (1 + std::abs(b[i])));
  }
}

}  // namespace

TEST_CASE("the quadratic cost is half the squared distance, averaged over examples") {
  const Parameter a = tensor<double>({0.5, 0.2, 0.1, 0.9}, {2, 2});
  const Tensor y = tensor<double>({1, 0, 0, 1}, {2, 2});
  CHECK(quadratic_cost(a, y).item() == doctest::Approx((0.25 + 0.04 + 0.01 + 0.01) / 4));
  // One example: (27), ½ Σ (y − a)².
  CHECK(quadratic_cost(tensor<double>({0.5, 0.2}), tensor<double>({1, 0})).item() == doctest::Approx(0.29 / 2));
  // The gradient is (a − y)/n, (30).
  check_close(slopes(quadratic_cost(a, y), a), {-0.25, 0.1, 0.05, -0.05}, 1e-15);
}

TEST_CASE("the quadratic cost is a handful of nodes, and its gradient one or two more") {
  const Parameter a = full({10, 10}, 0.5);
  const Tensor cost = quadratic_cost(a, full({10, 10}, 1));
  CHECK(explain({cost}).steps <= 4);
  CHECK(explain({cost, gradients(cost, {a})[0]}).steps <= 8);
}

TEST_CASE("the cross-entropy follows the book's (63)") {
  const Parameter a = tensor<double>({0.5, 0.2, 0.1, 0.9}, {2, 2});
  const Tensor y = tensor<double>({1, 0, 0.3, 1}, {2, 2});
  const double expected =
      -(std::log(0.5) + std::log(0.8) + 0.3 * std::log(0.1) + 0.7 * std::log(0.9) + std::log(0.9)) / 2;
  CHECK(cross_entropy(a, y).item() == doctest::Approx(expected));
  // ∂C/∂a = (a − y)/(a (1 − a))/n, (75).
  check_close(
      slopes(cross_entropy(a, y), a), {-0.5 / 0.25 / 2, 0.2 / 0.16 / 2, -0.2 / 0.09 / 2, -0.1 / 0.09 / 2}, 1e-12);
}

TEST_CASE("the cross-entropy of activations that have reached 0 or 1") {
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    const Parameter zero = full({1}, 0, dtype), one = full({1}, 1, dtype);
    for (const Parameter& right : {zero, one}) {
      const Tensor cost = cross_entropy(right, full({1}, right.item(), dtype));
      CHECK(cost.item() == 0);
      CHECK(std::isfinite(slopes(cost, right)[0]));
    }
    // Wrong for certain: as much as a number holds, not NaN.
    CHECK(cross_entropy(zero, one).item() > 1e38);
    CHECK(cross_entropy(one, zero).item() > 1e38);
    CHECK(slopes(cross_entropy(zero, one), zero)[0] < -1e30);
    for (const Index n : {1, 16, 33}) {
      for (const double x : x_log_y(full({n}, 1, dtype), full({n}, NAN, dtype)).values()) CHECK(std::isnan(x));
      for (const double x : x_log_y(full({n}, 0, dtype), full({n}, 0, dtype)).values()) CHECK(x == 0);
    }
  }
}

TEST_CASE("the cross-entropy from logits is that of sigmoid activations, with the gradient (a − y)/n") {
  const Parameter z = normal({4, 3}, {.deviation = 2, .dtype = Dtype::float64, .seed = 1});
  const Tensor y = uniform({4, 3}, {.dtype = Dtype::float64, .seed = 2});
  const Tensor stable = cross_entropy_with_logits(z, y), naive = cross_entropy(sigmoid(z), y);
  CHECK(stable.item() == doctest::Approx(naive.item()).epsilon(1e-13));
  const auto a = sigmoid(z).values(), t = y.values();
  std::vector<double> expected;
  for (std::size_t i = 0; i < a.size(); ++i) expected.push_back((a[i] - t[i]) / 4);
  check_close(slopes(cross_entropy_with_logits(z, y), z), expected, 1e-14);
}

TEST_CASE("the cross-entropy from logits stays exact at extremes") {
  const Parameter z = tensor<float>({1e4f, -1e4f, 1e4f, -1e4f});
  const Tensor y = tensor<float>({1, 0, 0, 1});
  CHECK(logistic_loss(z, y).values<float>() == std::vector<float>{0, 0, 1e4f, 1e4f});
  CHECK(slopes(cross_entropy_with_logits(z, y), z) == std::vector<double>{0, 0, 1, -1});
  // Where an activation would long have rounded to 1.
  const float small = logistic_loss(tensor<float>({30}), tensor<float>({1})).item<float>();
  CHECK(small == doctest::Approx(std::exp(-30.0)).epsilon(1e-5));
}

TEST_CASE("the log-likelihood takes labels or distributions, and gives the mean of −ln a_y") {
  const Tensor a = tensor<double>({0.2, 0.3, 0.5, 0.6, 0.3, 0.1}, {2, 3});
  const double expected = -(std::log(0.5) + std::log(0.3)) / 2;
  CHECK(log_likelihood(a, labels_of({2, 1})).item() == doctest::Approx(expected));
  CHECK(log_likelihood(a, one_hot(labels_of({2, 1}), 3, Dtype::float64)).item() == doctest::Approx(expected));
  CHECK(
      log_likelihood(tensor<double>({0.25, 0.75}), tensor<std::int32_t>({0}, Shape{})).item() ==
      doctest::Approx(std::log(4)));
}

TEST_CASE("the log-likelihood from logits is that of softmax activations, with the gradient (a − y)/n") {
  const Parameter z = normal({5, 4}, {.dtype = Dtype::float64, .seed = 3});
  const Tensor labels = labels_of({3, 0, 0, 2, 1});
  const Tensor y = one_hot(labels, 4, Dtype::float64);
  const double expected = log_likelihood(softmax(z), labels).item();
  CHECK(log_likelihood_with_logits(z, labels).item() == doctest::Approx(expected).epsilon(1e-13));
  CHECK(log_likelihood_with_logits(z, y).item() == doctest::Approx(expected).epsilon(1e-13));
  std::vector<double> delta = softmax(z).values();
  const auto target = y.values();
  for (std::size_t i = 0; i < delta.size(); ++i) delta[i] = (delta[i] - target[i]) / 5;
  check_close(slopes(log_likelihood_with_logits(z, labels), z), delta, 1e-14);
  check_close(slopes(log_likelihood_with_logits(z, y), z), delta, 1e-14);
}

TEST_CASE("the log-likelihood from logits stays finite at extremes") {
  const Parameter z = tensor<float>({1e4f, -1e4f, 0, -1e4f, 1e4f, 0}, {2, 3});
  CHECK(log_likelihood_with_logits(z, labels_of({0, 1})).item() == 0);
  CHECK(log_likelihood_with_logits(z, labels_of({1, 1})).item() == doctest::Approx(1e4));
  CHECK(slopes(log_likelihood_with_logits(z, labels_of({1, 1})), z) == std::vector<double>{0.5, -0.5, 0, 0, 0, 0});
}

TEST_CASE("mean squared and mean absolute error average over all entries") {
  const Parameter a = tensor<double>({1, 2, 3, 4}, {2, 2});
  const Tensor y = tensor<double>({1, 0, 6, 5}, {2, 2});
  CHECK(mean_squared_error(a, y).item() == doctest::Approx((4 + 9 + 1) / 4.0));
  CHECK(mean_absolute_error(a, y).item() == doctest::Approx((2 + 3 + 1) / 4.0));
  check_close(slopes(mean_absolute_error(a, y), a), {0, 0.25, -0.25, -0.25}, 0);
}

TEST_CASE("Huber's loss is quadratic near the target and linear far from it") {
  const Parameter d = tensor<double>({0, 0.5, -2, 3});
  const Tensor zero = full({4}, 0, Dtype::float64);
  CHECK(huber(d, zero, 1).item() == doctest::Approx((0 + 0.125 + 1.5 + 2.5) / 4));
  CHECK(huber(d, zero, 2.5).item() == doctest::Approx((0 + 0.125 + 2 + 2.5 * (3 - 1.25)) / 4));
  check_close(slopes(huber(d, zero, 1), d), {0, 0.125, -0.25, 0.25}, 1e-15);
  const Parameter border = tensor<double>({1, -1}), at_target = tensor<double>({0});
  const Tensor target = full({2}, 0, Dtype::float64);
  check_close(slopes(huber(border, target, 1), border), {0.5, -0.5}, 0);
  // At the target itself |d| has no curvature, but Huber's loss has.
  CHECK(hessian(huber(at_target, tensor<double>({0}), 1), at_target).item() == 1);
}

TEST_CASE("the hinge loss is 0 beyond the margin") {
  const Tensor output = tensor<double>({2, 0.5, -3, 0.25}), target = tensor<double>({1, 1, 1, -1});
  CHECK(hinge(output, target).item() == doctest::Approx((0 + 0.5 + 4 + 1.25) / 4));
}

TEST_CASE("costs refuse what would broadcast in silence") {
  CHECK_THROWS_AS(quadratic_cost(full({10, 1}, 0), full({10}, 0)), ShapeError);
  CHECK_THROWS_AS(mean_squared_error(full({3}, 0), 1.0), ShapeError);
  CHECK_THROWS_AS(quadratic_cost(full({2}, 0), tensor<std::int32_t>({1, 0})), DtypeError);
  CHECK_THROWS_AS(log_likelihood(full({2, 3}, 0.3), full({2}, 1)), ShapeError);
  CHECK_THROWS_AS(log_likelihood(full({2, 3}, 0.3), labels_of({1, 2, 0})), ShapeError);
  CHECK_THROWS_AS(log_likelihood_with_logits(full({2, 3}, 0.3), labels_of({1, 3})).item(), ValueError);
  CHECK_THROWS_AS(huber(full({3}, 0), full({3}, 0), -1), ValueError);
}
