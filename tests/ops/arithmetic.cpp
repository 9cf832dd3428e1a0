#include <gradus/ops/arithmetic.h>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>
#include <gradus/graph/gradient_check.h>
#include <gradus/graph/gradients.h>
#include <gradus/ops/exponential.h>
#include <gradus/ops/logic.h>
#include <gradus/ops/reduction.h>
#include <gradus/ops/trigonometry.h>

using namespace gradus;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
using Numbers = std::vector<double>;

/// The slopes of y = f(x) entry by entry.
template <class Function>
Numbers slopes(Function function, const Tensor& x) {
  return gradients(sum(function(x)), {x})[0].values();
}

}  // namespace

TEST_CASE("exp, log and square_root at the ends of their range") {
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    INFO("dtype: ", name_of(dtype));
    const Tensor ends = cast(tensor<double>({-infinity, -1000, 0, 1000, infinity}), dtype);
    CHECK(exp(ends).values() == Numbers{0, 0, 1, infinity, infinity});
    CHECK(expm1(ends).values() == Numbers{-1, -1, 0, infinity, infinity});
    const Tensor range = cast(tensor<double>({0, 1, 4, infinity}), dtype);
    CHECK(square_root(range).values() == Numbers{0, 1, 2, infinity});
    CHECK(log(range).values()[0] == -infinity);
    CHECK(log(range).values()[1] == 0);
    CHECK(log(range).values()[3] == infinity);
    CHECK(std::isnan(square_root(cast(tensor<double>({-1}), dtype)).item()));
    CHECK(std::isnan(log(cast(tensor<double>({-1}), dtype)).item()));
  }
  // The last float32 before overflow.
  CHECK(std::isfinite(exp(tensor<float>({88.7f})).item()));
  CHECK(exp(tensor<float>({88.73f})).item() == infinity);
}

TEST_CASE("small differences keep their digits") {
  const Tensor tiny = tensor<float>({1e-12f});
  CHECK(expm1(tiny).item() == doctest::Approx(1e-12));
  CHECK(log1p(tiny).item() == doctest::Approx(1e-12));
  CHECK(erfc(tensor<float>({8})).item() == doctest::Approx(std::erfc(8.0)).epsilon(1e-4));
  CHECK(erfc(tensor<double>({8})).item() == doctest::Approx(std::erfc(8.0)).epsilon(1e-14));
}

TEST_CASE("a value does not depend on where it lies in a tensor") {
  std::vector<float> entries(1000);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i] = -4.0f + 0.008f * static_cast<float>(i);
  const Tensor x = tensor(entries, {1000});
  for (Tensor (*function)(const Operand&) : {&exp, &expm1, &erf, &erfc, &sin, &cos, &tan, &arctan}) {
    const auto together = function(x).values<float>();
    for (const std::size_t i : {std::size_t{0}, std::size_t{17}, std::size_t{500}, std::size_t{999}}) {
      CHECK(function(tensor<float>({entries[i]})).item<float>() == together[i]);
    }
  }
}

TEST_CASE("slopes where a function has a corner or an end are as documented") {
  CHECK(slopes(absolute, tensor<double>({-2, 0, 3})) == Numbers{-1, 0, 1});
  CHECK(slopes(square_root, tensor<double>({0, 4})) == Numbers{infinity, 0.25});
  CHECK(slopes([](const Tensor& x) { return maximum(x, x); }, tensor<double>({-1, 5})) == Numbers{1, 1});
  CHECK(slopes([](const Tensor& x) { return minimum(x, 0); }, tensor<double>({-1, 0, 1})) == Numbers{1, 0.5, 0});
  CHECK(
      slopes([](const Tensor& x) { return clip(x, -1, 1); }, tensor<double>({-2, -1, 0, 1, 2})) ==
      Numbers{0, 0.5, 1, 0.5, 0});
}

