#include <gradus/ops/reduction.h>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/creation.h>
#include <gradus/ops/logic.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/random.h>

using namespace gradus;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const double not_a_number = std::numeric_limits<double>::quiet_NaN();
using Numbers = std::vector<double>;
using Integers = std::vector<std::int32_t>;

Numbers gradient(const Tensor& y, const Tensor& x) {
  return gradients(sum(y), {x})[0].values();
}

/// Sums over some axes, entry by entry in long double.
Numbers sum_by_hand(const Numbers& x, const Shape& shape, const std::vector<bool>& reduced) {
  Shape kept;
  for (int axis = 0; axis < shape.rank(); ++axis)
    kept.append(reduced[static_cast<std::size_t>(axis)] ? 1 : shape[axis]);
  std::vector<long double> sums(static_cast<std::size_t>(kept.count()), 0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    Index rest = static_cast<Index>(i), position = 0, stride = 1;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      if (kept[axis] != 1) position += rest % shape[axis] * stride;
      stride *= kept[axis];
      rest /= shape[axis];
    }
    sums[static_cast<std::size_t>(position)] += x[i];
  }
  return {sums.begin(), sums.end()};
}

}  // namespace

TEST_CASE("sums over any axes of any layout are right, and the same to the bit for every layout") {
  for (const Shape& shape : {Shape{7, 300}, Shape{300, 7}, Shape{3, 70, 5}, Shape{2, 3, 4, 600}, Shape{1500, 2, 3}}) {
    const Tensor x = uniform(shape, {.seed = 3});
    const Numbers entries = x.values();
    for (int bits = 1; bits < 1 << shape.rank(); ++bits) {
      std::vector<Index> axes;
      std::vector<bool> reduced;
      for (int axis = 0; axis < shape.rank(); ++axis) {
        reduced.push_back((bits >> axis & 1) != 0);
        if (reduced.back()) axes.push_back(axis);
      }
      const Axes chosen{std::span<const Index>(axes)};
      const Numbers y = sum(x, chosen).values(), expected = sum_by_hand(entries, shape, reduced);
      REQUIRE(y.size() == expected.size());
      double worst = 0;
      for (std::size_t i = 0; i < y.size(); ++i) worst = std::max(worst, std::abs(y[i] - expected[i]) / expected[i]);
      INFO("shape ", shape.text(), ", axes ", bits);
      CHECK(worst < 1e-6);
      std::vector<Index> backwards;
      for (int axis = shape.rank(); axis-- > 0;) backwards.push_back(axis);
      const Tensor copy = tensor(permute(x, backwards).values<float>(), permute(x, backwards).shape());
      CHECK(sum(permute(copy, backwards), chosen).values() == y);
    }
  }
}

TEST_CASE("reductions of channels that lie last are those of channels that lie second, to the bit") {
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    // Few entries a sum, some that fill no lanes, more than a block.
    for (const Shape& shape : {Shape{2, 3, 5, 16}, Shape{1, 1, 3, 32}, Shape{3, 37, 41, 16}, Shape{2, 7, 9, 21}}) {
      const Parameter last(uniform(shape, {.from = -1, .to = 2, .dtype = dtype, .seed = 5}));
      const Parameter second(permute(last, {0, 3, 1, 2}));
      const Tensor view = permute(last, {0, 3, 1, 2});
      for (const Axes& axes : {Axes{0, 2, 3}, Axes{2, 3}, Axes{2}}) {
        CHECK(sum(view, axes).values() == sum(second, axes).values());
        CHECK(max(view, axes).values() == max(second, axes).values());
        CHECK(norm(view, axes).values() == norm(second, axes).values());
      }
    }
  }
}

TEST_CASE("ten million float32 ones add up") {
  CHECK(sum(tensor(std::vector<float>(10'000'000, 1.0f), {10'000'000})).item() == 1e7);
  const Tensor tenths = tensor(std::vector<float>(4'000'000, 0.1f), {1'000'000, 4});
  const double exact = 1e6 * static_cast<double>(0.1f);
  for (const double y : sum(tenths, 0).values()) CHECK(std::abs(y - exact) < 1e-6 * exact);
  CHECK(std::abs(mean(tenths).item() - static_cast<double>(0.1f)) < 1e-7);
}

