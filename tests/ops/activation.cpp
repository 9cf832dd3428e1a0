#include <gradus/ops/activation.h>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradient_check.h>
#include <gradus/graph/gradients.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/reduction.h>

using namespace gradus;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// y and dy/dz at one z, in a dtype.
struct Point {
  double y, slope;
};

template <class T>
Point point(Tensor (*function)(const Operand&), double z) {
  const Tensor input = tensor<T>({static_cast<T>(z)}, Shape{});
  const Tensor y = function(input);
  const Tensor slope = gradients(y, {input})[0];
  evaluate({y, slope});
  return {y.item(), slope.item()};
}

bool close(double a, double b, double tolerance) {
  return std::abs(a - b) <= tolerance * std::abs(b);
}

}  // namespace

TEST_CASE("activations are exact where they saturate, in both dtypes") {
  for (const bool single : {true, false}) {
    INFO("float32: ", single);
    const auto at = [&](Tensor (*function)(const Operand&), double z) {
      return single ? point<float>(function, z) : point<double>(function, z);
    };
    for (const double z : {1000.0, infinity}) {
      CHECK(at(sigmoid, z).y == 1);
      CHECK(at(sigmoid, -z).y == 0);
      CHECK(at(sigmoid, z).slope == 0);
      CHECK(at(sigmoid, -z).slope == 0);
      CHECK(at(tanh, z).y == 1);
      CHECK(at(tanh, -z).y == -1);
      CHECK(at(tanh, z).slope == 0);
      CHECK(at(softplus, z).y == z);
      CHECK(at(softplus, -z).y == 0);
      CHECK(at(softplus, z).slope == 1);
      CHECK(at(relu, z).y == z);
      CHECK(at(relu, -z).y == 0);
    }
    CHECK(at(gelu, 1000).y == 1000);
    CHECK(at(gelu, -1000).y == 0);
    CHECK(at(silu, 1000).y == 1000);
    CHECK(at(silu, -1000).y == 0);
    CHECK(at(gelu_tanh, 1000).slope == 1);
  }
}

TEST_CASE("slopes keep their digits where the value no longer moves") {
  // σ'(40) = e^-40 / (1 + e^-40)²; in float32 1 - σ(40) is 0.
  CHECK(close(point<float>(sigmoid, 40).slope, std::exp(-40.0), 1e-5));
  CHECK(close(point<float>(sigmoid, -80).slope, std::exp(-80.0), 1e-4));
  CHECK(close(point<float>(tanh, 20).slope, 4 * std::exp(-40.0), 1e-5));
  CHECK(close(point<double>(sigmoid, 300).slope, std::exp(-300.0), 1e-12));
  CHECK(close(point<float>(gelu, -8).y, -8 * 0.5 * std::erfc(8 / std::sqrt(2.0)), 1e-4));
}

TEST_CASE("slopes at the kinks are as documented") {
  CHECK(point<double>(relu, 0).slope == 0);
  CHECK(point<double>([](const Operand& z) { return leaky_relu(z, 0.1); }, 0).slope == 0.1);
  CHECK(point<double>([](const Operand& z) { return elu(z, 0.5); }, 0).slope == 0.5);
}

TEST_CASE("a NaN stays visible") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (Tensor (*function)(const Operand&) : {&sigmoid, &tanh, &relu, &softplus, &gelu, &silu}) {
    CHECK(std::isnan(function(tensor<double>({nan})).item()));
    CHECK(std::isnan(function(tensor<float>({static_cast<float>(nan)})).item()));
  }
}

TEST_CASE("the book's (111): sigmoid is a shifted tanh") {
  const Tensor z = tensor<double>({-30, -3, -0.5, 0, 1, 10});
  for (const double off : (sigmoid(z) - (1 + tanh(z / 2)) / 2).values()) CHECK(std::abs(off) < 1e-15);
}

TEST_CASE("numbers as parameters of an activation") {
  const Tensor z = tensor<double>({-2, -0.3, 0.7, 3});
  const auto leaky = gradient_check([](const Tensors& x) { return leaky_relu(x[0], 0.2); }, {z});
  CHECK_MESSAGE(leaky.passed, leaky.message);
  const auto exponential = gradient_check([](const Tensors& x) { return elu(x[0], 0.7); }, {z});
  CHECK_MESSAGE(exponential.passed, exponential.message);
  // e^z of the side that is not chosen must not reach the gradient as infinity.
  const Tensor far = tensor<float>({1000, -1000});
  const auto slopes = gradients(sum(elu(far)), {far})[0].values();
  CHECK(slopes == std::vector<double>{1, 0});
}
