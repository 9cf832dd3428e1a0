#include <gradus/graph/plan/arrange.h>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/plan/plan.h>
#include <gradus/ops/activation.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/exponential.h>
#include <gradus/ops/linear_algebra.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/random.h>
#include <gradus/ops/reduction.h>

using namespace gradus;

namespace {

Tensor drawn(const Shape& shape, std::int64_t seed) {
  return uniform(shape, {.from = -1, .to = 1, .dtype = Dtype::float64, .seed = seed}).detach();
}

// The steps that a plan for these values has, by name.
Index copies(const Tensors& wanted) {
  const std::string text = explain(wanted).text();
  Index count = 0;
  for (auto at = text.find("= copy("); at != std::string::npos; at = text.find("= copy(", at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("elementwise steps between transposed products compute in the products' own order") {
  const Tensor a = drawn({5, 4}, 1), b = drawn({4, 3}, 2), c = drawn({5, 2}, 3), bias = drawn({5}, 4);
  // [3, 5]: the product's entries as columns, then a product that wants them as rows again.
  const Tensor y = matmul(transpose(tanh(transpose(matmul(a, b)) + bias) * 2.0), drawn({3, 2}, 5)) + c;
  CHECK(copies({y}) == 0);
}

TEST_CASE("arranged or not, values and gradients are the same to the bit") {
  CHECK(rc::check([](const std::vector<int>& choices) {
    const Tensors inputs{drawn({3, 4, 5}, 1), drawn({5, 3, 4}, 2), drawn({4, 1}, 3)};
    const auto found = [&](const std::string& passes) {
      plan::set_passes(passes);
      clear_plan_cache();
      Tensor x = inputs[0];
      const std::vector<Index> there{2, 0, 1}, back{1, 2, 0};
      for (const int choice : choices) {
        const auto kind = static_cast<unsigned>(choice) % 6;
        const bool turned = x.shape() == Shape{5, 3, 4};
        if (kind == 0) x = permute(x, turned ? back : there);
        if (kind == 1) x = tanh(x);
        if (kind == 2) x = x * (turned ? inputs[1] : inputs[0]);
        if (kind == 3 && turned) x = x + inputs[1] * 0.5;
        if (kind == 4) x = x + (turned ? transpose(inputs[2]) : inputs[2]);
        if (kind == 5) x = x - exp(x * -0.1);
      }
      Tensors wanted = gradients(sum(square(x)), inputs, Missing::zeros);
      wanted.push_back(x);
      std::vector<double> values;
      for (const Tensor& tensor : wanted) {
        for (const double value : tensor.values()) values.push_back(value);
      }
      plan::set_passes("all");
      return values;
    };
    RC_ASSERT(found("all") == found("simplify,sum_calls,fuse,prologue,side_values,epilogue,accumulate"));
  }));
}

TEST_CASE("what is assigned to a parameter keeps the parameter's order") {
  Parameter w(drawn({4, 3}, 1));
  const std::vector<double> before = w.values();
  const Tensor turned = drawn({3, 4}, 2);
  const std::vector<double> entries = turned.values();
  w.assign(w.tensor() + transpose(turned));
  const std::vector<double> after = w.values();
  for (std::size_t i = 0; i < 12; ++i) CHECK(after[i] == before[i] + entries[i % 3 * 4 + i / 3]);
}