TEST_CASE("axes: which there are, and errors that say so") {
  const Tensor x = ones({2, 3, 4});
  CHECK(sum(x).shape() == Shape{});
  CHECK(sum(x, {}).shape() == Shape{});
  CHECK(sum(x, 0).shape() == Shape{3, 4});
  CHECK(sum(x, -1).shape() == Shape{2, 3});
  CHECK(sum(x, {0, -1}).shape() == Shape{3});
  CHECK(sum(x, {-1, 0}, keep_axes).shape() == Shape{1, 3, 1});
  CHECK_THROWS_AS(sum(x, 3), ShapeError);
  CHECK_THROWS_AS(sum(x, {1, -2}), ShapeError);
  CHECK_THROWS_AS(sum(tensor<bool>({true, false})), DtypeError);
}

TEST_CASE("reductions of nothing") {
  const Tensor empty = zeros({0, 3});
  CHECK(sum(empty, 0).values() == Numbers{0, 0, 0});
  CHECK(product(empty, 0).values() == Numbers{1, 1, 1});
  CHECK(norm(empty).item() == 0);
  CHECK(logsumexp(empty).item() == -infinity);
  CHECK(std::isnan(mean(empty).item()));
  CHECK(any(zeros({0}, Dtype::boolean)).item<bool>() == false);
  CHECK(all(zeros({0}, Dtype::boolean)).item<bool>() == true);
  CHECK(max(empty, 1).shape() == Shape{0});
  CHECK_THROWS_AS(max(empty, 0), ShapeError);
  CHECK_THROWS_AS(argmin(empty), ShapeError);
  CHECK_THROWS_AS(variance(empty), ShapeError);
}

TEST_CASE("the gradient of a product is right where entries are 0") {
  const Tensor one_zero = tensor<double>({2, 0, 3, 5}), two_zeros = tensor<double>({2, 0, 0, 5});
  CHECK(gradient(product(one_zero), one_zero) == Numbers{0, 30, 0, 0});
  CHECK(gradient(product(two_zeros), two_zeros) == Numbers{0, 0, 0, 0});
  const Tensor rows = tensor<double>({1, 2, 3, 4, 5, 6}, {2, 3});
  CHECK(product(rows, 0).values() == Numbers{4, 10, 18});
  CHECK(gradient(product(rows, 0), rows) == Numbers{4, 5, 6, 1, 2, 3});
}

TEST_CASE("entries that tie share the cotangent of max and min") {
  const Tensor x = tensor<double>({1, 4, 4, 0, 0, 4}, {2, 3});
  CHECK(gradient(max(x), x) == Numbers{0, 1.0 / 3, 1.0 / 3, 0, 0, 1.0 / 3});
  CHECK(gradient(min(x, 1), x) == Numbers{1, 0, 0, 0.5, 0.5, 0});
}

TEST_CASE("max, min and their positions, with NaN and infinities") {
  const Tensor x = tensor<double>({3, 7, 7, -1, -infinity, -infinity, 2, not_a_number, not_a_number}, {3, 3});
  CHECK(argmax(x, 1).values<std::int32_t>() == Integers{1, 0, 1});
  CHECK(argmin(x, 1).values<std::int32_t>() == Integers{0, 1, 1});
  CHECK(argmax(x).item<std::int32_t>() == 7);
  CHECK(std::isnan(max(x, 1).values()[2]));
  CHECK(max(x, 1).values()[0] == 7);
  CHECK(max(tensor<double>({-infinity, -infinity})).item() == -infinity);
  CHECK(argmax(tensor<double>({-infinity, -infinity})).item<std::int32_t>() == 0);
  // Across blocks of the kernel, along a leading axis, and of other dtypes.
  std::vector<float> long_row(5000, 1.0f);
  long_row[4321] = 2;
  long_row[4999] = 2;
  const Tensor row = tensor(long_row, {5000});
  CHECK(argmax(row).item<std::int32_t>() == 4321);
  CHECK(argmin(row).item<std::int32_t>() == 0);
  CHECK(argmax(transpose(reshape(row, {1, 5000})), 0).item<std::int32_t>() == 4321);
  CHECK(argmax(tensor<std::int32_t>({-5, -2, -2})).item<std::int32_t>() == 1);
  CHECK(argmax(tensor<bool>({false, true})).item<std::int32_t>() == 1);
  CHECK(max(tensor<std::int32_t>({-5, -2})).item<std::int32_t>() == -2);
}

