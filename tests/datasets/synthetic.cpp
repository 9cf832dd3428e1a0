#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <gradus/datasets/synthetic.h>
#include <gradus/graph/error.h>

using namespace gradus;
using namespace gradus::datasets;

TEST_CASE("synthetic points depend on their arguments alone, and every class has its share") {
  for (const auto make :
       {+[](std::int64_t seed) { return two_moons(90, 0.1, seed); },
        +[](std::int64_t seed) { return spirals(90, 0.1, seed, 3); },
        +[](std::int64_t seed) { return exclusive_or(90, 0.1, seed); }}) {
    const Dataset data = make(1);
    CHECK(data.size() == 90);
    CHECK(data.features().shape() == Shape{90, 2});
    CHECK(data.dtype() == Dtype::float32);
    CHECK(data.features().values<float>() == make(1).features().values<float>());
    CHECK(data.features().values<float>() != make(2).features().values<float>());
    const auto labels = data.labels().values<std::int32_t>();
    for (std::int32_t label = 0; label < data.class_count(); ++label) {
      CHECK(std::abs(std::count(labels.begin(), labels.end(), label) - 90 / data.class_count()) <= 1);
    }
  }
}

TEST_CASE("without noise, moons lie on their circles, arms on their spirals and corners in their places") {
  const auto moons = two_moons(100, 0).features().values<double>();
  for (std::size_t i = 0; i < 100; ++i) {
    const double x = moons[2 * i], y = moons[2 * i + 1];
    CHECK(std::hypot(i % 2 == 0 ? x : x - 1, i % 2 == 0 ? y : y - 0.5) == doctest::Approx(1));
    CHECK((i % 2 == 0 ? y >= 0 : y <= 0.5));
  }
  const auto arms = spirals(100, 0).features().values<double>();
  for (std::size_t i = 0; i < 100; ++i) CHECK(std::hypot(arms[2 * i], arms[2 * i + 1]) <= 1.0001);
  const Dataset corners = exclusive_or();
  CHECK(corners.features().values<float>() == std::vector<float>{0, 0, 0, 1, 1, 0, 1, 1});
  CHECK(corners.labels().values<std::int32_t>() == std::vector<std::int32_t>{0, 1, 1, 0});
}

TEST_CASE("synthetic points of negative number or noise are refused") {
  CHECK_THROWS_AS(two_moons(-1), ValueError);
  CHECK_THROWS_AS(spirals(10, -0.1), ValueError);
  CHECK_THROWS_AS(spirals(10, 0.1, 0, 0), ValueError);
  CHECK_THROWS_AS(exclusive_or(4, std::nan("")), ValueError);
  CHECK(two_moons(0).empty());
}
