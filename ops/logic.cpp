#include <gradus/ops/logic.h>

#include <cmath>
#include <limits>

#include <gradus/graph/inspect.h>
#include <gradus/ops/elementwise.h>

namespace gradus {

namespace {

constexpr const char* discrete = "booleans have no derivative";
constexpr const char* jumps = "constant but for its jumps";

// Whole numbers, so that samples of comparisons have equal entries too.
const Domain whole{.from = -2, .to = 2, .dtype = Dtype::int32};
const Domain truth{.dtype = Dtype::boolean};

}  // namespace

const Registered less_op = elementwise<Any>(
    "less", [](auto a, auto b) { return a < b; },
    {
        .formula = "y = a < b",
        .slope = no_slope(discrete),
        .dtype = compares,
        .symbol = "<",
        .onnx = "Less",
        .domains = {whole, whole},
    });
Tensor less(const Operand& a, const Operand& b) {
  return apply(less_op, {a, b});
}

const Registered less_equal_op = elementwise<Any>(
    "less_equal", [](auto a, auto b) { return a <= b; },
    {
        .formula = "y = a <= b",
        .slope = no_slope(discrete),
        .dtype = compares,
        .symbol = "<=",
        .onnx = "LessOrEqual",
        .domains = {whole, whole},
    });
Tensor less_equal(const Operand& a, const Operand& b) {
  return apply(less_equal_op, {a, b});
}

const Registered greater_op = elementwise<Any>(
    "greater", [](auto a, auto b) { return a > b; },
    {
        .formula = "y = a > b",
        .slope = no_slope(discrete),
        .dtype = compares,
        .symbol = ">",
        .onnx = "Greater",
        .domains = {whole, whole},
    });
Tensor greater(const Operand& a, const Operand& b) {
  return apply(greater_op, {a, b});
}

const Registered greater_equal_op = elementwise<Any>(
    "greater_equal", [](auto a, auto b) { return a >= b; },
    {
        .formula = "y = a >= b",
        .slope = no_slope(discrete),
        .dtype = compares,
        .symbol = ">=",
        .onnx = "GreaterOrEqual",
        .domains = {whole, whole},
    });
Tensor greater_equal(const Operand& a, const Operand& b) {
  return apply(greater_equal_op, {a, b});
}

const Registered equal_op = elementwise<Any>(
    "equal", [](auto a, auto b) { return a == b; },
    {
        .formula = "y = a == b",
        .slope = no_slope(discrete),
        .dtype = compares,
        .symbol = "==",
        .onnx = "Equal",
        .domains = {whole, whole},
    });
Tensor equal(const Operand& a, const Operand& b) {
  return apply(equal_op, {a, b});
}

const Registered not_equal_op = elementwise<Any>(
    "not_equal", [](auto a, auto b) { return a != b; },
    {
        .formula = "y = a != b",
        .slope = no_slope(discrete),
        .dtype = compares,
        .symbol = "!=",
        .domains = {whole, whole},
    });
Tensor not_equal(const Operand& a, const Operand& b) {
  return apply(not_equal_op, {a, b});
}

const Registered is_finite_op = elementwise(
    "is_finite",
    [](auto x) {
      using T = typename decltype(x)::Scalar;
      return x.abs() <= std::numeric_limits<T>::max();
    },
    {
        .formula = "y = whether |x| < infinity",
        .slope = no_slope(discrete),
        .dtype =
            [](const Call& call) {
              same_floating(call);
              return Dtype::boolean;
            },
    });
Tensor is_finite(const Operand& x) {
  return apply(is_finite_op, {x});
}

const Registered logical_and_op = elementwise<Logical>(
    "logical_and", [](auto a, auto b) { return (a.min)(b); },
    {
        .formula = "y = a and b",
        .slope = no_slope(discrete),
        .dtype = logical,
        .onnx = "And",
        .domains = {truth, truth},
    });
Tensor logical_and(const Operand& a, const Operand& b) {
  return apply(logical_and_op, {a, b});
}

const Registered logical_or_op = elementwise<Logical>(
    "logical_or", [](auto a, auto b) { return (a.max)(b); },
    {
        .formula = "y = a or b",
        .slope = no_slope(discrete),
        .dtype = logical,
        .onnx = "Or",
        .domains = {truth, truth},
    });
Tensor logical_or(const Operand& a, const Operand& b) {
  return apply(logical_or_op, {a, b});
}

const Registered logical_xor_op = elementwise<Logical>(
    "logical_xor", [](auto a, auto b) { return a != b; },
    {
        .formula = "y = either a or b",
        .slope = no_slope(discrete),
        .dtype = logical,
        .onnx = "Xor",
        .domains = {truth, truth},
    });
Tensor logical_xor(const Operand& a, const Operand& b) {
  return apply(logical_xor_op, {a, b});
}

const Registered logical_not_op = elementwise<Logical>(
    "logical_not", [](auto x) { return x == typename decltype(x)::Scalar(0); },
    {
        .formula = "y = not x",
        .slope = no_slope(discrete),
        .dtype = logical,
        .onnx = "Not",
        .domains = {truth},
    });
Tensor logical_not(const Operand& x) {
  return apply(logical_not_op, {x});
}

namespace {

// A slope of 0 would make NaN of an infinite cotangent on the side that was not chosen.
Tensors where_derivative(const Call& call, const Tensor&, const Tensor& g) {
  return {Tensor(), where(call[0], g, 0), where(call[0], 0, g)};
}

Operation where_operation() {
  Operation operation = elementwise<Any>(
      "where", [](auto condition, auto a, auto b) { return (condition != static_cast<std::uint8_t>(0)).select(a, b); },
      {
          .formula = "y = a where the condition holds, else b",
          .slope = no_slope(""),
          .dtype =
              [](const Call& call) {
                call.require_dtype(
                    call[0].dtype() == Dtype::boolean, "the condition must be bool; compare first, as in x > 0");
                call.require_dtype(call[1].dtype() == call[2].dtype(), "a and b must share a dtype; cast one of them");
                return call[1].dtype();
              },
          .onnx = "Where",
          .domains = {truth, {}, {}},
          .misfits =
              {{.shapes = {{2}, {2}, {2}},
                .word = "condition must be bool",
                .build = [](const Tensors& x) { return where(x[1], x[1], x[2]); }}},
      });
  operation.slopes.reset();
  operation.derivative = where_derivative;
  return operation;
}

}  // namespace

const Registered where_op = where_operation();
Tensor where(const Operand& condition, const Operand& a, const Operand& b) {
  return apply(where_op, {condition, a, b});
}

namespace {

template <class T>
std::int32_t to_int32(T value) {
  if constexpr (!std::is_floating_point_v<T>) {
    return static_cast<std::int32_t>(value);
  } else {
    // -2³¹ is a floating number and 2³¹ the first one that is too large.
    constexpr T lowest = std::numeric_limits<std::int32_t>::min();
    if (value >= -lowest) return std::numeric_limits<std::int32_t>::max();
    if (value <= lowest) return std::numeric_limits<std::int32_t>::min();
    return value != value ? 0 : static_cast<std::int32_t>(value);
  }
}

template <class Value>
Operation cast_to_floating(std::string_view name, Value value, DtypeRule dtype, const Domain& domain) {
  Operation operation = elementwise<Any>(
      name, value,
      {
          .formula = "y = x",
          .slope = no_slope(""),
          .dtype = dtype,
          .onnx = "Cast",
          .domains = {domain},
      });
  operation.slopes.reset();
  operation.derivative = [](const Call& call, const Tensor&, const Tensor& g) {
    return Tensors{is_floating(call[0].dtype()) ? cast(g, call[0].dtype()) : Tensor()};
  };
  return operation;
}

}  // namespace

// Differences need float64 results, so of these two only the second can be checked with floating inputs.
const Registered cast_float32_op = cast_to_floating(
    "cast_float32", [](auto x) { return x.template cast<float>(); }, [](const Call&) { return Dtype::float32; }, whole);
const Registered cast_float64_op = cast_to_floating(
    "cast_float64", [](auto x) { return x.template cast<double>(); }, [](const Call&) { return Dtype::float64; }, {});

const Registered cast_int32_op = elementwise<Any>(
    "cast_int32",
    [](auto x) {
      using T = typename decltype(x)::Scalar;
      return x.unaryExpr([](T value) { return to_int32(value); });
    },
    {
        .formula = "y = x without its fraction",
        .slope = no_slope("whole numbers have no derivative"),
        .dtype = [](const Call&) { return Dtype::int32; },
        .onnx = "Cast",
        .domains = {{.kinks = {-1, 0, 1}}},
    });

const Registered cast_bool_op = elementwise<Any>(
    "cast_bool", [](auto x) { return x != typename decltype(x)::Scalar(0); },
    {
        .formula = "y = x != 0",
        .slope = no_slope(discrete),
        .dtype = [](const Call&) { return Dtype::boolean; },
        .onnx = "Cast",
        .domains = {whole},
    });

Tensor cast(const Operand& x, Dtype dtype) {
  // A number on its own would still take the dtype of whatever it meets.
  if (!x.tensor().empty() && x.tensor().dtype() == dtype && leaf_of(x.tensor()) != Leaf::number) return x.tensor();
  switch (dtype) {
    case Dtype::float32:
      return apply(cast_float32_op, {x});
    case Dtype::float64:
      return apply(cast_float64_op, {x});
    case Dtype::int32:
      return apply(cast_int32_op, {x});
    case Dtype::boolean:
      return apply(cast_bool_op, {x});
  }
  return x.tensor();
}

const Registered step_op = elementwise(
    "step",
    [](auto x) {
      using T = typename decltype(x)::Scalar;
      return x.unaryExpr([](T value) { return static_cast<T>(value > 0); });
    },
    {
        .formula = "y = 1 if x > 0, else 0",
        .slope = no_slope(jumps),
        .domains = {{.kinks = {0}}},
    });
Tensor step(const Operand& x) {
  return apply(step_op, {x});
}

const Registered exceeds_op = elementwise(
    "exceeds",
    [](auto a, auto b) {
      using T = typename decltype(a)::Scalar;
      return a.binaryExpr(b, [](T x, T y) { return x > y ? T(1) : x == y ? T(0.5) : T(0); });
    },
    {
        .formula = "y = 1 if a > b, 1/2 if a = b, else 0",
        .slope = no_slope(jumps),
    });
Tensor exceeds(const Operand& a, const Operand& b) {
  return apply(exceeds_op, {a, b});
}

}  // namespace gradus
