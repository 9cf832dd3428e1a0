#include <algorithm>
#include <cmath>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradient_check.h>
#include <gradus/graph/gradients.h>
#include <gradus/ops/movement.h>

#include "cases.h"

using namespace gradus;
using namespace checks;

namespace {

bool can_be_checked(const Case& sample) {
  const Tensors inputs = leaves(sample, draw(sample));
  return sample.operation->differentiable() && !floating(inputs).empty() &&
         result(sample, inputs).dtype() == Dtype::float64;
}

GradientCheckResult check(const Case& sample, int order) {
  return gradient_check(
      [&](const Tensors& inputs) { return result(sample, inputs); }, leaves(sample, draw(sample)),
      {.order = order, .tolerance = tolerance});
}

/// The smallest that has entries to differentiate by.
const Case* smallest(const std::vector<Case>& cases) {
  const Case* found = nullptr;
  for (const Case& sample : cases) {
    if (sample.entries() == 0) continue;
    if (!found || sample.entries() < found->entries()) found = &sample;
  }
  return found;
}

}  // namespace

TEST_CASE("every operation has samples, and its gradients are compared somewhere") {
  for (const Registered* operation : operations()) {
    INFO("operation: ", operation->name);
    const std::vector<Case> cases = cases_of(*operation);
    CHECK(!cases.empty());
    const bool takes_floats = std::any_of(cases.begin(), cases.end(), [](const Case& sample) {
      return std::any_of(
          sample.domains.begin(), sample.domains.end(), [](const Domain& d) { return is_floating(d.dtype); });
    });
    if (!operation->differentiable() || !takes_floats) continue;
    guarded(std::string(operation->name), [&] {
      CHECK(
          std::any_of(cases.begin(), cases.end(), [](const Case& s) { return s.entries() > 0 && can_be_checked(s); }));
    });
  }
}

TEST_CASE("every operation: gradients of first and second order") {
  Index comparisons = 0;
  double worst = 0;
  each_case([&](const Case& sample) {
    if (!can_be_checked(sample)) return;
    const GradientCheckResult found = check(sample, sample.entries() == 0 ? 1 : 2);
    CHECK_MESSAGE(found.passed, sample.name << ": " << found.message);
    comparisons += found.comparisons;
    worst = std::max(worst, found.worst);
  });
  MESSAGE(
      "gradients: " << comparisons << " entries compared with differences, off by at most " << worst
                    << " of what is allowed");
  CHECK(comparisons > 0);
}

TEST_CASE("every operation: gradients of third order on the smallest sample") {
  for (const Registered* operation : operations()) {
    guarded(std::string(operation->name), [&] {
      const std::vector<Case> cases = cases_of(*operation);
      const Case* sample = smallest(cases);
      if (!sample || !can_be_checked(*sample)) return;
      const GradientCheckResult found = check(*sample, 3);
      CHECK_MESSAGE(found.passed, sample->name << ": " << found.message);
    });
  }
}

TEST_CASE("every operation: samples visit both sides of every kink and stay off it") {
  for (const Registered* operation : operations()) {
    std::vector<Case> cases = cases_of(*operation);
    for (std::size_t i = 0; i < operation->domains.size(); ++i) {
      for (const double kink : operation->domains[i].kinks) {
        INFO("operation: ", operation->name, ", kink of input ", i, ": ", kink);
        int below = 0, above = 0, near = 0;
        for (const Case& sample : cases) {
          if (i >= sample.shapes.size()) continue;
          const Values values = draw(sample);
          for (const double x : values[i]) {
            ++(x < kink ? below : above);
            if (!(std::abs(x - kink) > 2 * 0x1p-10 * (1 + std::abs(kink)))) ++near;
          }
        }
        if (kink > operation->domains[i].from) CHECK(below > 0);
        if (kink < operation->domains[i].to) CHECK(above > 0);
        CHECK(near == 0);
      }
    }
  }
}

TEST_CASE("every operation: the gradient of a transposed view is the transposed gradient") {
  each_case([&](const Case& sample) {
    if (sample.same_tensor || sample.entries() == 0 || !can_be_checked(sample)) return;
    const Tensors inputs = leaves(sample, draw(sample));
    const bool matrices = std::all_of(inputs.begin(), inputs.end(), [](const Tensor& x) { return x.rank() == 2; });
    if (!matrices) return;
    const auto values = draw(sample);
    // The leaves hold the transposed matrices; the function gets them the right way round as views.
    Tensors turned;
    for (const Tensor& input : inputs) {
      const Tensor copy = transpose(input);
      turned.push_back(is_floating(input.dtype()) ? leaf(copy.values<double>(), copy.shape(), Dtype::float64) : input);
    }
    const auto function = [&](const Tensors& x) {
      Tensors right;
      for (const Tensor& input : x) right.push_back(is_floating(input.dtype()) ? transpose(input) : input);
      return result(sample, right);
    };
    const GradientCheckResult found = gradient_check(function, turned, {.order = 1, .tolerance = tolerance});
    CHECK_MESSAGE(found.passed, sample.name << " of transposed views: " << found.message);
  });
}

TEST_CASE("every operation without derivative says why") {
  for (const Registered* operation : operations()) {
    if (operation->differentiable()) continue;
    INFO("operation: ", operation->name);
    for (const Case& sample : cases_of(*operation)) {
      guarded(sample.name, [&] {
        Tensors inputs = leaves(sample, draw(sample));
        if (floating(inputs).empty()) return;
        const Tensor y = result(sample, inputs);
        // Integer and boolean results have no cotangents at all; floating ones must not lose theirs in silence.
        if (!is_floating(y.dtype())) return;
        bool thrown = false;
        try {
          vjp({y}, {cotangent_for(y)}, floating(inputs));
        } catch (const GradientError& error) {
          thrown = true;
          INFO("message: ", error.what());
          CHECK(std::string(error.what()).find(operation->no_derivative) != std::string::npos);
          CHECK(std::string(error.what()).find(operation->name) != std::string::npos);
        }
        CHECK_MESSAGE(thrown, sample.name << " lost a gradient in silence");
      });
    }
  }
}

// "No derivative" of an elementwise operation claims that it is flat between its jumps.
TEST_CASE("every elementwise operation without derivative is flat off its kinks") {
  each_case([&](const Case& sample) {
    if (sample.operation->differentiable() || !sample.operation->is_elementwise() || sample.entries() == 0) return;
    const Values values = draw(sample);
    const Tensors inputs = leaves(sample, values);
    if (floating(inputs).empty()) return;
    const std::string before = raw(result(sample, inputs));
    for (const double sign : {-1.0, 1.0}) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        Values moved = values;
        for (double& x : moved[i]) x += sign * 1e-6;
        CHECK_MESSAGE(raw(result(sample, leaves(sample, moved))) == before, sample.name << " is not flat");
      }
    }
  });
}
