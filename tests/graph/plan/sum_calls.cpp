#include <doctest/doctest.h>

#include <gradus/gradus.h>
#include <gradus/graph/plan/plan.h>

using namespace gradus;

namespace {

Tensor matrix(Index rows, Index columns, int seed) {
  return uniform({rows, columns}, {.from = -1, .to = 1, .dtype = Dtype::float64, .seed = seed}).detach();
}

// Σ_t a_tᵀ b_t, as the gradient of a weight that is used at every step.
Tensor sum_of_outer_products(int steps, Tensor others = {}) {
  Tensor sum = std::move(others);
  for (int t = 0; t < steps; ++t) {
    const Tensor product = matmul(transpose(matrix(1, 8, t)), matrix(1, 6, 100 + t));
    sum = sum.empty() ? product : sum + product;
  }
  return sum;
}

std::vector<double> planned_with(const char* passes, const std::function<Tensor()>& build) {
  plan::set_passes(passes);
  clear_plan_cache();
  auto values = build().values();
  plan::set_passes("all");
  clear_plan_cache();
  return values;
}

void check_close(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-13));
}

Index products_in(const Explanation& explanation) {
  return std::ranges::count_if(
      explanation.step_texts, [](const std::string& text) { return text.find("matmul") != std::string::npos; });
}

}  // namespace

TEST_CASE("a sum of many outer products is one product") {
  CHECK(products_in(explain({sum_of_outer_products(12)})) == 1);
  check_close(planned_with("sum_calls", [] { return sum_of_outer_products(12); }), planned_with("", [] {
                return sum_of_outer_products(12);
              }));
}

TEST_CASE("what else is added to a sum of products stays in it") {
  const auto build = [] { return sum_of_outer_products(5, tanh(matrix(8, 6, 7))) + matrix(1, 6, 8); };
  CHECK(products_in(explain({build()})) == 1);
  check_close(planned_with("sum_calls", build), planned_with("", build));
}

TEST_CASE("a product that somebody else reads, or holds, is computed by itself") {
  const Tensor held = matmul(transpose(matrix(1, 8, 50)), matrix(1, 6, 51));
  CHECK(products_in(explain({sum_of_outer_products(5, held)})) == 2);
  const auto build = [] {
    const Tensor read_twice = matmul(transpose(matrix(1, 8, 50)), matrix(1, 6, 51));
    return sum_of_outer_products(5, read_twice) * tanh(read_twice);
  };
  check_close(planned_with("sum_calls", build), planned_with("", build));
}

TEST_CASE("large products are not copied together") {
  const auto build = [] {
    return matmul(matrix(40, 64, 1), matrix(64, 40, 2)) + matmul(matrix(40, 64, 3), matrix(64, 40, 4)) +
           matmul(matrix(40, 64, 5), matrix(64, 40, 6));
  };
  CHECK(products_in(explain({build()})) == 3);
}

TEST_CASE("a recurrent network's weights get one product each for all steps, and the same gradient") {
  const auto gradient = [] {
    const Parameter w(matrix(6, 6, 1)), u(matrix(6, 6, 2)), b(matrix(1, 6, 3));
    Tensor h = matrix(1, 6, 4);
    for (int t = 0; t < 9; ++t) h = tanh(matmul(matrix(1, 6, 10 + t), w) + matmul(h, u) + b);
    const Tensors found = gradients(sum(square(h)), {w, u, b});
    return concatenate({found[0], found[1], found[2]});
  };
  check_close(planned_with("simplify,sum_calls", gradient), planned_with("", gradient));
  check_close(planned_with("all", gradient), planned_with("", gradient));
}
