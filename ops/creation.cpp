#include <gradus/ops/creation.h>

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <gradus/graph/operation.h>
#include <gradus/ops/logic.h>

namespace gradus {

Tensor full(const Shape& shape, double value, Dtype dtype, Where where) {
  if (dtype == Dtype::boolean) return cast(Operand(full(shape, value, Dtype::float32, where), where), dtype);
  const Tensor entry = number(value, dtype);
  return shape.rank() == 0 ? entry : broadcast_to(Operand(entry, where), shape);
}

Tensor zeros(const Shape& shape, Dtype dtype, Where where) {
  return full(shape, 0, dtype, where);
}
Tensor ones(const Shape& shape, Dtype dtype, Where where) {
  return full(shape, 1, dtype, where);
}
Tensor zeros_like(const Operand& x) {
  return full(x.tensor().shape(), 0, x.tensor().dtype(), x.where());
}
Tensor ones_like(const Operand& x) {
  return full(x.tensor().shape(), 1, x.tensor().dtype(), x.where());
}

namespace {

template <class T>
KernelPointer counting(Index count) {
  return make_kernel(1, 0, [count](const void* const*, void* const* outputs, Index, Index) {
    T* y = static_cast<T*>(outputs[0]);
    for (Index i = 0; i < count; ++i) y[i] = static_cast<T>(i);
  });
}

KernelPointer prepare_iota(const KernelRequest& request) {
  const Index count = request.output.shape.count();
  switch (request.dtype) {
    case Dtype::float32:
      return counting<float>(count);
    case Dtype::float64:
      return counting<double>(count);
    default:
      return counting<std::int32_t>(count);
  }
}

}  // namespace

const Registered iota_op = Operation{
    .name = "iota",
    .formula = "y_i = i",
    .inputs = {},
    .shape = [](const Call& c) { return Shape{c.integer(0)}; },
    .dtype = [](const Call& c) { return static_cast<Dtype>(c.integer(1)); },
    .no_derivative = "it has no inputs",
    .prepare = prepare_iota,
    .samples =
        {{{}, [](const Tensors&) { return iota(5); }},
         {{}, [](const Tensors&) { return iota(4, Dtype::float64); }},
         {{}, [](const Tensors&) { return iota(0); }}},
    .misfits =
        {{{}, "-1", [](const Tensors&) { return iota(-1); }},
         {{}, "bool", [](const Tensors&) { return iota(2, Dtype::boolean); }}},
};

namespace {

[[noreturn]] void fail(const char* function, const std::string& why, Where where) {
  throw ValueError(fmt::format("{}{}: {}", at(where), function, why));
}

}  // namespace

Tensor iota(Index count, Dtype dtype, Where where) {
  if (count < 0) fail("iota", fmt::format("{} is no number of entries", count), where);
  if (dtype == Dtype::boolean)
    throw DtypeError(at(where) + "iota: cannot count in bool; use int32 or a floating dtype");
  if (dtype == Dtype::int32 && count > Index{std::numeric_limits<std::int32_t>::max()} + 1) {
    fail("iota", fmt::format("int32 cannot count to {}", count), where);
  }
  return apply(iota_op, {count, static_cast<Index>(dtype)}, where);
}

Tensor arange(double start, double stop, double step, Dtype dtype, Where where) {
  const double steps = std::ceil((stop - start) / step);
  if (!std::isfinite(steps) || steps < 0) {
    fail("arange", fmt::format("steps of {} do not lead from {} to {}", step, start, stop), where);
  }
  const Tensor positions = iota(static_cast<Index>(steps), dtype, where);
  return Operand(start, where) + Operand(Operand(step, where) * Operand(positions, where), where);
}

Tensor linspace(double first, double last, Index count, Dtype dtype, Where where) {
  if (!is_floating(dtype)) {
    throw DtypeError(
        fmt::format("{}linspace: gives float32 or float64, not {}; cast the result", at(where), name_of(dtype)));
  }
  if (count < 0) fail("linspace", fmt::format("{} is no number of entries", count), where);
  // Weights 0 and 1 at the ends, so that both come out exactly.
  const double spacing = 1 / static_cast<double>(std::max<Index>(count - 1, 1));
  const Tensor end_weight = iota(count, dtype, where) * spacing;
  return first * (1 - end_weight) + last * end_weight;
}

Tensor eye(Index rows, Index columns, Dtype dtype, Where where) {
  const Index width = columns < 0 ? rows : columns;
  if (rows < 0) fail("eye", fmt::format("{} is no number of rows", rows), where);
  const Tensor row = reshape(Operand(iota(rows, Dtype::int32, where), where), {rows, 1});
  return cast(Operand(equal(row, iota(width, Dtype::int32, where)), where), dtype);
}

}  // namespace gradus
