#include <gradus/graph/expression.h>

#include <doctest/doctest.h>

#include <gradus/graph/gradients.h>
#include <gradus/graph/operators.h>
#include <gradus/ops/exponential.h>

using namespace gradus;

namespace {

Tensor symbol(std::string name) {
  return tensor<double>({1, 2}).named(std::move(name));
}

}  // namespace

TEST_CASE("expression prints a graph as a formula") {
  const Tensor a = symbol("a"), b = symbol("b"), c = symbol("c");
  CHECK(expression(a) == "a");
  CHECK(expression(a * b + c) == "a * b + c");
  CHECK(expression((a + b) * c) == "(a + b) * c");
  CHECK(expression(a - (b - c)) == "a - (b - c)");
  CHECK(expression(a - b - c) == "a - b - c");
  CHECK(expression(a / (b * c)) == "a / (b * c)");
  CHECK(expression(-(a + b)) == "-(a + b)");
  CHECK(expression(a - -b) == "a - (-b)");
  CHECK(expression(1 - a * 2.5) == "1 - a * 2.5");
  CHECK(expression(exp(a) / exp(b)) == "exp(a) / exp(b)");
  CHECK(expression(reshape(a, {2, 1})) == "reshape(a, [2, 1])");
  CHECK(expression(tensor<float>({1, 2, 3})) == "constant[3]");
}

TEST_CASE("expression gives a letter to what is long and used several times, and ends at names") {
  const Tensor a = symbol("a"), b = symbol("b");
  const Tensor long_part = exp(a * b + exp(b));
  CHECK(expression(long_part / (1 + long_part)) == "t1 / (1 + t1) where t1 = exp(a * b + exp(b))");
  CHECK(expression((a + b) * (a + b)) == "(a + b) * (a + b)");
  const Tensor y = exp(a).named("y");
  CHECK(expression(y * y) == "y * y");
  CHECK(expression(y) == "exp(a)");
}

TEST_CASE("expressions prints several under their names: derivatives on symbols") {
  const Tensor a = symbol("a"), b = symbol("b"), g = symbol("g");
  CHECK(expressions({"a'", "b'"}, vjp({a * b}, {g}, {a, b})) == "a' = g * b, b' = g * a");
}
