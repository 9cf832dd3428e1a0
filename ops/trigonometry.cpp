#include <gradus/ops/trigonometry.h>

#include <gradus/ops/arithmetic.h>
#include <gradus/ops/cpu/pointwise.h>
#include <gradus/ops/elementwise.h>

namespace gradus {

const Registered sin_op = elementwise(
    "sin", [](auto x) { return cpu::sin(x); },
    {
        .formula = "y = sin x",
        .slope = [](Tensor x, Tensor) { return cos(x); },
        .onnx = "Sin",
        .domains = {{.far_from = -10, .far_to = 10}},
    });
Tensor sin(const Operand& x) {
  return apply(sin_op, {x});
}

const Registered cos_op = elementwise(
    "cos", [](auto x) { return cpu::cos(x); },
    {
        .formula = "y = cos x",
        .slope = [](Tensor x, Tensor) { return -sin(x); },
        .onnx = "Cos",
        .domains = {{.far_from = -10, .far_to = 10}},
    });
Tensor cos(const Operand& x) {
  return apply(cos_op, {x});
}

const Registered tan_op = elementwise(
    "tan", [](auto x) { return x.tan(); },
    {
        .formula = "y = tan x",
        .slope = [](Tensor, Tensor y) { return 1 + square(y); },
        .onnx = "Tan",
        .domains = {{.from = -1.2, .to = 1.2, .far_from = -1.5, .far_to = 1.5}},
    });
Tensor tan(const Operand& x) {
  return apply(tan_op, {x});
}

const Registered arctan_op = elementwise(
    "arctan", [](auto x) { return x.atan(); },
    {
        .formula = "y = arctan x",
        .slope = [](Tensor x, Tensor) { return reciprocal(1 + square(x)); },
        .onnx = "Atan",
        .domains = {{.far_from = -1e15, .far_to = 1e15}},
    });
Tensor arctan(const Operand& x) {
  return apply(arctan_op, {x});
}

}  // namespace gradus
