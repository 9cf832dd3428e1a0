// The book's second chapter: each equation against automatic derivatives and against differences of the cost.

#include <cmath>

#include <doctest/doctest.h>

#include "equations.h"

using namespace book;

namespace {

struct Setting {
  const char* name;
  std::vector<std::size_t> sizes;
};

const Setting settings[] = {
    {"3-4-2", {3, 4, 2}},
    {"2-5-4-3", {2, 5, 4, 3}},
    {"1-1-1-1", {1, 1, 1, 1}},
    {"4-3", {4, 3}},
    {"2-3-3-3-3-2", {2, 3, 3, 3, 3, 2}}};

}  // namespace

TEST_CASE("the book's equations of backpropagation hold three ways") {
  for (const Setting& setting : settings) {
    for (const Cost kind : {Cost::quadratic, Cost::cross_entropy}) {
      for (const unsigned seed : {1u, 2u, 3u}) {
        const Network network(setting.sizes, seed);
        for (const EquationError& error : equation_errors(network, kind, examples(network, 5, seed + 100))) {
          CAPTURE(setting.name);
          CAPTURE(seed);
          INFO(error.equation, ": ", error.statement, kind == Cost::quadratic ? ", quadratic" : ", cross-entropy");
          CAPTURE(error.from_automatic);
          CAPTURE(error.from_differences);
          // A network of two layers has no hidden error for BP2 and (34) to speak of.
          CHECK((error.comparisons > 0 || setting.sizes.size() == 2));
          CHECK(error.from_automatic <= 1e-12);
          CHECK(error.from_differences <= 1e-8);
          CHECK(error.beyond_estimate <= 1);
        }
      }
    }
  }
}

TEST_CASE("the comparison with the book sees what is off, missing or not a number") {
  const Truth truth{{1, 2}, {{1, 1e-10}, {2, 1e-10}}};
  EquationError right, off, nan, missing;
  compare(right, {1, 2}, truth);
  CHECK(right.comparisons == 2);
  CHECK(right.from_automatic == 0);
  CHECK(right.beyond_estimate == 0);
  compare(off, {1, 2 + 1e-9}, truth);
  CHECK(off.from_automatic > 1e-12);
  CHECK(off.beyond_estimate > 1);
  compare(nan, {1, std::nan("")}, truth);
  CHECK(!(nan.from_automatic <= 1e-12));
  CHECK(!(nan.beyond_estimate <= 1));
  compare(missing, {1}, truth);
  CHECK(!(missing.from_automatic <= 1e-12));
}

TEST_CASE("a path sum has as many terms as there are paths") {
  // With all weights 1, all slopes the same and ∂C/∂a = 1, the sum counts the paths: 4 · 3 from a weight into layer 2.
  Network network({2, 5, 4, 3});
  for (Matrix& w : network.w) w.entries.assign(w.entries.size(), 1.0);
  Pass pass = forward(network, {1, 1});
  for (Vector& z : pass.z) z.assign(z.size(), 0.0);
  const double slope = sigmoid_prime(0.0);
  const double sum = equation_53(network, pass, {1, 1, 1}, 2, 0, 0);
  CHECK(sum == doctest::Approx(4 * 3 * slope * slope * slope));
}