TEST_CASE("logsumexp neither overflows nor loses a row of -infinity") {
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    const Tensor x =
        cast(tensor<double>({1e4, 1e4, -1e4, -1e4, -infinity, -infinity, -infinity, 3}, {4, 2}), dtype).detach();
    const Numbers y = logsumexp(x, 1).values();
    CHECK(y[0] == doctest::Approx(1e4 + std::log(2.0)).epsilon(1e-7));
    CHECK(y[1] == doctest::Approx(-1e4 + std::log(2.0)).epsilon(1e-7));
    CHECK(y[2] == -infinity);
    CHECK(y[3] == 3);
    const Numbers slopes = gradient(logsumexp(x, 1), x), softmax{0.5, 0.5, 0.5, 0.5, 0, 0, 0, 1};
    for (std::size_t i = 0; i < softmax.size(); ++i) CHECK(slopes[i] == doctest::Approx(softmax[i]));
    CHECK(logsumexp(cast(tensor<double>({infinity, 1}), dtype)).item() == infinity);
    CHECK(std::isnan(logsumexp(cast(tensor<double>({1, not_a_number, 2}), dtype)).item()));
  }
}

TEST_CASE("norm at 0 and where squares would overflow") {
  const Tensor zero = tensor<double>({0, 0}), large = tensor<float>({3e30f, 4e30f});
  CHECK(gradient(norm(zero), zero) == Numbers{0, 0});
  CHECK(norm(large).item() == doctest::Approx(5e30));
  const Numbers direction = gradient(norm(large), large);
  CHECK(direction[0] == doctest::Approx(0.6));
  CHECK(direction[1] == doctest::Approx(0.8));
}

TEST_CASE("variance of all there is, or of a sample") {
  const Tensor x = tensor<double>({1, 2, 3, 4});
  CHECK(variance(x).item() == 1.25);
  CHECK(variance(x, 0, false, 1).item() == doctest::Approx(5.0 / 3));
  // A large mean does not eat the digits.
  CHECK(variance(tensor<float>({10000, 10001, 10002, 10003})).item() == 1.25);
  CHECK_THROWS_AS(variance(tensor<double>({1}), 0, false, 1), ShapeError);
}

TEST_CASE("cumulative sums in every direction") {
  const Tensor x = tensor<double>({1, 2, 3});
  CHECK(cumulative_sum(x, 0).values() == Numbers{1, 3, 6});
  CHECK(cumulative_sum(x, 0, {.exclusive = true}).values() == Numbers{0, 1, 3});
  CHECK(cumulative_sum(x, 0, {.reverse = true}).values() == Numbers{6, 5, 3});
  CHECK(cumulative_sum(x, 0, {.exclusive = true, .reverse = true}).values() == Numbers{5, 3, 0});
  const Tensor rows = tensor<std::int32_t>({1, 2, 3, 4}, {2, 2});
  CHECK(cumulative_sum(rows, 0).values<std::int32_t>() == Integers{1, 2, 4, 6});
  CHECK(cumulative_sum(rows, -1).values<std::int32_t>() == Integers{1, 3, 3, 7});
}

TEST_CASE("counts and truths") {
  const Tensor x = tensor<double>({0, 1, -2, 0, 0, 0}, {2, 3});
  CHECK(count_nonzero(x).item<std::int32_t>() == 2);
  CHECK(count_nonzero(x, 1).values<std::int32_t>() == Integers{2, 0});
  CHECK(count_nonzero(x > 0).item<std::int32_t>() == 1);
  CHECK(any(x > 0, 1).values<bool>() == std::vector<bool>{true, false});
  CHECK(all(x <= 1, 0).values<bool>() == std::vector<bool>{true, true, true});
}

TEST_CASE("sum_to undoes broadcasting") {
  const Tensor x = tensor<double>({1, 2, 3, 4, 5, 6}, {2, 3});
  CHECK(sum_to(x, {3}).values() == Numbers{5, 7, 9});
  CHECK(sum_to(x, {2, 1}).values() == Numbers{6, 15});
  CHECK(sum_to(x, {1, 1}).values() == Numbers{21});
  CHECK(sum_to(x, {}).item() == 21);
  CHECK(sum_to(x, {2, 3}).node() == x.node());
}
