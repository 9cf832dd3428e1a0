#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

Tensor drawn(const Shape& shape, std::int64_t seed) {
  return uniform(shape, {.from = -1, .to = 1, .seed = seed}).detach();
}

Tensor in_float64(const Tensor& x) {
  return cast(x, Dtype::float64);
}

double largest_difference(const Tensor& a, const Tensor& b) {
  return max(absolute(in_float64(a) - in_float64(b))).item();
}

// By which library a product runs depends on its sizes: these lie on both sides of where that changes.
struct Sizes {
  Index rows, inner, columns;
};
constexpr Sizes all_sizes[] = {{1, 300, 200},  {3, 300, 200}, {4, 300, 200},   {10, 300, 200}, {64, 300, 200},
                               {65, 300, 200}, {10, 30, 20},  {10, 1000, 640}, {10, 300, 3},   {40, 700, 900}};

}  // namespace

TEST_CASE("products in float32 are those in float64, whatever the sizes and however the factors lie") {
  for (const auto& [rows, inner, columns] : all_sizes) {
    for (const bool a_by_columns : {false, true}) {
      for (const bool b_by_columns : {false, true}) {
        CAPTURE(rows);
        CAPTURE(inner);
        CAPTURE(columns);
        CAPTURE(a_by_columns);
        CAPTURE(b_by_columns);
        const Tensor a = a_by_columns ? transpose(drawn({inner, rows}, 1)) : drawn({rows, inner}, 1);
        const Tensor b = b_by_columns ? transpose(drawn({columns, inner}, 2)) : drawn({inner, columns}, 2);
        CHECK(largest_difference(matmul(a, b), matmul(in_float64(a), in_float64(b))) < 1e-4);
      }
    }
  }
}

TEST_CASE("weights of any size decay and descend in place as they do in float64") {
  for (const auto& [batch, inputs, outputs] : all_sizes) {
    for (const double decay : {1.0, 0.75}) {
      CAPTURE(batch);
      CAPTURE(inputs);
      CAPTURE(outputs);
      CAPTURE(decay);
      const Parameter weights(drawn({inputs, outputs}, 1));
      const Tensor activations = drawn({batch, inputs}, 2), errors = drawn({batch, outputs}, 3);
      const auto moved = [&](const Tensor& w, const Tensor& x, const Tensor& error) {
        return decay * w - 0.125 * matmul(transpose(x), error);
      };
      const Tensor expected = moved(in_float64(weights.tensor()), in_float64(activations), in_float64(errors)).detach();
      evaluate({expected});
      assign({{weights, moved(weights.tensor(), activations, errors)}});
      CHECK(largest_difference(weights.tensor(), expected) < 1e-5);
    }
  }
}
