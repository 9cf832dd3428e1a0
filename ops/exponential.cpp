#include <gradus/ops/exponential.h>

#include <numbers>

#include <gradus/ops/arithmetic.h>
#include <gradus/ops/cpu/pointwise.h>
#include <gradus/ops/elementwise.h>
#include <gradus/ops/identities.h>

namespace gradus {

const Registered exp_op = elementwise(
    "exp", [](auto x) { return cpu::exp(x); },
    {
        .formula = "y = e^x",
        .slope = [](Tensor, Tensor y) { return y; },
        .onnx = "Exp",
        .domains = {{.far_from = -85, .far_to = 85}},
    });
Tensor exp(const Operand& x) {
  return apply(exp_op, {x});
}

const Registered expm1_op = elementwise(
    "expm1", [](auto x) { return cpu::expm1(x); },
    {
        .formula = "y = e^x - 1",
        .slope = [](Tensor x, Tensor) { return exp(x); },  // y + 1 has lost its digits for x << 0
        .domains = {{.far_from = -85, .far_to = 85}},
    });
Tensor expm1(const Operand& x) {
  return apply(expm1_op, {x});
}

const Registered log_op = elementwise(
    "log", [](auto x) { return cpu::log(x); },
    {
        .formula = "y = log x",
        .slope = [](Tensor x, Tensor) { return reciprocal(x); },
        .onnx = "Log",
        .rewrite = identities::of_logarithm,
        .domains = {{.from = 0.3, .to = 3, .far_from = 1e-20, .far_to = 1e20}},
    });
Tensor log(const Operand& x) {
  return apply(log_op, {x});
}

const Registered log1p_op = elementwise(
    "log1p", [](auto x) { return cpu::log1p(x); },
    {
        .formula = "y = log(1 + x)",
        .slope = [](Tensor x, Tensor) { return reciprocal(1 + x); },
        .domains = {{.from = -0.6, .to = 2, .far_from = -0.99, .far_to = 1e20}},
    });
Tensor log1p(const Operand& x) {
  return apply(log1p_op, {x});
}

const Registered erf_op = elementwise(
    "erf",
    [](auto x) {
      using T = typename decltype(x)::Scalar;
      return x.unaryExpr([](T value) { return std::erf(value); });
    },
    {
        .formula = "y = 2/sqrt(pi) integral from 0 to x of e^(-t^2) dt",
        .slope = [](Tensor x, Tensor) { return 2 * std::numbers::inv_sqrtpi * exp(-square(x)); },
        .onnx = "Erf",
        .domains = {{.far_from = -8, .far_to = 8}},
    });
Tensor erf(const Operand& x) {
  return apply(erf_op, {x});
}

const Registered erfc_op = elementwise(
    "erfc", [](auto x) { return cpu::erfc(x); },
    {
        .formula = "y = 1 - erf x",
        .slope = [](Tensor x, Tensor) { return -2 * std::numbers::inv_sqrtpi * exp(-square(x)); },
        .domains = {{.far_from = -8, .far_to = 8}},
    });
Tensor erfc(const Operand& x) {
  return apply(erfc_op, {x});
}

}  // namespace gradus
