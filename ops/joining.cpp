#include <algorithm>

#include <fmt/format.h>

#include <gradus/graph/operation.h>
#include <gradus/ops/arguments.h>
#include <gradus/ops/cpu/movement.h>
#include <gradus/ops/identities.h>
#include <gradus/ops/movement.h>

// Movements that put tensors together.

namespace gradus {

namespace {

[[noreturn]] void fail_sizes(const Call& call, int input, int axis) {
  call.fail(fmt::format(
      "{} and {} differ along axis {}; only the axis joined along, {}, may", call[0].shape().text(),
      call[input].shape().text(), axis, call.integer(0)));
}

Shape concatenate_shape(const Call& call) {
  const int along = static_cast<int>(call.integer(0));
  Shape shape = call[0].shape();
  for (int i = 1; i < call.input_count(); ++i) {
    const Shape& other = call[i].shape();
    call.require(other.rank() == shape.rank(), "all must have the same number of axes");
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (axis != along && other[axis] != shape[axis]) fail_sizes(call, i, axis);
    }
    shape[along] += other[along];
  }
  return shape;
}

Tensors concatenate_derivative(const Call& call, const Tensor&, const Tensor& g) {
  const int along = static_cast<int>(call.integer(0));
  std::vector<Index> sizes;
  sizes.reserve(static_cast<std::size_t>(call.input_count()));
  for (int i = 0; i < call.input_count(); ++i) sizes.push_back(call[i].shape()[along]);
  return split(g, sizes, along);
}

// What is the same in all calls is copied to each.
Tensor batched_concatenate(const Call& call, std::uint32_t stacked) {
  Index calls = 0;
  for (int i = 0; i < call.input_count(); ++i) {
    if ((stacked >> i & 1) != 0) calls = call[i].shape()[0];
  }
  Tensors tensors;
  for (int i = 0; i < call.input_count(); ++i) {
    const bool single = (stacked >> i & 1) == 0;
    tensors.push_back(single ? broadcast_to(call[i], call[i].shape().with(0, calls)) : call[i]);
  }
  return concatenate(tensors, call.integer(0) + 1, call.where());
}

}  // namespace

const Registered concatenate_op = Operation{
    .name = "concatenate",
    .formula = "tensors one after another along an axis",
    .inputs = {"x"},
    .variadic = true,
    .shape = concatenate_shape,
    .dtype = same_any,
    .derivative = concatenate_derivative,
    .prepare = cpu::concatenate,
    .batched = batched_concatenate,
    .onnx = "Concat",
    // clang-format off
    .samples = {
        {.shapes = {{2}, {3}}, .build = [](const Tensors& x) { return concatenate(x); }},
        {.shapes = {{2, 2}, {2, 1}, {2, 3}}, .build = [](const Tensors& x) { return concatenate(x, -1); }},
        {.shapes = {{2, 2}, {3, 2}}, .build = [](const Tensors& x) { return concatenate(x, 0); }},
        {.shapes = {{2, 1, 2}, {2, 2, 2}}, .build = [](const Tensors& x) { return concatenate(x, 1); }},
        {.shapes = {{3}}, .build = [](const Tensors& x) { return concatenate(x); }},
        {.shapes = {{0, 2}, {2, 2}}, .build = [](const Tensors& x) { return concatenate(x); }},
    },
    .misfits = {
        {.shapes = {{2, 3}, {2, 4}}, .word = "axis 1", .build = [](const Tensors& x) { return concatenate(x); }},
        {.shapes = {{2, 3}, {2}}, .word = "number of axes", .build = [](const Tensors& x) { return concatenate(x); }},
        {.shapes = {Shape{}, Shape{}}, .word = "stack", .build = [](const Tensors& x) { return concatenate(x); }},
        {.shapes = {{2}}, .word = "no tensors", .build = [](const Tensors&) { return concatenate({}); }},
    },
    // clang-format on
};

