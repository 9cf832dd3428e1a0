#include <gradus/ops/arithmetic.h>

#include <gradus/ops/cpu/pointwise.h>
#include <gradus/ops/elementwise.h>
#include <gradus/ops/exponential.h>
#include <gradus/ops/identities.h>
#include <gradus/ops/logic.h>

namespace gradus {

namespace {

Tensor one(Tensor, Tensor, Tensor) {
  return 1;
}
Tensor minus_one(Tensor, Tensor, Tensor) {
  return -1;
}

}  // namespace

const Registered add_op = elementwise<Numeric>(
    "add", [](auto a, auto b) { return a + b; },
    {
        .formula = "y = a + b",
        .slope = {one, one},
        .dtype = same_numeric,
        .neutral_left = 0,
        .neutral_right = 0,
        .symbol = "+",
        .linear = {1, 1},
        .onnx = "Add",
        .rewrite = identities::of_sum,
    });
Tensor operator+(const Operand& a, const Operand& b) {
  return apply(add_op, {a, b});
}

const Registered subtract_op = elementwise<Numeric>(
    "subtract", [](auto a, auto b) { return a - b; },
    {
        .formula = "y = a - b",
        .slope = {one, minus_one},
        .dtype = same_numeric,
        .neutral_right = 0,
        .symbol = "-",
        .linear = {1, -1},
        .onnx = "Sub",
        .rewrite = identities::of_difference,
    });
Tensor operator-(const Operand& a, const Operand& b) {
  return apply(subtract_op, {a, b});
}

const Registered multiply_op = elementwise<Numeric>(
    "multiply", [](auto a, auto b) { return a * b; },
    {
        .formula = "y = a b",
        .slope = {[](Tensor, Tensor b, Tensor) { return b; }, [](Tensor a, Tensor, Tensor) { return a; }},
        .dtype = same_numeric,
        .neutral_left = 1,
        .neutral_right = 1,
        .symbol = "*",
        .bilinear = true,
        .onnx = "Mul",
        .rewrite = identities::of_product,
    });
Tensor operator*(const Operand& a, const Operand& b) {
  return apply(multiply_op, {a, b});
}

const Registered divide_op = elementwise(
    "divide", [](auto a, auto b) { return a / b; },
    {
        .formula = "y = a / b",
        .slope = {
            [](Tensor, Tensor b, Tensor) { return reciprocal(b); }, [](Tensor, Tensor b, Tensor y) { return -y / b; }},
        .neutral_right = 1,
        .symbol = "/",
        .onnx = "Div",
        .rewrite = identities::of_quotient,
        .domains = {{}, {.from = 0.5, .to = 2}},
    });
Tensor operator/(const Operand& a, const Operand& b) {
  return apply(divide_op, {a, b});
}

const Registered negate_op = elementwise<Numeric>(
    "negate", [](auto x) { return -x; },
    {
        .formula = "y = -x",
        .slope = [](Tensor, Tensor) { return Tensor(-1); },
        .dtype = same_numeric,
        .symbol = "-",
        .linear = {-1},
        .onnx = "Neg",
        .rewrite = identities::of_negation,
    });
Tensor operator-(const Operand& x) {
  return apply(negate_op, {x});
}

namespace {

// 0·x^-1 at x = 0 would be NaN, so there an exponent of 0 counts as 1. A guard in x alone would break ∂²y/∂x∂b.
Tensor power_slope(Tensor x, Tensor exponent, Tensor) {
  const Tensor zero = number(0, x.dtype()), one = number(1, x.dtype());
  const Tensor guarded = where(logical_and(equal(x, zero), equal(exponent, zero)), one, exponent);
  return exponent * power(x, guarded - one);
}

// With x replaced by 1 where x <= 0 the slope there is 1·log 1 = 0, at every order.
Tensor power_slope_in_exponent(Tensor x, Tensor exponent, Tensor) {
  const Tensor positive = where(x <= number(0, x.dtype()), number(1, x.dtype()), x);
  return power(positive, exponent) * log(positive);
}

Operation power_operation() {
  Operation operation = elementwise(
      "power",
      [](auto x, auto exponent) {
        using T = typename decltype(x)::Scalar;
        return x.binaryExpr(exponent, [](T base, T power) { return std::pow(base, power); });
      },
      {
          .formula = "y = x^b",
          .slope = {power_slope, power_slope_in_exponent},
          .onnx = "Pow",
          .domains =
              {{.from = 0.3, .to = 2.5, .far_from = 1e-3, .far_to = 1e3},
               {.from = -2, .to = 3, .far_from = -5, .far_to = 5}},
      });
  operation.inputs = {"x", "exponent"};
  const Domain zero{.from = 0, .to = 0};
  operation.samples = {
      {.shapes = {{2, 3}, {2, 3}}},
      {.shapes = {{2, 3}, {3}}},
      {.shapes = {{2, 1}, {1, 3}}},
      {.shapes = {{}, {2, 2}}},
      {.shapes = {{0}, {1}}},
      {.shapes = {{4}}, .build = [](const Tensors& x) { return power(x[0], x[0]); }},
      // Whole exponents of negative numbers and of 0.
      {.shapes = {{4}},
       .build = [](const Tensors& x) { return power(x[0], 3); },
       .domains = {{.from = -2, .to = -0.2}}},
      {.shapes = {{4}},
       .build = [](const Tensors& x) { return power(x[0], -2); },
       .domains = {{.from = -2, .to = -0.4}}},
      {.shapes = {{1}}, .build = [](const Tensors& x) { return power(x[0], 0); }, .domains = {zero}},
      {.shapes = {{1}}, .build = [](const Tensors& x) { return power(x[0], 1); }, .domains = {zero}},
      {.shapes = {{1}}, .build = [](const Tensors& x) { return power(x[0], 3); }, .domains = {zero}},
      {.shapes = {{2}},
       .build = [](const Tensors& x) { return power(0 * x[0], x[0]); },
       .domains = {{.from = 2.2, .to = 4}}},  // below 2 the second derivative at 0 is infinite
  };
  return operation;
}

}  // namespace

const Registered power_op = power_operation();
Tensor power(const Operand& x, const Operand& exponent) {
  return apply(power_op, {x, exponent});
}

const Registered square_op = elementwise<Numeric>(
    "square", [](auto x) { return x * x; },
    {
        .formula = "y = x^2",
        .slope = [](Tensor x, Tensor) { return 2 * x; },
        .dtype = same_numeric,
        .domains = {{.far_from = -1e15, .far_to = 1e15}},
    });
Tensor square(const Operand& x) {
  return apply(square_op, {x});
}

const Registered square_root_op = elementwise(
    "square_root", [](auto x) { return cpu::sqrt(x); },
    {
        .formula = "y = sqrt x",
        .slope = [](Tensor, Tensor y) { return 0.5 / y; },
        .onnx = "Sqrt",
        .domains = {{.from = 0.3, .to = 3, .far_from = 1e-10, .far_to = 1e10}},
    });
Tensor square_root(const Operand& x) {
  return apply(square_root_op, {x});
}

const Registered reciprocal_op = elementwise(
    "reciprocal", [](auto x) { return x.inverse(); },
    {
        .formula = "y = 1 / x",
        .slope = [](Tensor, Tensor y) { return -square(y); },
        .onnx = "Reciprocal",
        .domains = {{.from = 0.4, .to = 2, .far_from = 1e-10, .far_to = 1e10}},
    });
Tensor reciprocal(const Operand& x) {
  return apply(reciprocal_op, {x});
}

const Registered absolute_op = elementwise<Numeric>(
    "absolute", [](auto x) { return x.abs(); },
    {
        .formula = "y = |x|",
        .slope = [](Tensor x, Tensor) { return sign(x); },
        .dtype = same_numeric,
        .onnx = "Abs",
        .domains = {{.kinks = {0}, .far_from = -1e30, .far_to = 1e30}},
    });
Tensor absolute(const Operand& x) {
  return apply(absolute_op, {x});
}

const Registered sign_op = elementwise<Numeric>(
    "sign",
    [](auto x) {
      using T = typename decltype(x)::Scalar;
      return x.unaryExpr([](T value) { return static_cast<T>((value > 0) - (value < 0)); });
    },
    {
        .formula = "y = 1 if x > 0, -1 if x < 0, else 0",
        .slope = no_slope("constant but for its jump at 0"),
        .dtype = same_numeric,
        .onnx = "Sign",
        .domains = {{.kinks = {0}}},
    });
Tensor sign(const Operand& x) {
  return apply(sign_op, {x});
}

const Registered floor_op = elementwise(
    "floor", [](auto x) { return x.floor(); },
    {
        .formula = "y = floor x",
        .slope = no_slope("constant but for its jumps at whole numbers"),
        .onnx = "Floor",
        .domains = {{.kinks = {-1, 0, 1}}},
    });
Tensor floor(const Operand& x) {
  return apply(floor_op, {x});
}

const Registered ceil_op = elementwise(
    "ceil", [](auto x) { return x.ceil(); },
    {
        .formula = "y = ceil x",
        .slope = no_slope("constant but for its jumps at whole numbers"),
        .onnx = "Ceil",
        .domains = {{.kinks = {-1, 0, 1}}},
    });
Tensor ceil(const Operand& x) {
  return apply(ceil_op, {x});
}

const Registered round_op = elementwise(
    "round", [](auto x) { return x.rint(); },
    {
        .formula = "y = the nearest whole number, halves to the even one",
        .slope = no_slope("constant but for its jumps halfway between whole numbers"),
        .onnx = "Round",
        .domains = {{.kinks = {-1.5, -0.5, 0.5, 1.5}}},
    });
Tensor round(const Operand& x) {
  return apply(round_op, {x});
}

const Registered maximum_op = elementwise<Numeric>(
    "maximum",
    [](auto a, auto b) {
      using T = typename decltype(a)::Scalar;
      // Eigen's answer for zeros of different sign depends on where they lie in a tile.
      return a.binaryExpr(b, [](T x, T y) { return x >= y || x != x ? x : y; });
    },
    {
        .formula = "y = max(a, b)",
        .slope = {
            [](Tensor a, Tensor b, Tensor) { return exceeds(a, b); },
            [](Tensor a, Tensor b, Tensor) { return exceeds(b, a); }},
        .dtype = same_numeric,
        .onnx = "Max",
    });
Tensor maximum(const Operand& a, const Operand& b) {
  return apply(maximum_op, {a, b});
}

const Registered minimum_op = elementwise<Numeric>(
    "minimum",
    [](auto a, auto b) {
      using T = typename decltype(a)::Scalar;
      return a.binaryExpr(b, [](T x, T y) { return x <= y || x != x ? x : y; });
    },
    {
        .formula = "y = min(a, b)",
        .slope = {
            [](Tensor a, Tensor b, Tensor) { return exceeds(b, a); },
            [](Tensor a, Tensor b, Tensor) { return exceeds(a, b); }},
        .dtype = same_numeric,
        .onnx = "Min",
    });
Tensor minimum(const Operand& a, const Operand& b) {
  return apply(minimum_op, {a, b});
}

const Registered clip_op = Operation{
    .name = "clip",
    .formula = "y = min(max(x, low), high)",
    .inputs = {"x", "low", "high"},
    .expand = [](const Call& c) { return minimum(maximum(c[0], c[1]), c[2]); },
    .onnx = "Clip",
    .domains = {{.from = -2, .to = 2}, {.from = -1.2, .to = -0.4}, {.from = 0.4, .to = 1.2}},
    .samples =
        {{.shapes = {{2, 5}, {}, {}}},
         {.shapes = {{4}, {4}, {4}}},
         {.shapes = {{2, 3}, {3}, {2, 1}}},
         {.shapes = {{0, 3}, {3}, {}}}},
    .misfits = {{.shapes = {{2, 3}, {2}, {}}, .word = "broadcast"}},
};
Tensor clip(const Operand& x, const Operand& low, const Operand& high) {
  return apply(clip_op, {x, low, high});
}

}  // namespace gradus