TEST_CASE("power at 0 and below") {
  const Tensor x = tensor<double>({-2, 0, 3});
  CHECK(power(x, 2).values() == Numbers{4, 0, 9});
  CHECK(slopes([](const Tensor& t) { return power(t, 0); }, x) == Numbers{0, 0, 0});
  CHECK(slopes([](const Tensor& t) { return power(t, 1); }, x) == Numbers{1, 1, 1});
  CHECK(slopes([](const Tensor& t) { return power(t, 3); }, x) == Numbers{12, 0, 27});
  CHECK(slopes([](const Tensor& t) { return power(t, 0.5); }, tensor<double>({0})) == Numbers{infinity});
  CHECK(std::isnan(power(tensor<double>({-2}), 0.5).item()));
  // In the exponent: y log x, and 0 where x <= 0.
  const Tensor exponent = tensor<double>({2, 2, 2});
  const auto in_exponent = gradients(sum(power(x, exponent)), {exponent})[0].values();
  CHECK(in_exponent[0] == 0);
  CHECK(in_exponent[1] == 0);
  CHECK(in_exponent[2] == doctest::Approx(9 * std::log(3.0)));
  const auto base = gradient_check([](const Tensors& t) { return power(2, t[0]); }, {exponent});
  CHECK_MESSAGE(base.passed, base.message);
}

TEST_CASE("NaN is never lost in a comparison of sizes") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor a = tensor<double>({nan, 1, nan}), b = tensor<double>({1, nan, nan});
  for (const double y : maximum(a, b).values()) CHECK(std::isnan(y));
  for (const double y : minimum(a, b).values()) CHECK(std::isnan(y));
  CHECK((a < b).values<bool>() == std::vector<bool>{false, false, false});
  CHECK(not_equal(a, a).values<bool>() == std::vector<bool>{true, false, true});
}

TEST_CASE("whole numbers") {
  const Tensor x = tensor<std::int32_t>({-3, 0, 2});
  CHECK(absolute(x).values<std::int32_t>() == std::vector<std::int32_t>{3, 0, 2});
  CHECK(sign(x).values<std::int32_t>() == std::vector<std::int32_t>{-1, 0, 1});
  CHECK(maximum(x, 1).values<std::int32_t>() == std::vector<std::int32_t>{1, 1, 2});
  CHECK((x * x - 1).values<std::int32_t>() == std::vector<std::int32_t>{8, -1, 3});
  CHECK_THROWS_AS(x / 2, DtypeError);
  CHECK(round(tensor<double>({-1.5, -0.5, 0.5, 1.5, 2.5})).values() == Numbers{-2, 0, 0, 2, 2});
}

TEST_CASE("cast keeps to int32's range") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor x = tensor<double>({-2.9, 2.9, 1e300, -1e300, infinity, nan});
  CHECK(
      cast(x, Dtype::int32).values<std::int32_t>() ==
      std::vector<std::int32_t>{-2, 2, 2147483647, -2147483647 - 1, 2147483647, 0});
  CHECK(cast(tensor<float>({2147483648.0f}), Dtype::int32).item<std::int32_t>() == 2147483647);
  CHECK(cast(tensor<double>({0, -0.5, nan}), Dtype::boolean).values<bool>() == std::vector<bool>{false, true, true});
  const Tensor same = tensor<float>({1, 2});
  CHECK(cast(same, Dtype::float32).node() == same.node());
}

TEST_CASE("where passes no cotangent to the side that was not chosen") {
  const Tensor x = tensor<double>({0, 1});
  // The cotangent is infinite where x is 0.
  const auto found =
      slopes([](const Tensor& t) { return square_root(where(t > 0, t, 0 * t)); }, tensor<double>({1, 4}));
  CHECK(found == Numbers{0.5, 0.25});
  const Tensor chosen = where(x > 0, x, 5);
  CHECK(chosen.values() == Numbers{5, 1});
  CHECK_THROWS_AS(where(x, x, x), DtypeError);
}
