#include <gradus/ops/movement.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/ops/arguments.h>
#include <gradus/ops/identities.h>
#include <gradus/ops/movement_builder.h>

// Movements that keep every entry: other shapes, other orders of axes, copies. ops/slicing.cpp has those that pick
// some, ops/joining.cpp those that put tensors together.

namespace gradus {

namespace {

[[noreturn]] void fail_count(const Call& call, const Shape& shape) {
  call.fail(fmt::format("shape {} has {} entries, x has {}", shape.text(), shape.count(), call[0].count()));
}

Shape reshape_shape(const Call& call) {
  const Shape shape(call.integers());
  if (shape.count() != call[0].count()) fail_count(call, shape);
  return shape;
}

// Strides for the same entries in the same order under another shape, if there are any. Axes that lie in one another
// without gaps form a run; an axis of the result must come out of a single run.
std::optional<Layout> reshape_view(const ViewRequest& request) {
  const Layout& in = request.input;
  Layout out = Layout::dense(request.shape);
  out.offset = in.offset;
  if (request.shape.count() == 0) return out;
  int axis = in.shape.rank() - 1;
  Index left = 1, stride = 1;  // of the current run, from its inner end: entries not yet given out, and how far apart
  const auto take_run = [&] {
    for (; axis >= 0; --axis) {
      if (in.shape[axis] == 1) continue;
      if (left == 1) stride = in.stride(axis);
      if (in.stride(axis) != stride * left) return;
      left *= in.shape[axis];
    }
  };
  for (int to = request.shape.rank() - 1; to >= 0; --to) {
    const Index size = request.shape[to];
    if (size == 1) continue;
    if (left == 1) take_run();
    if (left % size != 0) return std::nullopt;
    out.stride(to) = stride;
    stride *= size;
    left /= size;
  }
  return out;
}

// The shape among the attributes, behind the axis of calls.
Shape behind_calls(const Call& call) {
  return Shape(call.integers()).with(0, call[0].shape()[0]);
}

}  // namespace

const Registered reshape_op = movement(
    "reshape", [](const Call& call, const Tensor& g) { return reshape(g, call[0].shape()); },
    {
        .formula = "the same entries in row-major order, in another shape",
        .shape = reshape_shape,
        .view = reshape_view,
        .batched = [](const Call& call, std::uint32_t) { return reshape(call[0], behind_calls(call)); },
        .onnx = "Reshape",
        // clang-format off
        .samples = {
            {.shapes = {{2, 3}}, .build = [](const Tensors& x) { return reshape(x[0], {3, -1}); }},
            {.shapes = {{2, 3, 4}}, .build = [](const Tensors& x) { return reshape(x[0], {4, 1, 6}); }},
            {.shapes = {{4}}, .build = [](const Tensors& x) { return reshape(x[0], {2, 2}); }},
            {.shapes = {{1, 1}}, .build = [](const Tensors& x) { return reshape(x[0], Shape{}); }},
            {.shapes = {Shape{}}, .build = [](const Tensors& x) { return reshape(x[0], {1, 1}); }},
            {.shapes = {{0, 3}}, .build = [](const Tensors& x) { return reshape(x[0], {3, -1, 2}); }},
        },
        .misfits = {
            {.shapes = {{2, 3}}, .word = "6", .build = [](const Tensors& x) { return reshape(x[0], {4, 2}); }},
            {.shapes = {{2, 3}}, .word = "multiple", .build = [](const Tensors& x) { return reshape(x[0], {4, -1}); }},
            {.shapes = {{2, 3}}, .word = "one size", .build = [](const Tensors& x) { return reshape(x[0], {-1, -1}); }},
            {.shapes = {{2, 3}}, .word = "-2", .build = [](const Tensors& x) { return reshape(x[0], {-2, -3}); }},
            {.shapes = {{0, 3}}, .word = "any size", .build = [](const Tensors& x) { return reshape(x[0], {0, -1}); }},
        },
        // clang-format on
    });

namespace {

// The given sizes with the one −1, if there is one, worked out.
Shape resolved(const Operand& x, std::span<const Index> sizes) {
  Index known = 1;
  int open = -1;
  Shape shape;
  for (const Index size : sizes) {
    if (size < -1) fail_shape("reshape", x, fmt::format("shape {} holds the size {}", text_of(sizes), size));
    if (size == -1 && open >= 0) {
      fail_shape("reshape", x, fmt::format("shape {} leaves more than one size open", text_of(sizes)));
    }
    if (size == -1) open = shape.rank();
    if (size != -1) known *= size;
    shape.append(std::max<Index>(size, 0));
  }
  if (open < 0) return shape;
  const Index count = x.tensor().count();
  if (known == 0) fail_shape("reshape", x, fmt::format("in shape {} the −1 could be any size", text_of(sizes)));
  if (count % known != 0) {
    fail_shape(
        "reshape", x, fmt::format("shape {} does not fit: {} is no multiple of {}", text_of(sizes), count, known));
  }
  shape[open] = count / known;
  return shape;
}

const Registered flatten_op = Operation{
    .name = "flatten",
    .formula = "the axes from one on as a single axis",
    .inputs = {"x"},
    .expand =
        [](const Call& call) {
          Shape shape;
          Index rest = 1;
          for (int axis = 0; axis < call[0].rank(); ++axis) {
            if (axis < call.integer(0)) {
              shape.append(call[0].shape()[axis]);
            } else {
              rest *= call[0].shape()[axis];
            }
          }
          shape.append(rest);
          return reshape(call[0], shape);
        },
    .onnx = "Flatten",
    // clang-format off
    .samples = {
        {.shapes = {{2, 3, 2}}, .build = [](const Tensors& x) { return flatten(x[0]); }},
        {.shapes = {{2, 3, 2}}, .build = [](const Tensors& x) { return flatten(x[0], 1); }},
        {.shapes = {{2, 3, 2}}, .build = [](const Tensors& x) { return flatten(x[0], -2); }},
        {.shapes = {Shape{}}, .build = [](const Tensors& x) { return flatten(x[0]); }},
        {.shapes = {{3, 0}}, .build = [](const Tensors& x) { return flatten(x[0], 1); }},
    },
    .misfits = {
        {.shapes = {{2, 3}}, .word = "no axis 2", .build = [](const Tensors& x) { return flatten(x[0], 2); }},
    },
    // clang-format on
};

const Registered expand_op = Operation{
    .name = "expand",
    .formula = "a new axis of size 1",
    .inputs = {"x"},
    .expand =
        [](const Call& call) { return reshape(call[0], call[0].shape().with(static_cast<int>(call.integer(0)), 1)); },
    .onnx = "Unsqueeze",
    // clang-format off
    .samples = {
        {.shapes = {{2, 3}}, .build = [](const Tensors& x) { return expand(x[0], 0); }},
        {.shapes = {{2, 3}}, .build = [](const Tensors& x) { return expand(x[0], -1); }},
        {.shapes = {Shape{}}, .build = [](const Tensors& x) { return expand(x[0], 0); }},
        {.shapes = {{0}}, .build = [](const Tensors& x) { return expand(x[0], 1); }},
    },
    .misfits = {
        {.shapes = {{2, 3}}, .word = "no axis 4", .build = [](const Tensors& x) { return expand(x[0], 4); }},
    },
    // clang-format on
};

const Registered squeeze_op = Operation{
    .name = "squeeze",
    .formula = "without an axis of size 1",
    .inputs = {"x"},
    .expand =
        [](const Call& call) {
          const int axis = static_cast<int>(call.integer(0));
          if (const Index size = call[0].shape()[axis]; size != 1) {
            call.fail(fmt::format("axis {} has size {}, not 1", axis, size));
          }
          return reshape(call[0], call[0].shape().without(axis));
        },
    .onnx = "Squeeze",
    // clang-format off
    .samples = {
        {.shapes = {{1, 3}}, .build = [](const Tensors& x) { return squeeze(x[0], 0); }},
        {.shapes = {{2, 1, 3}}, .build = [](const Tensors& x) { return squeeze(x[0], -2); }},
        {.shapes = {{1}}, .build = [](const Tensors& x) { return squeeze(x[0], 0); }},
        {.shapes = {{0, 1}}, .build = [](const Tensors& x) { return squeeze(x[0], 1); }},
    },
    .misfits = {
        {.shapes = {{2, 3}}, .word = "size 3", .build = [](const Tensors& x) { return squeeze(x[0], 1); }},
        {.shapes = {{2, 1}}, .word = "no axis 2", .build = [](const Tensors& x) { return squeeze(x[0], 2); }},
    },
    // clang-format on
};

}  // namespace

Tensor reshape(const Operand& x, const Shape& shape) {
  return apply(reshape_op, {x}, Attributes(shape));
}
Tensor reshape(const Operand& x, std::initializer_list<Index> sizes) {
  return reshape(x, resolved(x, {sizes.begin(), sizes.size()}));
}
Tensor flatten(const Operand& x, Index first_axis) {
  const Index first = x.tensor().rank() == 0 && first_axis == 0 ? 0 : normal_axis("flatten", x, first_axis);
  return apply(flatten_op, {x}, {first});
}
Tensor expand(const Operand& x, Index axis) {
  const Index rank = x.tensor().rank();
  if (axis < -rank - 1 || axis > rank) {
    fail_shape(
        "expand", x,
        fmt::format("there is no axis {} to put one before: 0 … {} (or −{} … −1) are", axis, rank, rank + 1));
  }
  return apply(expand_op, {x}, {axis < 0 ? axis + rank + 1 : axis});
}
Tensor squeeze(const Operand& x, Index axis) {
  return apply(squeeze_op, {x}, {normal_axis("squeeze", x, axis)});
}

namespace {

int axis_of(Index attribute) {
  return static_cast<int>(attribute);
}

// The permutation that undoes one.
Attributes inverse(std::span<const Index> permutation) {
  std::array<Index, max_rank> inverse{};
  for (std::size_t i = 0; i < permutation.size(); ++i) {
    inverse[static_cast<std::size_t>(permutation[i])] = static_cast<Index>(i);
  }
  return Attributes(std::span<const Index>(inverse.data(), permutation.size()));
}

}  // namespace

const Registered transpose_op = movement(
    "transpose", [](const Call& call, const Tensor& g) { return permute(g, inverse(call.integers()).integers()); },
    {
        .formula = "the same entries with the axes in another order",
        .shape =
            [](const Call& call) {
              Shape shape = call[0].shape();
              for (int axis = 0; axis < shape.rank(); ++axis) {
                shape[axis] = call[0].shape()[axis_of(call.integer(axis))];
              }
              return shape;
            },
        .view = [](const ViewRequest& request) -> std::optional<Layout> {
          Layout out{.shape = request.shape, .offset = request.input.offset};
          for (int axis = 0; axis < out.shape.rank(); ++axis) {
            out.stride(axis) =
                request.input.stride(axis_of(request.attributes.integers()[static_cast<std::size_t>(axis)]));
          }
          return out;
        },
        .batched =
            [](const Call& call, std::uint32_t) {
              std::array<Index, max_rank> order{};
              const auto axes = call.integers();
              std::ranges::transform(axes, order.begin() + 1, [](Index axis) { return axis + 1; });
              return permute(call[0], std::span<const Index>(order.data(), axes.size() + 1));
            },
        .onnx = "Transpose",
        // clang-format off
        .samples = {
            {.shapes = {{2, 3}}, .build = [](const Tensors& x) { return transpose(x[0]); }},
            {.shapes = {{2, 3, 4}}, .build = [](const Tensors& x) { return permute(x[0], {1, 2, 0}); }},
            {.shapes = {{2, 3, 2, 2}}, .build = [](const Tensors& x) { return permute(x[0], {-1, 0, 2, 1}); }},
            {.shapes = {{2, 3, 2}}, .build = [](const Tensors& x) { return swap_axes(x[0], 0, -1); }},
            {.shapes = {{3}}, .build = [](const Tensors& x) { return transpose(x[0]); }},
            {.shapes = {Shape{}}, .build = [](const Tensors& x) { return transpose(x[0]); }},
            {.shapes = {{0, 3}}, .build = [](const Tensors& x) { return transpose(x[0]); }},
        },
        .misfits = {
            {.shapes = {{2, 3}}, .word = "twice", .build = [](const Tensors& x) { return permute(x[0], {0, 0}); }},
            {.shapes = {{2, 3}}, .word = "no axis 2", .build = [](const Tensors& x) { return permute(x[0], {0, 2}); }},
            {.shapes = {{2, 3}}, .word = "every axis", .build = [](const Tensors& x) { return permute(x[0], {1}); }},
        },
        // clang-format on
    });

Tensor transpose(const Operand& x) {
  const int rank = x.tensor().rank();
  std::array<Index, max_rank> reversed{};
  for (int axis = 0; axis < rank; ++axis) reversed[static_cast<std::size_t>(axis)] = rank - 1 - axis;
  return apply(transpose_op, {x}, Attributes(std::span<const Index>(reversed.data(), static_cast<std::size_t>(rank))));
}

Tensor permute(const Operand& x, std::span<const Index> axes) {
  const Attributes order = normal_axes("permute", x, axes);
  if (static_cast<int>(axes.size()) != x.tensor().rank()) {
    fail_shape("permute", x, fmt::format("axes {} must name every axis of x once", text_of(axes)));
  }
  return apply(transpose_op, {x}, order);
}

Tensor swap_axes(const Operand& x, Index a, Index b) {
  const int first = normal_axis("swap_axes", x, a), second = normal_axis("swap_axes", x, b);
  std::array<Index, max_rank> order{0, 1, 2, 3, 4, 5, 6, 7};
  std::swap(order[static_cast<std::size_t>(first)], order[static_cast<std::size_t>(second)]);
  const auto rank = static_cast<std::size_t>(x.tensor().rank());
  return apply(transpose_op, {x}, Attributes(std::span<const Index>(order.data(), rank)));
}

namespace {

[[noreturn]] void fail_broadcast(const Call& call, const Shape& shape) {
  call.fail(fmt::format(
      "{} does not broadcast to {}: aligned at their last axes, sizes must be equal, or x's 1", call[0].shape().text(),
      shape.text()));
}

Shape broadcast_to_shape(const Call& call) {
  const Shape shape(call.integers());
  const Shape& from = call[0].shape();
  const int added = shape.rank() - from.rank();
  if (added < 0) fail_broadcast(call, shape);
  for (int axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] != 1 && from[axis] != shape[axis + added]) fail_broadcast(call, shape);
  }
  return shape;
}

