#include <gradus/ops/normalization.h>

#include <gradus/graph/operation.h>
#include <gradus/ops/cpu/softmax.h>
#include <gradus/ops/exponential.h>
#include <gradus/ops/identities.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/reduction.h>

namespace gradus {

namespace {

Shape shape_of_rows(const Call& call) {
  call.require(call[0].rank() >= 1, "a scalar has no axis to spread over");
  return call[0].shape();
}

// The operations know the last axis alone; others trade places with it, which costs no copy of the result.
Tensor along(const Registered& operation, const Operand& z, Index axis) {
  const int rank = z.tensor().rank();
  if (rank == 0) return apply(operation, {z});
  const int from_front = normal_axis(operation.name, z, axis);
  if (from_front == rank - 1) return apply(operation, {z});
  const Tensor y = apply(operation, {Operand(swap_axes(z, from_front, -1), z.where())});
  return swap_axes(Operand(y, z.where()), from_front, -1);
}

// The last axis is the last one of a stack of calls too.
Tensor each_by_itself(const Call& call, std::uint32_t) {
  return apply(static_cast<const Registered&>(call.operation()), {call[0]});
}

const std::vector<Misfit> scalars = {{{{}}, "no axis"}};

template <Tensor (*function)(const Operand&, Index)>
std::vector<Sample> rows_and_other_axes() {
  return {
      {{{2, 5}}},
      {{{4}}},
      {{{3, 1}}},
      {{{0, 4}}},
      {{{2, 2, 3}}},
      {{{3, 4}}, [](const Tensors& in) { return function(in[0], 0); }},
      {{{2, 3, 2}}, [](const Tensors& in) { return function(in[0], -2); }},
  };
}

}  // namespace

const Registered softmax_op = Operation{
    .name = "softmax",
    .formula = "y_j = e^z_j / sum_k e^z_k",
    .inputs = {"z"},
    .shape = shape_of_rows,
    // From dy_j/dz_k = y_j (δ_jk − y_k).
    .derivative = [](const Call&, const Tensor& y,
                     const Tensor& g) { return Tensors{y * (g - sum(g * y, -1, keep_axes))}; },
    .expand =
        [](const Call& c) {
          const Tensor e = exp(c[0] - max(c[0], -1, keep_axes));
          return e / sum(e, -1, keep_axes);
        },
    .prepare = cpu::softmax,
    .batched = each_by_itself,
    .onnx = "Softmax",
    .samples = rows_and_other_axes<softmax>(),
    .misfits = scalars,
};

Tensor softmax(const Operand& z, Index axis) {
  return along(softmax_op, z, axis);
}

const Registered log_softmax_op = Operation{
    .name = "log_softmax",
    .formula = "y_j = z_j - log(sum_k e^z_k)",
    .inputs = {"z"},
    .shape = shape_of_rows,
    .derivative = [](const Call&, const Tensor& y,
                     const Tensor& g) { return Tensors{g - exp(y) * sum(g, -1, keep_axes)}; },
    .expand =
        [](const Call& c) {
          const Tensor shifted = c[0] - max(c[0], -1, keep_axes);
          return shifted - log(sum(exp(shifted), -1, keep_axes));
        },
    .prepare = cpu::log_softmax,
    .batched = each_by_itself,
    .onnx = "LogSoftmax",
    .samples = rows_and_other_axes<log_softmax>(),
    .misfits = scalars,
};

Tensor log_softmax(const Operand& z, Index axis) {
  return along(log_softmax_op, z, axis);
}

}  // namespace gradus
