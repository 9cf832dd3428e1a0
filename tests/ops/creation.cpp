#include <gradus/ops/creation.h>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>

using namespace gradus;

namespace {

using Numbers = std::vector<double>;
using Integers = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("full, zeros and ones in every dtype") {
  CHECK(full({2}, 0.5, Dtype::float64).values() == Numbers{0.5, 0.5});
  CHECK(full({}, 3).item() == 3);
  CHECK(full({2}, 3, Dtype::int32).values<std::int32_t>() == Integers{3, 3});
  CHECK(ones({2}, Dtype::boolean).values<bool>() == std::vector<bool>{true, true});
  CHECK(ones({}, Dtype::boolean).item<bool>());
  CHECK(zeros({0, 3}).count() == 0);
  const Tensor x = tensor<double>({1, 2});
  CHECK(zeros_like(x).dtype() == Dtype::float64);
  CHECK(ones_like(x).values() == Numbers{1, 1});
  CHECK(ones_like(Tensor(4.0)).item() == 1);
}

TEST_CASE("numbers in order") {
  CHECK(iota(3).values<std::int32_t>() == Integers{0, 1, 2});
  CHECK(iota(0).count() == 0);
  CHECK(arange(1, 2, 0.25, Dtype::float64).values() == Numbers{1, 1.25, 1.5, 1.75});
  CHECK(arange(3, 0, -1, Dtype::int32).values<std::int32_t>() == Integers{3, 2, 1});
  CHECK(arange(1, 1).count() == 0);
  CHECK_THROWS_AS(arange(0, 1, -1), ValueError);
  CHECK_THROWS_AS(arange(0, 1, 0), ValueError);
  CHECK_THROWS_AS(iota(-1), ValueError);
  CHECK_THROWS_AS(iota(2, Dtype::boolean), DtypeError);
  const auto thirds = linspace(0.1, 0.7, 4, Dtype::float64).values();
  CHECK(thirds.front() == 0.1);
  CHECK(thirds.back() == 0.7);
  CHECK(thirds[1] == doctest::Approx(0.3));
  CHECK(linspace(2, 5, 1, Dtype::float64).values() == Numbers{2});
  CHECK_THROWS_AS(linspace(0, 1, 3, Dtype::int32), DtypeError);
}

TEST_CASE("eye") {
  CHECK(eye(2).values() == Numbers{1, 0, 0, 1});
  CHECK(eye(2, 3, Dtype::float64).values() == Numbers{1, 0, 0, 0, 1, 0});
  CHECK(eye(0).shape() == Shape{0, 0});
}