std::optional<Layout> broadcast_to_view(const ViewRequest& request) {
  const Layout& in = request.input;
  Layout out{.shape = request.shape, .offset = in.offset};
  const int added = out.shape.rank() - in.shape.rank();
  for (int axis = 0; axis < in.shape.rank(); ++axis) {
    const bool stretched = in.shape[axis] == 1 && out.shape[axis + added] != 1;
    out.stride(axis + added) = stretched ? 0 : in.stride(axis);
  }
  return out;
}

const Registered broadcast_to_op = movement(
    "broadcast_to", [](const Call& call, const Tensor& g) { return sum_to(g, call[0].shape()); },
    {
        .formula = "copies along new axes and axes of size 1",
        .shape = broadcast_to_shape,
        .view = broadcast_to_view,
        .batched =
            [](const Call& call, std::uint32_t) {
              const Shape shape = behind_calls(call);
              Shape aligned = call[0].shape();
              while (aligned.rank() < shape.rank()) aligned = aligned.with(1, 1);
              return broadcast_to(reshape(call[0], aligned), shape);
            },
        .onnx = "Expand",
        // clang-format off
        .samples = {
            {.shapes = {{3}}, .build = [](const Tensors& x) { return broadcast_to(x[0], {2, 3}); }},
            {.shapes = {{2, 1}}, .build = [](const Tensors& x) { return broadcast_to(x[0], {2, 3}); }},
            {.shapes = {{2, 1, 3}}, .build = [](const Tensors& x) { return broadcast_to(x[0], {2, 2, 2, 3}); }},
            {.shapes = {{2, 3}}, .build = [](const Tensors& x) { return broadcast_to(x[0], {2, 3}); }},
            {.shapes = {Shape{}}, .build = [](const Tensors& x) { return broadcast_to(x[0], {2, 2}); }},
            {.shapes = {{1, 3}}, .build = [](const Tensors& x) { return broadcast_to(x[0], {0, 3}); }},
        },
        .misfits = {
            {.shapes = {{2, 3}}, .word = "[4", .build = [](const Tensors& x) { return broadcast_to(x[0], {4, 3}); }},
            {.shapes = {{2, 3}}, .word = "[3]", .build = [](const Tensors& x) { return broadcast_to(x[0], {3}); }},
        },
        // clang-format on
    });

}  // namespace

Tensor broadcast_to(const Operand& x, const Shape& shape) {
  return apply(broadcast_to_op, {x}, Attributes(shape));
}

}  // namespace gradus
