#include <gradus/ops/normalization.h>

#include <cmath>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/ops/random.h>

using namespace gradus;

namespace {

/// Rows of `columns` entries, one formula an entry, in long double.
std::vector<double> softmax_by_hand(const std::vector<double>& z, std::size_t columns, bool logarithm) {
  std::vector<double> y(z.size());
  for (std::size_t first = 0; first < z.size(); first += columns) {
    long double largest = z[first], total = 0;
    for (std::size_t j = 0; j < columns; ++j) largest = std::max<long double>(largest, z[first + j]);
    for (std::size_t j = 0; j < columns; ++j) total += std::exp(z[first + j] - largest);
    for (std::size_t j = 0; j < columns; ++j) {
      const long double shifted = z[first + j] - largest - std::log(total);
      y[first + j] = static_cast<double>(logarithm ? shifted : std::exp(shifted));
    }
  }
  return y;
}

}  // namespace

TEST_CASE("softmax gives the book's figures") {
  const auto a = softmax(tensor<double>({2.5, -1, 3.2, 0.5})).values();
  const double expected[] = {0.315, 0.009, 0.633, 0.043};
  for (std::size_t j = 0; j < 4; ++j) CHECK(std::abs(a[j] - expected[j]) < 5e-4);
}

TEST_CASE("softmax and log_softmax agree with their formulas for rows of any width") {
  for (const Index columns : {1, 2, 10, 16, 17, 500, 1024, 1025, 5000}) {
    const Index rows = 7000 / columns + 3;
    for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
      const Tensor z = normal({rows, columns}, {.deviation = 3, .dtype = dtype, .seed = columns});
      const double tolerance = dtype == Dtype::float32 ? 1e-5 : 1e-13;
      for (const bool logarithm : {false, true}) {
        const auto y = (logarithm ? log_softmax(z) : softmax(z)).values();
        const auto expected = softmax_by_hand(z.values(), static_cast<std::size_t>(columns), logarithm);
        double worst = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
          // A logarithm near 0 is a difference of numbers near 1.
          const double scale = logarithm ? 1 + std::abs(expected[i]) : std::max(std::abs(expected[i]), 1e-3);
          worst = std::max(worst, std::abs(y[i] - expected[i]) / scale);
        }
        INFO("columns ", columns, ", log ", logarithm);
        CHECK(worst <= tolerance);
      }
    }
  }
}

TEST_CASE("softmax and log_softmax stay finite for inputs of ±1e4") {
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    const Tensor z = dtype == Dtype::float32 ? tensor<float>({-1e4f, 1e4f, 0}) : tensor<double>({-1e4, 1e4, 0});
    CHECK(softmax(z).values() == std::vector<double>{0, 1, 0});
    CHECK(log_softmax(z).values() == std::vector<double>{-2e4, 0, -1e4});
  }
  // Far from 0, but close to each other: the digits after the point survive.
  const auto y = log_softmax(tensor<float>({1e4f, 1e4f})).values();
  CHECK(y[0] == doctest::Approx(-std::log(2)).epsilon(1e-6));
}

TEST_CASE("a row's softmax has the same bits whatever stands beside it") {
  const Tensor many = normal({200, 10}, {.seed = 1});
  const auto all = softmax(many).values<float>();
  const auto z = many.values<float>();
  int equal = 0;
  for (std::size_t row = 0; row < 200; ++row) {
    const std::vector<float> alone(
        z.begin() + static_cast<long>(10 * row), z.begin() + static_cast<long>(10 * row + 10));
    const auto y = softmax(tensor(alone, {10})).values<float>();
    equal += std::equal(y.begin(), y.end(), all.begin() + static_cast<long>(10 * row));
  }
  CHECK(equal == 200);
}

TEST_CASE("softmax along another axis, of no rows, and of NaN") {
  const auto columns = softmax(tensor<double>({1, 5, 1, 5}, {2, 2}), 0).values();
  CHECK(columns == std::vector<double>{0.5, 0.5, 0.5, 0.5});
  CHECK(softmax(tensor<double>({}, {0, 4})).shape() == Shape{0, 4});
  CHECK(softmax(tensor<double>({}, {0, 4})).values().empty());
  CHECK(softmax(tensor<double>({}, {4, 0})).values().empty());
  for (const double y : softmax(tensor<double>({1, NAN, 2})).values()) CHECK(std::isnan(y));
  CHECK_THROWS_AS(softmax(tensor<double>({1, 2}), 1), ShapeError);
  CHECK_THROWS_AS(softmax(1.0), ShapeError);
  CHECK_THROWS_AS(log_softmax(tensor<std::int32_t>({1, 2})), DtypeError);
}
