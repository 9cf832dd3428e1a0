#include <gradus/ops/activation.h>

#include <cmath>
#include <numbers>

#include <gradus/ops/arithmetic.h>
#include <gradus/ops/cpu/pointwise.h>
#include <gradus/ops/elementwise.h>
#include <gradus/ops/exponential.h>
#include <gradus/ops/identities.h>
#include <gradus/ops/logic.h>

namespace gradus {

namespace {

Operation with_inputs(Operation operation, std::vector<std::string_view> names) {
  operation.inputs = std::move(names);
  return operation;
}

}  // namespace

const Registered sigmoid_op = elementwise(
    "sigmoid", [](auto z) { return cpu::sigmoid(z); },
    {
        .formula = "y = 1 / (1 + e^-z)",
        .slope = [](Tensor z, Tensor) { return sigmoid_prime(z); },
        .onnx = "Sigmoid",
        .domains = {{.far_from = -85, .far_to = 85}},
    });
Tensor sigmoid(const Operand& z) {
  return apply(sigmoid_op, {z});
}

// y (1 - y) is 0 in float32 from z = 17 on; the derivative is not.
const Registered sigmoid_prime_op = elementwise(
    "sigmoid_prime", [](auto z) { return cpu::sigmoid_prime(z); },
    {
        .formula = "y = e^-z / (1 + e^-z)^2",
        .slope = [](Tensor z, Tensor y) { return -(y * tanh(0.5 * z)); },
        .domains = {{.far_from = -85, .far_to = 85}},
    });
Tensor sigmoid_prime(const Operand& z) {
  return apply(sigmoid_prime_op, {z});
}

const Registered tanh_op = elementwise(
    "tanh", [](auto z) { return cpu::tanh(z); },
    {
        .formula = "y = tanh z",
        .slope = [](Tensor z, Tensor) { return tanh_prime(z); },
        .onnx = "Tanh",
        .domains = {{.far_from = -42, .far_to = 42}},
    });
Tensor tanh(const Operand& z) {
  return apply(tanh_op, {z});
}

const Registered tanh_prime_op = elementwise(
    "tanh_prime", [](auto z) { return cpu::tanh_prime(z); },
    {
        .formula = "y = 1 - tanh^2 z",
        .slope = [](Tensor z, Tensor y) { return -2 * y * tanh(z); },
        .domains = {{.far_from = -42, .far_to = 42}},
    });
Tensor tanh_prime(const Operand& z) {
  return apply(tanh_prime_op, {z});
}

const Registered relu_op = elementwise(
    "relu",
    [](auto z) {
      using T = typename decltype(z)::Scalar;
      return z.unaryExpr([](T value) { return value <= 0 ? T(0) : value; });
    },
    {
        .formula = "y = max(0, z)",
        // Of the result, which whatever comes behind keeps anyway.
        .slope = [](Tensor, Tensor y) { return step(y); },
        .onnx = "Relu",
        .domains = {{.kinks = {0}, .far_from = -1e30, .far_to = 1e30}},
    });
Tensor relu(const Operand& z) {
  return apply(relu_op, {z});
}

const Registered leaky_relu_op = with_inputs(
    elementwise(
        "leaky_relu",
        [](auto z, auto negative_slope) {
          using T = typename decltype(z)::Scalar;
          return z.binaryExpr(negative_slope, [](T value, T slope) { return value > 0 ? value : slope * value; });
        },
        {
            .formula = "y = z if z > 0, else a z",
            .slope = {
                [](Tensor z, Tensor a, Tensor) { return where(z > 0, number(1, a.dtype()), a); },
                [](Tensor z, Tensor, Tensor) { return -relu(-z); }},
            .onnx = "PRelu",
            .domains =
                {{.kinks = {0}, .far_from = -1e15, .far_to = 1e15},
                 {.from = 0.01, .to = 0.5, .far_from = 0.01, .far_to = 0.5}},
        }),
    {"z", "negative_slope"});
Tensor leaky_relu(const Operand& z, const Operand& negative_slope) {
  return apply(leaky_relu_op, {z, negative_slope});
}

namespace {

// min(z, 0) keeps e^z finite on the side that is not chosen.
Tensor elu_slope(Tensor z, Tensor alpha, Tensor) {
  return where(z > 0, 1, alpha * exp(minimum(z, 0)));
}

}  // namespace

const Registered elu_op = with_inputs(
    elementwise(
        "elu",
        [](auto z, auto alpha) {
          using T = typename decltype(z)::Scalar;
          return z.binaryExpr(alpha, [](T value, T scale) { return value > 0 ? value : scale * std::expm1(value); });
        },
        {
            .formula = "y = z if z > 0, else a (e^z - 1)",
            .slope = {elu_slope, [](Tensor z, Tensor, Tensor) { return expm1(minimum(z, 0)); }},
            .onnx = "Elu",
            .domains =
                {{.kinks = {0}, .far_from = -85, .far_to = 1e15}, {.from = 0.5, .to = 2, .far_from = 0.5, .far_to = 2}},
        }),
    {"z", "alpha"});
Tensor elu(const Operand& z, const Operand& alpha) {
  return apply(elu_op, {z, alpha});
}

const Registered softplus_op = elementwise(
    "softplus", [](auto z) { return cpu::softplus(z); },
    {
        .formula = "y = log(1 + e^z)",
        .slope = [](Tensor z, Tensor) { return sigmoid(z); },
        .onnx = "Softplus",
        .domains = {{.far_from = -85, .far_to = 1e15}},
    });
Tensor softplus(const Operand& z) {
  return apply(softplus_op, {z});
}

namespace {

// Φ(z) + z φ(z)
Tensor gelu_slope(Tensor z, Tensor) {
  const double density = std::numbers::inv_sqrtpi / std::numbers::sqrt2;
  return 0.5 * erfc(z * (-1 / std::numbers::sqrt2)) + density * z * exp(-0.5 * square(z));
}

}  // namespace

const Registered gelu_op = elementwise(
    "gelu", [](auto z) { return cpu::gelu(z); },
    {
        .formula = "y = z erfc(-z / sqrt 2) / 2",
        .slope = gelu_slope,
        .onnx = "Gelu",
        .domains = {{.far_from = -12, .far_to = 1e15}},
    });
Tensor gelu(const Operand& z) {
  return apply(gelu_op, {z});
}

const Registered gelu_tanh_op = Operation{
    .name = "gelu_tanh",
    .formula = "y = z (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2",
    .inputs = {"z"},
    // (1 + tanh u) / 2 = σ(2u), which keeps its digits for u << 0.
    .expand =
        [](const Call& c) {
          const double scale = 2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
          return c[0] * sigmoid(scale * c[0] * (1 + 0.044715 * square(c[0])));
        },
    .domains = {{.far_from = -8, .far_to = 1e3}},
    .samples = {{.shapes = {{2, 3}}}, {.shapes = {{}}}, {.shapes = {{0, 2}}}},
};
Tensor gelu_tanh(const Operand& z) {
  return apply(gelu_tanh_op, {z});
}

const Registered silu_op = elementwise(
    "silu", [](auto z) { return cpu::silu(z); },
    {
        .formula = "y = z / (1 + e^-z)",
        .slope = [](Tensor z, Tensor) { return sigmoid(z) + z * sigmoid_prime(z); },
        .domains = {{.far_from = -80, .far_to = 1e15}},
    });
Tensor silu(const Operand& z) {
  return apply(silu_op, {z});
}

}  // namespace gradus
