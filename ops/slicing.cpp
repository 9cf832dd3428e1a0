#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <gradus/ops/arguments.h>
#include <gradus/ops/cpu/movement.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/movement_builder.h>

// Movements that pick entries out, and those that put them back among zeros.

namespace gradus {

namespace {

int axis_of(const Call& call) {
  return static_cast<int>(call.integer(0));
}

// Attributes of slice: axis, start, count, step; of pad: axis, before, after, between.

Tensor slice_transposed(const Call& call, const Tensor& g) {
  const Index axis = call.integer(0), start = call.integer(1), count = call.integer(2), step = call.integer(3);
  const Index size = call[0].shape()[axis_of(call)];
  if (count == 0) return pad(g, axis, size, 0);
  const Index last = start + (count - 1) * step;
  if (step < 0) return pad(flip(g, {axis}), axis, last, size - 1 - start, 0, -step - 1);
  return pad(g, axis, start, size - 1 - last, 0, step - 1);
}

extern const Registered slice_op;
const Registered slice_op = movement(
    "slice", [](const Call& call, const Tensor& g) { return slice_transposed(call, g); },
    {
        .formula = "y_i = x_(start + i step) along one axis",
        .shape =
            [](const Call& call) {
              Shape shape = call[0].shape();
              shape[axis_of(call)] = call.integer(2);
              return shape;
            },
        .view = [](const ViewRequest& request) -> std::optional<Layout> {
          const auto integers = request.attributes.integers();
          const int axis = static_cast<int>(integers[0]);
          Layout out = request.input;
          out.shape = request.shape;
          if (integers[2] > 0) out.offset += integers[1] * out.stride(axis);
          out.stride(axis) *= integers[3];
          return out;
        },
        .batched =
            [](const Call& call, std::uint32_t) {
              return apply(
                  slice_op, {call[0]}, {call.integer(0) + 1, call.integer(1), call.integer(2), call.integer(3)});
            },
        .onnx = "Slice",
        // clang-format off
        .samples = {
            {.shapes = {{5}}, .build = [](const Tensors& x) { return slice(x[0], 0, 1, 4); }},
            {.shapes = {{2, 7}}, .build = [](const Tensors& x) { return slice(x[0], -1, 1, to_end, 3); }},
            {.shapes = {{7, 2}}, .build = [](const Tensors& x) { return slice(x[0], 0, -2, 0, -2); }},
            {.shapes = {{2, 3, 2}}, .build = [](const Tensors& x) { return slice(x[0], 1, -1, to_end, -1); }},
            {.shapes = {{3, 4}}, .build = [](const Tensors& x) { return slice(x[0], {{1, 3}, {0, -1, 2}}); }},
            {.shapes = {{3}}, .build = [](const Tensors& x) { return slice(x[0], 0, 2, 2); }},
            {.shapes = {{2, 0}}, .build = [](const Tensors& x) { return slice(x[0], 0, 0, 1); }},
        },
        .misfits = {
            {.shapes = {{3, 4}}, .word = "size 4", .build = [](const Tensors& x) { return slice(x[0], 1, 0, 5); }},
            {.shapes = {{3}}, .word = "start -4", .build = [](const Tensors& x) { return slice(x[0], 0, -4, 2); }},
            {.shapes = {{3}}, .word = "step", .build = [](const Tensors& x) { return slice(x[0], 0, 0, 2, 0); }},
            {.shapes = {{3}}, .word = "past stop", .build = [](const Tensors& x) { return slice(x[0], 0, 2, 1); }},
            {.shapes = {{3}}, .word = "3", .build = [](const Tensors& x) { return slice(x[0], 0, 3, to_end, -1); }},
            {.shapes = {{3}}, .word = "no axis 1", .build = [](const Tensors& x) { return slice(x[0], 1, 0, 1); }},
            {.shapes = {{3}}, .word = "2", .build = [](const Tensors& x) { return slice(x[0], {{0, 1}, {0, 1}}); }},
        },
        // clang-format on
    });

// The attributes of a slice from what the user said, which may count from the end.
Attributes resolved(const Operand& x, int axis, const Range& range) {
  const Index size = x.tensor().shape()[axis];
  const bool forwards = range.step > 0;
  if (range.step == 0) fail_value("slice", x, fmt::format("the step along axis {} is 0", axis));
  const auto position = [&](std::string_view what, Index given, Index last) {
    const Index front = given < 0 ? given + size : given;
    if (front < 0 || front > last) {
      fail_value("slice", x, fmt::format("{} {} is out of range: axis {} has size {}", what, given, axis, size));
    }
    return front;
  };
  const Index last = forwards ? size : size - 1;
  const Index start = position("start", range.start, last);
  const Index stop = range.stop != to_end ? position("stop", range.stop, last) : forwards ? size : -1;
  if (forwards ? start > stop : start < stop) {
    fail_value(
        "slice", x,
        fmt::format(
            "start {} lies past stop {} in steps of {}; axis {} has size {}", range.start, range.stop, range.step, axis,
            size));
  }
  if (start == stop) return {axis, start, 0, 1};
  const Index count = 1 + (stop - start + (forwards ? -1 : 1)) / range.step;
  return {axis, start, count, count == 1 ? 1 : range.step};
}

const Registered select_op = Operation{
    .name = "select",
    .formula = "one entry of an axis, which goes away",
    .inputs = {"x"},
    .expand =
        [](const Call& call) {
          const Tensor one = apply(slice_op, {call[0]}, {call.integer(0), call.integer(1), 1, 1});
          return reshape(one, one.shape().without(axis_of(call)));
        },
    // clang-format off
    .samples = {
        {.shapes = {{3}}, .build = [](const Tensors& x) { return select(x[0], 0, 1); }},
        {.shapes = {{2, 3, 2}}, .build = [](const Tensors& x) { return select(x[0], -2, -1); }},
        {.shapes = {{2, 0}}, .build = [](const Tensors& x) { return select(x[0], 0, 1); }},
    },
    .misfits = {
        {.shapes = {{2, 3}}, .word = "axis 1 has size 3", .build = [](const Tensors& x) { return select(x[0], 1, 3); }},
    },
    // clang-format on
};

const Registered flip_op = Operation{
    .name = "flip",
    .formula = "y_i = x_(n − 1 − i) along the axes given",
    .inputs = {"x"},
    .expand =
        [](const Call& call) {
          Tensor flipped = call[0];
          for (const Index axis : call.integers()) {
            const Index size = flipped.shape()[static_cast<int>(axis)];
            flipped = apply(slice_op, {flipped}, {axis, std::max<Index>(size - 1, 0), size, -1});
          }
          return flipped;
        },
    // clang-format off
    .samples = {
        {.shapes = {{4}}, .build = [](const Tensors& x) { return flip(x[0], {0}); }},
        {.shapes = {{2, 3}}, .build = [](const Tensors& x) { return flip(x[0], {-1}); }},
        {.shapes = {{2, 3, 2}}, .build = [](const Tensors& x) { return flip(x[0], {0, 2}); }},
        {.shapes = {{2, 0}}, .build = [](const Tensors& x) { return flip(x[0], {0, 1}); }},
    },
    .misfits = {
        {.shapes = {{2, 3}}, .word = "twice", .build = [](const Tensors& x) { return flip(x[0], {1, -1}); }},
        {.shapes = {Shape{}}, .word = "no axis", .build = [](const Tensors& x) { return flip(x[0], {0}); }},
    },
    // clang-format on
};

}  // namespace

Tensor slice(const Operand& x, Index axis, Index start, Index stop, Index step) {
  return apply(slice_op, {x}, resolved(x, normal_axis("slice", x, axis), {start, stop, step}));
}

Tensor slice(const Operand& x, std::initializer_list<Range> ranges) {
  const int rank = x.tensor().rank();
  if (static_cast<int>(ranges.size()) > rank) {
    fail_shape("slice", x, fmt::format("there are {} ranges for {} ax{}s", ranges.size(), rank, rank == 1 ? "i" : "e"));
  }
  Tensor sliced = x.tensor();
  int axis = 0;
  for (const Range& range : ranges) {
    const Operand part(sliced, x.where());
    const Attributes attributes = resolved(part, axis, range);
    const bool whole = attributes.integers()[2] == sliced.shape()[axis] && attributes.integers()[3] == 1;
    if (!whole) sliced = apply(slice_op, {part}, attributes);
    ++axis;
  }
  return sliced;
}

Tensor select(const Operand& x, Index axis, Index position) {
  const int front = normal_axis("select", x, axis);
  const Index size = x.tensor().shape()[front];
  if (position < -size || position >= size) {
    fail_value("select", x, fmt::format("position {} is out of range: axis {} has size {}", position, front, size));
  }
  return apply(select_op, {x}, {front, position < 0 ? position + size : position});
}

Tensor flip(const Operand& x, std::span<const Index> axes) {
  return apply(flip_op, {x}, normal_axes("flip", x, axes));
}

Tensors split(const Operand& x, std::span<const Index> sizes, Index axis) {
  const int front = normal_axis("split", x, axis);
  Index total = 0;
  for (const Index size : sizes) {
    if (size < 0) fail_shape("split", x, fmt::format("a part of {} cannot have size {}", text_of(sizes), size));
    total += size;
  }
  if (total != x.tensor().shape()[front]) {
    fail_shape(
        "split", x,
        fmt::format(
            "parts {} add up to {}, but axis {} has size {}", text_of(sizes), total, front, x.tensor().shape()[front]));
  }
  Tensors parts;
  parts.reserve(sizes.size());
  Index start = 0;
  for (const Index size : sizes) {
    parts.push_back(apply(slice_op, {x}, {front, start, size, 1}));
    start += size;
  }
  return parts;
}

Tensors split(const Operand& x, Index parts, Index axis) {
  const int front = normal_axis("split", x, axis);
  const Index size = x.tensor().shape()[front];
  if (parts < 1 || size % parts != 0) {
    fail_shape("split", x, fmt::format("axis {} of size {} does not fall into {} equal parts", front, size, parts));
  }
  return split(x, std::vector<Index>(static_cast<std::size_t>(parts), size / parts), front);
}

namespace {

const Registered pad_op = Operation{
    .name = "pad",
    .formula = "y_(before + i (between + 1)) = x_i along one axis, a constant elsewhere",
    .inputs = {"x"},
    .shape =
        [](const Call& call) {
          Shape shape = call[0].shape();
          Index& size = shape[axis_of(call)];
          size += std::max<Index>(size - 1, 0) * call.integer(3) + call.integer(1) + call.integer(2);
          return shape;
        },
    .dtype = same_any,
    .derivative =
        [](const Call& call, const Tensor&, const Tensor& g) {
          const Index count = call[0].shape()[axis_of(call)];
          const Attributes back{call.integer(0), count == 0 ? 0 : call.integer(1), count, call.integer(3) + 1};
          return Tensors{apply(slice_op, {g}, back)};
        },
    .prepare = cpu::pad,
    .onnx = "Pad",
    // clang-format off
    .samples = {
        {.shapes = {{3}}, .build = [](const Tensors& x) { return pad(x[0], 0, 2, 1); }},
        {.shapes = {{2, 3}}, .build = [](const Tensors& x) { return pad(x[0], -1, 0, 2, 1.5); }},
        {.shapes = {{3, 2}}, .build = [](const Tensors& x) { return pad(x[0], 0, 1, 0, -1, 2); }},
        {.shapes = {{2, 2, 2}}, .build = [](const Tensors& x) { return pad(x[0], 1, 1, 1, 0, 1); }},
        {.shapes = {{0, 2}}, .build = [](const Tensors& x) { return pad(x[0], 0, 1, 2, 0, 1); }},
        {.shapes = {{2, 0}}, .build = [](const Tensors& x) { return pad(x[0], 0, 1, 1); }},
    },
    .misfits = {
        {.shapes = {{3}}, .word = "-1", .build = [](const Tensors& x) { return pad(x[0], 0, -1, 0); }},
        {.shapes = {{3}}, .word = "no axis", .build = [](const Tensors& x) { return pad(x[0], 1, 0, 0); }},
    },
    // clang-format on
};

const Registered diagonal_matrix_op = Operation{
    .name = "diagonal_matrix",
    .formula = "y_ii = x_i, 0 elsewhere",
    .inputs = {"x"},
    .expand =
        [](const Call& call) {
          const Index rows = call.integer(0), columns = call.integer(1);
          const int last = call[0].rank() - 1;
          const Index count = call[0].shape()[last];
          if (count != std::min(rows, columns)) {
            call.fail(fmt::format(
                "{} × {} matrices have {} entries on the diagonal, not {}", rows, columns, std::min(rows, columns),
                count));
          }
          // In row-major order the diagonal's entries lie columns + 1 apart.
          const Index reach = count == 0 ? 0 : (count - 1) * (columns + 1) + 1;
          const Tensor flat = pad(call[0], last, 0, rows * columns - reach, 0, columns);
          Shape shape = call[0].shape().with(last + 1, columns);
          shape[last] = rows;
          return reshape(flat, shape);
        },
    // clang-format off
    .samples = {
        {.shapes = {{3}}, .build = [](const Tensors& x) { return diagonal_matrix(x[0]); }},
        {.shapes = {{2, 2}}, .build = [](const Tensors& x) { return diagonal_matrix(x[0], 2, 4); }},
        {.shapes = {{2}}, .build = [](const Tensors& x) { return diagonal_matrix(x[0], 3, 2); }},
        {.shapes = {{2, 0}}, .build = [](const Tensors& x) { return diagonal_matrix(x[0]); }},
    },
    .misfits = {
        {.shapes = {{3}}, .word = "not 3", .build = [](const Tensors& x) { return diagonal_matrix(x[0], 2, 2); }},
        {.shapes = {Shape{}}, .word = "no axis", .build = [](const Tensors& x) { return diagonal_matrix(x[0]); }},
    },
    // clang-format on
};

void require_matrices(const Call& call) {
  call.require(call[0].rank() >= 2, "takes matrices: at least two axes");
}

const Registered diagonal_op = movement(
    "diagonal",
    [](const Call& call, const Tensor& g) {
      const Shape& shape = call[0].shape();
      return diagonal_matrix(g, shape[shape.rank() - 2], shape[shape.rank() - 1]);
    },
    {
        .formula = "y_i = x_ii of the last two axes",
        .shape =
            [](const Call& call) {
              require_matrices(call);
              Shape shape = call[0].shape().without(call[0].rank() - 1);
              Index& size = shape[shape.rank() - 1];
              size = std::min(size, call[0].shape()[call[0].rank() - 1]);
              return shape;
            },
        .view = [](const ViewRequest& request) -> std::optional<Layout> {
          const int last = request.input.shape.rank() - 1;
          Layout out = request.input;
          out.shape = request.shape;
          out.stride(last - 1) += std::exchange(out.stride(last), 0);
          return out;
        },
        // clang-format off
        .samples = {
            {.shapes = {{3, 3}}},
            {.shapes = {{2, 3}}},
            {.shapes = {{2, 3, 2}}},
            {.shapes = {{0, 3}}},
        },
        .misfits = {
            {.shapes = {{3}}, .word = "two axes"},
        },
        // clang-format on
    });

Shape matrix_shape(const Call& call) {
  require_matrices(call);
  return call[0].shape();
}

const Registered lower_triangle_op = Operation{
    .name = "lower_triangle",
    .formula = "y_ij = x_ij where j − i ≤ d, 0 elsewhere",
    .inputs = {"x"},
    .shape = matrix_shape,
    .dtype = same_any,
    .derivative = [](const Call& call, const Tensor&,
                     const Tensor& g) { return Tensors{lower_triangle(g, call.integer(0))}; },
    .prepare = cpu::lower_triangle,
    .onnx = "Trilu",
    // clang-format off
    .samples = {
        {.shapes = {{3, 3}}, .build = [](const Tensors& x) { return lower_triangle(x[0]); }},
        {.shapes = {{2, 4}}, .build = [](const Tensors& x) { return lower_triangle(x[0], 1); }},
        {.shapes = {{2, 3, 2}}, .build = [](const Tensors& x) { return lower_triangle(x[0], -1); }},
        {.shapes = {{0, 3}}, .build = [](const Tensors& x) { return lower_triangle(x[0]); }},
    },
    .misfits = {
        {.shapes = {{3}}, .word = "two axes", .build = [](const Tensors& x) { return lower_triangle(x[0]); }},
    },
    // clang-format on
};

const Registered upper_triangle_op = Operation{
    .name = "upper_triangle",
    .formula = "y_ij = x_ij where j − i ≥ d, 0 elsewhere",
    .inputs = {"x"},
    .shape = matrix_shape,
    .dtype = same_any,
    .derivative = [](const Call& call, const Tensor&,
                     const Tensor& g) { return Tensors{upper_triangle(g, call.integer(0))}; },
    .prepare = cpu::upper_triangle,
    .onnx = "Trilu",
    // clang-format off
    .samples = {
        {.shapes = {{3, 3}}, .build = [](const Tensors& x) { return upper_triangle(x[0]); }},
        {.shapes = {{4, 2}}, .build = [](const Tensors& x) { return upper_triangle(x[0], -2); }},
        {.shapes = {{2, 2, 3}}, .build = [](const Tensors& x) { return upper_triangle(x[0], 1); }},
        {.shapes = {{0, 3}}, .build = [](const Tensors& x) { return upper_triangle(x[0]); }},
    },
    .misfits = {
        {.shapes = {{3}}, .word = "two axes", .build = [](const Tensors& x) { return upper_triangle(x[0]); }},
    },
    // clang-format on
};

bool holds(Dtype dtype, double value) {
  if (is_floating(dtype) || value == 0 || value == 1) return true;
  return dtype == Dtype::int32 && std::abs(value) < 2147483648.0 && value == std::trunc(value);
}

}  // namespace

Tensor pad(const Operand& x, Index axis, Index before, Index after, double value, Index between) {
  const int front = normal_axis("pad", x, axis);
  if (std::min({before, after, between}) < 0) {
    fail_value(
        "pad", x,
        fmt::format("{} entries before, {} after and {} between: none may be negative", before, after, between));
  }
  const Dtype dtype = x.tensor().dtype();
  if (!holds(dtype, value)) fail_value("pad", x, fmt::format("the value {} is no {}", value, name_of(dtype)));
  return apply(pad_op, {x}, Attributes({front, before, after, between}, {value}));
}

Tensor diagonal(const Operand& x) {
  return apply(diagonal_op, {x});
}
Tensor diagonal_matrix(const Operand& x) {
  const Index size = x.tensor().shape()[normal_axis("diagonal_matrix", x, -1)];
  return apply(diagonal_matrix_op, {x}, {size, size});
}
Tensor diagonal_matrix(const Operand& x, Index rows, Index columns) {
  normal_axis("diagonal_matrix", x, -1);
  return apply(diagonal_matrix_op, {x}, {rows, columns});
}
Tensor lower_triangle(const Operand& x, Index diagonal) {
  return apply(lower_triangle_op, {x}, {diagonal});
}
Tensor upper_triangle(const Operand& x, Index diagonal) {
  return apply(upper_triangle_op, {x}, {diagonal});
}

}  // namespace gradus
