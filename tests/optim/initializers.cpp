#include <gradus/optim/initializers.h>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>

using namespace gradus;

namespace {

struct Spread {
  double mean = 0, deviation = 0, largest = 0;
};

Spread spread(const Tensor& tensor) {
  Spread found;
  const auto values = tensor.values();
  const auto n = static_cast<double>(values.size());
  for (const double x : values) found.mean += x / n;
  double variance = 0;
  for (const double x : values) {
    variance += (x - found.mean) * (x - found.mean) / n;
    found.largest = std::max(found.largest, std::abs(x));
  }
  found.deviation = std::sqrt(variance);
  return found;
}

void check_spread(const Tensor& tensor, double deviation) {
  const Spread found = spread(tensor);
  const auto n = static_cast<double>(tensor.count());
  CHECK(std::abs(found.mean) < 5 * deviation / std::sqrt(n));
  CHECK(std::abs(found.deviation / deviation - 1) < 5 / std::sqrt(2 * n));
}

}  // namespace

TEST_CASE("the book's initialisers have the book's deviations") {
  using namespace initializers;
  check_spread(book_large({784, 30}, {.seed = 1}), 1);
  check_spread(book_new({784, 30}, {.seed = 1}), 1 / 28.0);
  // Biases.
  check_spread(book_large({20000}, {.seed = 2}), 1);
  check_spread(book_new({20000}, {.seed = 2}), 1);
}

TEST_CASE("Glorot's and He's initialisers have their papers' deviations") {
  using namespace initializers;
  const Shape shape{300, 100};
  check_spread(glorot_normal(shape, {.seed = 3}), std::sqrt(2 / 400.0));
  check_spread(glorot_uniform(shape, {.seed = 3}), std::sqrt(2 / 400.0));
  check_spread(he_normal(shape, {.seed = 3}), std::sqrt(2 / 300.0));
  check_spread(he_uniform(shape, {.seed = 3}), std::sqrt(2 / 300.0));
  CHECK(spread(glorot_uniform(shape, {.seed = 3})).largest <= std::sqrt(6 / 400.0) * (1 + 1e-6));
  // A convolution of 40 filters over 20 maps: each output sees 20·5·5 entries.
  check_spread(he_normal({40, 20, 5, 5}, {.seed = 4}), std::sqrt(2 / 500.0));
  check_spread(glorot_normal({40, 20, 5, 5}, {.seed = 4}), std::sqrt(2 / 1500.0));
}

TEST_CASE("initialisers repeat by seed and keep the dtype asked for") {
  using namespace initializers;
  CHECK(he_normal({4, 4}, {.seed = 1}).values() == he_normal({4, 4}, {.seed = 1}).values());
  CHECK(he_normal({4, 4}).values() != he_normal({4, 4}).values());
  CHECK(book_new({4, 4}, {.dtype = Dtype::float64}).dtype() == Dtype::float64);
  CHECK(book_new({0, 4}).values().empty());
  CHECK_THROWS_AS(he_normal({4}), ShapeError);
  CHECK_THROWS_AS(glorot_uniform({}), ShapeError);
}
