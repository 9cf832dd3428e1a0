#include <gradus/graph/gradient_check.h>

#include <limits>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>
#include <gradus/graph/parameter.h>
#include <gradus/graph/rule_override.h>
#include <gradus/operation.h>
#include <gradus/ops/activation.h>
#include <gradus/ops/exponential.h>
#include <gradus/ops/logic.h>

using namespace gradus;

namespace {

Tensor matrix(std::string name = "x") {
  return tensor<double>({0.3, -1.2, 0.7, 1.9, -0.4, 1.1}, {2, 3}).named(std::move(name));
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The check with the rule of an operation changed.
GradientCheckResult check_with(
    std::string_view operation, ScopedRuleOverride::Mutate mutate, const Function& function, const Tensors& inputs,
    const GradientCheckOptions& options = {.order = 1}) {
  const ScopedRuleOverride changed(*Registered::find(operation), std::move(mutate));
  return gradient_check(function, inputs, options);
}

const Function entrywise_product = [](const Tensors& x) { return x[0] * x[1]; };

// Right at first order, wrong at second: the slope of the slope is 3 where it should be 2.
const Registered test_twice = elementwise(
    "test_twice", [](auto x) { return x + x; },
    {.formula = "y = 2 x", .slope = [](Tensor, Tensor) { return Tensor(3.0); }});
const Registered test_square = elementwise(
    "test_square", [](auto x) { return x * x; },
    {.formula = "y = x²", .slope = [](Tensor x, Tensor) { return apply(test_twice, {x}); }});

}  // namespace

TEST_CASE("gradient_check passes what is right, to third order") {
  const Function function = [](const Tensors& x) { return sigmoid(x[0] * x[1] + x[1]) / (2 + x[2] * x[2]); };
  const Tensors inputs{
      matrix("a"), tensor<double>({0.5, -0.8, 1.3}, {3}).named("b"), tensor<double>({0.9}, Shape{}).named("c")};
  const GradientCheckResult found = gradient_check(function, inputs, {.order = 3});
  CHECK_MESSAGE(found.passed, found.message);
  CHECK(found.message.empty());
  CHECK(found.worst <= 1);
  // At first order alone: two mixtures and six rows, by each of the ten entries of the inputs.
  CHECK(found.comparisons > (2 + 6) * 10);
}

TEST_CASE("gradient_check catches a sign, a factor, a missing part, ones for g and NaN") {
  const auto multiply_with = [&](const ScopedRuleOverride::Mutate& mutate) {
    return check_with("multiply", mutate, entrywise_product, {matrix("a"), matrix("b") + 0.25});
  };
  using Call = const gradus::Call&;
  CHECK(!multiply_with([](Call, const Tensor&, const Tensor&, Tensors g) { return Tensors{g[0], -g[1]}; }));
  CHECK(!multiply_with([](Call, const Tensor&, const Tensor&, Tensors g) { return Tensors{g[0] * 1.001, g[1]}; }));
  CHECK(!multiply_with([](Call, const Tensor&, const Tensor&, Tensors g) { return Tensors{g[0] * (1 + 1e-6), g[1]}; }));
  CHECK(!multiply_with([](Call, const Tensor&, const Tensor&, Tensors g) { return Tensors{g[0], Tensor()}; }));
  CHECK(!multiply_with([](Call c, const Tensor&, const Tensor&, Tensors g) { return Tensors{c[1] + 0.0, g[1]}; }));
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  const auto with_nan = multiply_with([=](Call, const Tensor&, const Tensor&, Tensors g) {
    return Tensors{g[0] * nan, g[1]};
  });
  CHECK(!with_nan.passed);
  CHECK(mentions(with_nan.message, "nan"));
  CHECK(!multiply_with([=](Call, const Tensor&, const Tensor&, Tensors g) { return Tensors{g[0] * infinity, g[1]}; }));
}

TEST_CASE("gradient_check catches a broadcast that is averaged instead of summed") {
  const Tensors inputs{matrix("a"), tensor<double>({0.5, -0.8, 1.3}, {3}).named("b")};
  const Function add = [](const Tensors& x) { return x[0] + x[1]; };
  CHECK(gradient_check(add, inputs));
  const auto averaged = [](const Call&, const Tensor&, const Tensor&, Tensors g) { return Tensors{g[0], g[1] / 2.0}; };
  const GradientCheckResult found = check_with("add", averaged, add, inputs);
  CHECK(!found.passed);
  CHECK(mentions(found.message, "'b'"));
}

TEST_CASE("gradient_check names order, input, position and both figures") {
  // The gradient lacks 3 in a single place.
  const Function function = [](const Tensors& x) {
    const Tensor only_here = tensor<double>({0, 0, 0, 0, 0, 1}, {2, 3});
    return x[0] + only_here * (3 * x[0].detach());
  };
  const GradientCheckResult found = gradient_check(function, {matrix("weights")});
  CHECK(!found.passed);
  CAPTURE(found.message);
  CHECK(mentions(found.message, "order 1"));
  CHECK(mentions(found.message, "input 'weights' at [1, 2]"));
  CHECK(mentions(found.message, "the result at [1, 2]"));
  CHECK(mentions(found.message, "automatic 1,"));
  CHECK(mentions(found.message, "numerical 4"));
  // One row of the whole Jacobian and the two mixtures of all rows see it.
  CHECK(found.failures == 3);
  const GradientCheckResult unnamed = gradient_check(function, {tensor<double>({1, 2, 3, 4, 5, 6}, {2, 3})});
  CHECK(mentions(unnamed.message, "input 0 at [1, 2]"));
}

TEST_CASE("gradient_check of second order catches what is right at first order only") {
  const Function function = [](const Tensors& x) { return apply(test_square, {x[0]}); };
  CHECK(gradient_check(function, {matrix()}, {.order = 1}));
  const GradientCheckResult found = gradient_check(function, {matrix()}, {.order = 2});
  CHECK(!found.passed);
  CHECK(mentions(found.message, "order 2"));
  CHECK(mentions(found.message, "the gradient by 'x'"));
}

TEST_CASE("gradient_check measures each input by its own scale") {
  const Function function = [](const Tensors& x) { return 1e3 * x[0] * x[0] + 1e-3 * x[1] * x[1].detach(); };
  const GradientCheckResult found =
      gradient_check(function, {matrix("large"), matrix("small")}, {.order = 1, .tolerance = 1e-3});
  CHECK(!found.passed);
  CHECK(mentions(found.message, "'small'"));
}

TEST_CASE("gradient_check along random directions") {
  const Tensors inputs{matrix("a"), matrix("b")};
  const GradientCheckOptions options{.order = 1, .directions = true, .direction_count = 5};
  const GradientCheckResult right = gradient_check(entrywise_product, inputs, options);
  CHECK_MESSAGE(right.passed, right.message);
  CHECK(right.comparisons == 5 * 2);
  CHECK(gradient_check(entrywise_product, inputs, {.order = 2, .directions = true}));
  const auto wrong = [](const Call&, const Tensor&, const Tensor&, Tensors g) { return Tensors{g[0], g[1] * 1.001}; };
  const GradientCheckResult found = check_with("multiply", wrong, entrywise_product, inputs, options);
  CHECK(!found.passed);
  CHECK(mentions(found.message, "input 'b' along a random direction"));
}

TEST_CASE("gradient_check refuses float32, results that are no float64, and nothing to differentiate") {
  const Function same = [](const Tensors& x) { return x[0] * 2.0; };
  CHECK_THROWS_WITH_AS(
      gradient_check(same, {tensor<float>({1, 2}).named("w")}),
      "gradient_check: input 0 'w' is float32 [2]; only float64 has enough digits", DtypeError);
  CHECK_THROWS_AS(gradient_check([](const Tensors& x) { return cast(x[0], Dtype::float32); }, {matrix()}), DtypeError);
  CHECK_THROWS_AS(gradient_check([](const Tensors& x) { return x[0] > 0.0; }, {matrix()}), DtypeError);
  CHECK_THROWS_AS(gradient_check(same, {tensor<std::int32_t>({1, 2})}), ValueError);
  CHECK_THROWS_AS(gradient_check(same, {matrix()}, {.order = 0}), ValueError);
}

TEST_CASE("gradient_check holds integers and booleans fixed") {
  const Tensor condition = tensor<bool>({true, false, true}, {3});
  const Function choose = [](const Tensors& x) { return where(x[0], x[1] * x[1], x[2]); };
  const GradientCheckResult found =
      gradient_check(choose, {condition, tensor<double>({1, 2, 3}), tensor<double>({4, 5, 6})});
  CHECK_MESSAGE(found.passed, found.message);
}

TEST_CASE("gradient_check takes parameters and computed tensors as points") {
  const Parameter w(matrix(), "w");
  CHECK(gradient_check(entrywise_product, {w, matrix("b") * 2.0}));
}

TEST_CASE("gradient_check passes inputs without entries, and only those without a comparison") {
  const Function twice = [](const Tensors& x) { return x[0] * x[0]; };
  const GradientCheckResult empty = gradient_check(twice, {tensor(std::vector<double>(), {0, 3})});
  CHECK(empty.passed);
  CHECK(empty.comparisons == 0);
  const GradientCheckResult scalar = gradient_check(twice, {tensor<double>({2}, Shape{})});
  CHECK(scalar.passed);
  CHECK(scalar.comparisons > 0);
}

TEST_CASE("gradient_check near, on and off a kink") {
  const Function function = [](const Tensors& x) { return relu(x[0]); };
  CHECK(gradient_check(function, {tensor<double>({1e-4, -1e-4, 1, -1})}));
  CHECK(!gradient_check(function, {tensor<double>({0, 1, 2})}));
}

TEST_CASE("gradient_check fails where values are not numbers, and where they do not repeat") {
  CHECK(!gradient_check([](const Tensors& x) { return log(x[0]); }, {tensor<double>({-1, 2})}));
  double calls = 0;
  const GradientCheckResult found = gradient_check([&](const Tensors& x) { return x[0] + ++calls; }, {matrix()});
  CHECK(!found.passed);
  CHECK(mentions(found.message, "fixed seed"));
}

TEST_CASE("gradient_check sees through steep and through flat functions") {
  const Function steep = [](const Tensors& x) { return exp(20.0 * x[0]); };
  const GradientCheckResult found = gradient_check(steep, {matrix()});
  CHECK_MESSAGE(found.passed, found.message);
  // Its true gradient is 0 everywhere: rounding must not be taken for a derivative.
  const Function flat = [](const Tensors& x) { return exp(x[0]) / exp(x[0]); };
  const GradientCheckResult constant = gradient_check(flat, {matrix()});
  CHECK_MESSAGE(constant.passed, constant.message);
}