namespace {

const Registered stack_op = Operation{
    .name = "stack",
    .formula = "tensors of one shape side by side along a new axis",
    .inputs = {"x"},
    .variadic = true,
    .expand =
        [](const Call& call) {
          Tensors expanded;
          expanded.reserve(static_cast<std::size_t>(call.input_count()));
          for (int i = 0; i < call.input_count(); ++i) {
            if (call[i].shape() != call[0].shape()) {
              call.fail(fmt::format("shapes {} and {} differ", call[0].shape().text(), call[i].shape().text()));
            }
            expanded.push_back(expand(call[i], call.integer(0)));
          }
          return concatenate(expanded, call.integer(0));
        },
    // clang-format off
    .samples = {
        {.shapes = {{3}, {3}}, .build = [](const Tensors& x) { return stack(x); }},
        {.shapes = {{2, 2}, {2, 2}, {2, 2}}, .build = [](const Tensors& x) { return stack(x, -1); }},
        {.shapes = {{2, 2}, {2, 2}}, .build = [](const Tensors& x) { return stack(x, 1); }},
        {.shapes = {Shape{}, Shape{}, Shape{}}, .build = [](const Tensors& x) { return stack(x); }},
        {.shapes = {{0, 2}, {0, 2}}, .build = [](const Tensors& x) { return stack(x, 1); }},
    },
    .misfits = {
        {.shapes = {{2}, {3}}, .word = "differ", .build = [](const Tensors& x) { return stack(x); }},
        {.shapes = {{2}, {2}}, .word = "no axis 2", .build = [](const Tensors& x) { return stack(x, 2); }},
        {.shapes = {{2}}, .word = "no tensors", .build = [](const Tensors&) { return stack({}); }},
    },
    // clang-format on
};

// `count` copies of a tensor along one axis.
Tensor repeated(const Tensor& x, int axis, Index count) {
  Shape shape = x.shape(), copies{1, 1, 1};
  for (int i = 0; i < shape.rank(); ++i) copies[i < axis ? 0 : 2] *= shape[i];
  const Tensor single = reshape(x, copies);
  copies[1] = count;
  shape[axis] *= count;
  return reshape(broadcast_to(single, copies), shape);
}

const Registered tile_op = Operation{
    .name = "tile",
    .formula = "x over and over along its axes",
    .inputs = {"x"},
    .expand =
        [](const Call& call) {
          Tensor tiled = call[0];
          for (int axis = 0; axis < tiled.rank(); ++axis) {
            if (call.integer(axis) != 1) tiled = repeated(tiled, axis, call.integer(axis));
          }
          return tiled;
        },
    .onnx = "Tile",
    // clang-format off
    .samples = {
        {.shapes = {{2, 3}}, .build = [](const Tensors& x) { return tile(x[0], {2, 1}); }},
        {.shapes = {{2, 2}}, .build = [](const Tensors& x) { return tile(x[0], {2, 3}); }},
        {.shapes = {{2, 3}}, .build = [](const Tensors& x) { return tile(x[0], {2}); }},
        {.shapes = {{3}}, .build = [](const Tensors& x) { return tile(x[0], {2, 2}); }},
        {.shapes = {Shape{}}, .build = [](const Tensors& x) { return tile(x[0], {3}); }},
        {.shapes = {{0, 2}}, .build = [](const Tensors& x) { return tile(x[0], {2, 2}); }},
        {.shapes = {{2}}, .build = [](const Tensors& x) { return tile(x[0], {0}); }},
    },
    .misfits = {
        {.shapes = {{2, 3}}, .word = "-1", .build = [](const Tensors& x) { return tile(x[0], {1, -1}); }},
    },
    // clang-format on
};

Tensor join(const Registered& operation, const Tensors& tensors, Index axis, Where where) {
  std::vector<Operand> operands;
  operands.reserve(tensors.size());
  for (const Tensor& tensor : tensors) operands.emplace_back(tensor, where);
  return apply(operation, operands, {axis});
}

void require_some(std::string_view operation, const Tensors& tensors, Where where) {
  if (tensors.empty()) throw ValueError(fmt::format("{}{}: there are no tensors", at(where), operation));
}

}  // namespace

Tensor concatenate(const Tensors& tensors, Index axis, Where where) {
  require_some("concatenate", tensors, where);
  if (tensors[0].rank() == 0) {
    throw ShapeError(fmt::format("{}concatenate: a scalar has no axis to join along; use stack", at(where)));
  }
  return join(concatenate_op, tensors, normal_axis("concatenate", Operand(tensors[0], where), axis), where);
}

Tensor stack(const Tensors& tensors, Index axis, Where where) {
  require_some("stack", tensors, where);
  const Index rank = tensors[0].rank();
  if (axis < -rank - 1 || axis > rank) {
    throw ShapeError(fmt::format(
        "{}stack: there is no axis {} to stack along: 0 … {} (or −{} … −1) are; x is {}", at(where), axis, rank,
        rank + 1, describe(tensors[0])));
  }
  return join(stack_op, tensors, axis < 0 ? axis + rank + 1 : axis, where);
}

Tensor tile(const Operand& x, std::span<const Index> repeats) {
  const int given = static_cast<int>(repeats.size()), rank = std::max(x.tensor().rank(), given);
  for (const Index repeat : repeats) {
    if (repeat < 0) fail_value("tile", x, fmt::format("{} repeats of an axis", repeat));
  }
  if (given > max_rank) fail_shape("tile", x, fmt::format("{} numbers are more than there can be axes", given));
  std::array<Index, max_rank> counts{};
  std::fill_n(counts.begin(), rank - given, 1);
  std::ranges::copy(repeats, counts.begin() + (rank - given));
  Shape shape;
  for (int axis = 0; axis < rank; ++axis) {
    const int own = axis - (rank - x.tensor().rank());
    shape.append(own < 0 ? 1 : x.tensor().shape()[own]);
  }
  const Tensor expanded = shape == x.tensor().shape() ? x.tensor() : reshape(x, shape);
  return apply(
      tile_op, {Operand(expanded, x.where())},
      Attributes(std::span<const Index>(counts.data(), static_cast<std::size_t>(rank))));
}

}  // namespace gradus
