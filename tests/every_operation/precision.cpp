#include <cmath>

#include <fmt/format.h>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>

#include "cases.h"

using namespace gradus;
using namespace checks;

namespace {

constexpr double near_tolerance = 1e-5, far_tolerance = 1e-3;

/// The result and the gradient by every floating input, in float64 numbers.
std::vector<std::vector<double>> computed(const Case& sample, const Values& values, Dtype dtype) {
  const Tensors inputs = leaves(sample, values, dtype);
  const Tensor y = result(sample, inputs);
  Tensors wanted{y};
  const Tensors by = floating(inputs);
  if (sample.operation->differentiable() && is_floating(y.dtype()) && !by.empty()) {
    for (const Tensor& gradient : vjp({y}, {cotangent_for(y)}, by, Missing::zeros)) wanted.push_back(gradient);
  }
  evaluate(wanted);
  std::vector<std::vector<double>> all;
  for (const Tensor& tensor : wanted) all.push_back(numbers(tensor));
  return all;
}

std::string what(std::size_t part) {
  return part == 0 ? "value" : fmt::format("gradient {}", part - 1);
}

bool has_floats(const Case& sample) {
  return !floating(leaves(sample, draw(sample))).empty();
}

}  // namespace

TEST_CASE("every operation: float32 agrees with float64") {
  each_case([&](const Case& sample) {
    if (!has_floats(sample)) return;
    const Values values = rounded(draw(sample));
    const auto single = computed(sample, values, Dtype::float32), twice = computed(sample, values, Dtype::float64);
    REQUIRE(single.size() == twice.size());
    for (std::size_t part = 0; part < single.size(); ++part) {
      const double off = distance(single[part], twice[part]);
      CHECK_MESSAGE(off <= near_tolerance, sample.name << ": float32 " << what(part) << " off by " << off);
    }
  });
}

// Algebra that is right near 0 can vanish or cancel far out: y (1 − y) of a sigmoid does, from x = 17 on.
TEST_CASE("every elementwise operation: float32 agrees with float64 far out, entry by entry") {
  constexpr int count = 201;
  int operations_far_out = 0;
  for (const Registered* operation : operations()) {
    for (std::size_t far = 0; far < operation->domains.size(); ++far) {
      const Domain& domain = operation->domains[far];
      if (domain.far_from == domain.far_to) continue;
      ++operations_far_out;
      guarded(std::string(operation->name), [&] {
        Case sample = cases_of(*operation).front();
        sample.shapes.assign(operation->inputs.size(), Shape{count});
        sample.name = std::string(operation->name) + " far out";
        Values values = draw(sample);
        for (int k = 0; k < count; ++k) {
          values[far][static_cast<std::size_t>(k)] =
              domain.far_from + (domain.far_to - domain.far_from) * (k + (k % 2) * 0.37) / (count - 1);
        }
        values = rounded(values);
        const auto single = computed(sample, values, Dtype::float32), twice = computed(sample, values, Dtype::float64);
        for (std::size_t part = 0; part < single.size(); ++part) {
          for (std::size_t k = 0; k < single[part].size(); ++k) {
            const double off = std::abs(single[part][k] - twice[part][k]);
            if (single[part][k] == twice[part][k] || off <= far_tolerance * std::abs(twice[part][k])) continue;
            std::string at;
            for (const auto& input : values) at += fmt::format(" {}", input[k]);
            FAIL_CHECK(
                sample.name << ": " << what(part) << " at" << at << " is " << single[part][k] << " in float32, "
                            << twice[part][k] << " in float64");
            break;
          }
        }
      });
    }
  }
  MESSAGE("far out: " << operations_far_out << " domains");
  CHECK(operations_far_out > 0);
}
