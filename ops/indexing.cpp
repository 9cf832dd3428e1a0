#include <gradus/ops/indexing.h>

#include <array>

#include <fmt/format.h>

#include <gradus/graph/operation.h>
#include <gradus/ops/arguments.h>
#include <gradus/ops/cpu/indexing.h>
#include <gradus/ops/movement.h>

namespace gradus {

namespace {

int axis_of(const Call& call) {
  return static_cast<int>(call.integer(0));
}

void require_indices(const Call& call, int input) {
  call.require_dtype(call[input].dtype() == Dtype::int32, "indices must be int32");
}

// What indices of samples are drawn from.
std::vector<Domain> with_indices(double last) {
  return {{}, {.from = 0, .to = last, .dtype = Dtype::int32}};
}
std::vector<Domain> only_indices(double first, double last) {
  return {{.from = first, .to = last, .dtype = Dtype::int32}};
}
std::vector<Domain> with_indices_from(double first, double last) {
  return {{}, {.from = first, .to = last, .dtype = Dtype::int32}};
}

// Computes a result, for mistakes that only show in values.
Tensor computed(const Tensor& y) {
  y.values();
  return y;
}

// a's sizes before `axis`, then all of b's, then a's after the `axes_replaced` axes from there on.
Shape with_axes_replaced(const Call& call, const Shape& a, int axis, int axes_replaced, const Shape& b) {
  call.require(a.rank() - axes_replaced + b.rank() <= max_rank, "the result would have more than 8 axes");
  Shape shape;
  for (int i = 0; i < axis; ++i) shape.append(a[i]);
  for (const Index size : b) shape.append(size);
  for (int i = axis + axes_replaced; i < a.rank(); ++i) shape.append(a[i]);
  return shape;
}

IndexCheck check_against_x(const KernelRequest& request) {
  return {.input = 1, .size = request.inputs[0].shape[static_cast<int>(request.attributes.integers()[0])]};
}
IndexCheck check_against_result(const KernelRequest& request) {
  return {.input = 1, .size = request.output.shape[static_cast<int>(request.attributes.integers()[0])]};
}
IndexCheck check_against_classes(const KernelRequest& request) {
  return {.input = 0, .size = request.attributes.integers()[0]};
}

Shape take_shape(const Call& call) {
  require_indices(call, 1);
  return with_axes_replaced(call, call[0].shape(), axis_of(call), 1, call[1].shape());
}

Tensor move_axis_to_front(const Tensor& x, int axis) {
  if (axis == 0) return x;
  std::array<Index, max_rank> order{};
  order[0] = axis;
  int next = 1;
  for (int i = 0; i < x.rank(); ++i) {
    if (i != axis) order[static_cast<std::size_t>(next++)] = i;
  }
  return permute(x, std::span<const Index>(order.data(), static_cast<std::size_t>(x.rank())));
}

// Call by call: both differ.
Tensor take_from_each(const Tensor& x, const Tensor& indices, int axis) {
  Tensors taken;
  for (Index call = 0; call < x.shape()[0]; ++call) {
    taken.push_back(take(select(x, 0, call), select(indices, 0, call), axis));
  }
  return stack(taken);
}

const Registered take_op = Operation{
    .name = "take",
    .formula = "y_ij… = x_(index_i)j… along one axis",
    .inputs = {"x", "indices"},
    .shape = take_shape,
    .dtype = as_first,
    .derivative =
        [](const Call& call, const Tensor&, const Tensor& g) {
          return Tensors{scatter_add(g, call[1], call.integer(0), call[0].shape()[axis_of(call)]), Tensor()};
        },
    .prepare = cpu::take,
    .checks = check_against_x,
    .batched =
        [](const Call& call, std::uint32_t stacked) {
          const Index axis = call.integer(0);
          if (stacked == 1) return take(call[0], call[1], axis + 1);
          // Each call has indices of its own: they are taken all at once, and their axis goes to the front.
          if (stacked == 2) return move_axis_to_front(take(call[0], call[1], axis), static_cast<int>(axis));
          return take_from_each(call[0], call[1], static_cast<int>(axis));
        },
    .onnx = "Gather",
    .samples =
        {
            {{{3, 2}, {4}}, [](const Tensors& x) { return take(x[0], x[1]); }, with_indices(2)},
            {{{2, 3}, {2, 2}}, [](const Tensors& x) { return take(x[0], x[1], -1); }, with_indices(2)},
            {{{2, 3, 2}, {4}}, [](const Tensors& x) { return take(x[0], x[1], 1); }, with_indices(2)},
            {{{4}, Shape{}}, [](const Tensors& x) { return take(x[0], x[1]); }, with_indices(3)},
            {{{3, 2}, {0}}, [](const Tensors& x) { return take(x[0], x[1]); }, with_indices(2)},
            {{{3, 0}, {2}}, [](const Tensors& x) { return take(x[0], x[1]); }, with_indices(2)},
        },
    .misfits =
        {
            {{{3, 2}, {4}}, "int32", [](const Tensors& x) { return take(x[0], x[1]); }},
            {{{3, 2}, {4}}, "no axis 2", [](const Tensors& x) { return take(x[0], x[1], 2); }, with_indices(2)},
            {{{3, 2}, {4}},
             "axis 0 has 3",
             [](const Tensors& x) { return computed(take(x[0], x[1])); },
             with_indices_from(3, 5)},
            {{{3, 2}, {4}},
             "index -1",
             [](const Tensors& x) { return computed(take(x[0], x[1])); },
             with_indices_from(-1, -1)},
        },
};

Shape scatter_add_shape(const Call& call) {
  require_indices(call, 1);
  call.require_dtype(call[0].dtype() != Dtype::boolean, "updates must be numbers, which can be added up");
  const Shape &updates = call[0].shape(), &indices = call[1].shape();
  const int axis = axis_of(call);
  bool fits = updates.rank() >= axis + indices.rank();
  for (int i = 0; fits && i < indices.rank(); ++i) fits = updates[axis + i] == indices[i];
  if (!fits) {
    call.fail(fmt::format(
        "updates {} do not have the indices' axes {} from axis {} on", updates.text(), indices.text(), axis));
  }
  return with_axes_replaced(call, updates, axis, indices.rank(), {call.integer(1)});
}

const Registered scatter_add_op = Operation{
    .name = "scatter_add",
    .formula = "y_kj… = sum of x_ij… over i with index_i = k, along one axis",
    .inputs = {"updates", "indices"},
    .shape = scatter_add_shape,
    .dtype = as_first,
    .derivative =
        [](const Call& call, const Tensor&, const Tensor& g) {
          return Tensors{take(g, call[1], call.integer(0)), Tensor()};
        },
    .prepare = cpu::scatter_add,
    .checks = check_against_result,
    .samples =
        {
            {{{4, 2}, {4}}, [](const Tensors& x) { return scatter_add(x[0], x[1], 0, 3); }, with_indices(2)},
            {{{2, 2, 2}, {2, 2}}, [](const Tensors& x) { return scatter_add(x[0], x[1], -1, 3); }, with_indices(2)},
            {{{2, 4, 2}, {4}}, [](const Tensors& x) { return scatter_add(x[0], x[1], 1, 2); }, with_indices(1)},
            {{{2}, Shape{}}, [](const Tensors& x) { return scatter_add(x[0], x[1], 0, 3); }, with_indices(2)},
            {{{0, 2}, {0}}, [](const Tensors& x) { return scatter_add(x[0], x[1], 0, 3); }, with_indices(2)},
            {{{3, 0}, {3}}, [](const Tensors& x) { return scatter_add(x[0], x[1], 0, 2); }, with_indices(1)},
        },
    .misfits =
        {
            {{{4, 2}, {3}}, "axis 0", [](const Tensors& x) { return scatter_add(x[0], x[1], 0, 3); }, with_indices(2)},
            {{{4}, {4}}, "int32", [](const Tensors& x) { return scatter_add(x[0], x[1], 0, 3); }},
            {{{4}, {4}}, "-3", [](const Tensors& x) { return scatter_add(x[0], x[1], 0, -3); }, with_indices(2)},
            {{{4}, {4}},
             "axis 0 has 3",
             [](const Tensors& x) { return computed(scatter_add(x[0], x[1], 0, 3)); },
             with_indices_from(3, 4)},
        },
};

[[noreturn]] void fail_rows(const Call& call) {
  call.fail(fmt::format(
      "indices {} must have the sizes of {} along all axes but {}", call[1].shape().text(), call[0].shape().text(),
      axis_of(call)));
}

Shape take_along_shape(const Call& call) {
  require_indices(call, 1);
  const Shape &x = call[0].shape(), &indices = call[1].shape();
  if (x.rank() != indices.rank()) fail_rows(call);
  for (int i = 0; i < x.rank(); ++i) {
    if (i != axis_of(call) && x[i] != indices[i]) fail_rows(call);
  }
  return indices;
}

const Registered take_along_op = Operation{
    .name = "take_along",
    .formula = "y_ij = x_(i, index_ij) along one axis",
    .inputs = {"x", "indices"},
    .shape = take_along_shape,
    .dtype = as_first,
    .derivative =
        [](const Call& call, const Tensor&, const Tensor& g) {
          return Tensors{scatter_add_along(g, call[1], call.integer(0), call[0].shape()[axis_of(call)]), Tensor()};
        },
    .prepare = cpu::take_along,
    .checks = check_against_x,
    .onnx = "GatherElements",
    .samples =
        {
            {{{3, 4}, {3, 2}}, [](const Tensors& x) { return take_along(x[0], x[1], 1); }, with_indices(3)},
            {{{3, 2}, {4, 2}}, [](const Tensors& x) { return take_along(x[0], x[1], 0); }, with_indices(2)},
            {{{3, 4}, {3}}, [](const Tensors& x) { return take_along(x[0], x[1], -1); }, with_indices(3)},
            {{{2, 3, 2}, {2, 2}}, [](const Tensors& x) { return take_along(x[0], x[1], 1); }, with_indices(2)},
            {{{3}, Shape{}}, [](const Tensors& x) { return take_along(x[0], x[1], 0); }, with_indices(2)},
            {{{0, 3}, {0}}, [](const Tensors& x) { return take_along(x[0], x[1], 1); }, with_indices(2)},
        },
    .misfits =
        {
            {{{3, 4}, {2, 4}},
             "all axes but 1",
             [](const Tensors& x) { return take_along(x[0], x[1], 1); },
             with_indices(1)},
            {{{3, 4}, {3}}, "int32", [](const Tensors& x) { return take_along(x[0], x[1], 1); }},
            {{{3, 4}, {3}},
             "axis 1 has 4",
             [](const Tensors& x) { return computed(take_along(x[0], x[1], 1)); },
             with_indices_from(4, 6)},
        },
};

Shape scatter_add_along_shape(const Call& call) {
  require_indices(call, 1);
  call.require_dtype(call[0].dtype() != Dtype::boolean, "updates must be numbers, which can be added up");
  call.require(call[0].shape() == call[1].shape(), "updates and indices must have the same shape");
  Shape shape = call[0].shape();
  shape[axis_of(call)] = call.integer(1);
  return shape;
}

const Registered scatter_add_along_op = Operation{
    .name = "scatter_add_along",
    .formula = "y_ik = sum of x_ij over j with index_ij = k, along one axis",
    .inputs = {"updates", "indices"},
    .shape = scatter_add_along_shape,
    .dtype = as_first,
    .derivative =
        [](const Call& call, const Tensor&, const Tensor& g) {
          return Tensors{take_along(g, call[1], call.integer(0)), Tensor()};
        },
    .prepare = cpu::scatter_add_along,
    .checks = check_against_result,
    .samples =
        {
            {{{3, 2}, {3, 2}}, [](const Tensors& x) { return scatter_add_along(x[0], x[1], 1, 4); }, with_indices(3)},
            {{{4, 2}, {4, 2}}, [](const Tensors& x) { return scatter_add_along(x[0], x[1], 0, 2); }, with_indices(1)},
            {{{2, 3, 2}, {2, 3, 2}},
             [](const Tensors& x) { return scatter_add_along(x[0], x[1], -2, 2); },
             with_indices(1)},
            {{{0, 2}, {0, 2}}, [](const Tensors& x) { return scatter_add_along(x[0], x[1], 0, 3); }, with_indices(2)},
        },
    .misfits =
        {
            {{{3, 2}, {3, 1}},
             "same shape",
             [](const Tensors& x) { return scatter_add_along(x[0], x[1], 1, 2); },
             with_indices(1)},
            {{{3}, {3}}, "-1", [](const Tensors& x) { return scatter_add_along(x[0], x[1], 0, -1); }, with_indices(1)},
            {{{3}, {3}},
             "axis 0 has 2",
             [](const Tensors& x) { return computed(scatter_add_along(x[0], x[1], 0, 2)); },
             with_indices_from(2, 3)},
        },
};

const Registered one_hot_op = Operation{
    .name = "one_hot",
    .formula = "y_ik = 1 where label_i = k, else 0",
    .inputs = {"labels"},
    .shape =
        [](const Call& call) {
          require_indices(call, 0);
          call.require(call[0].rank() < max_rank, "the result would have more than 8 axes");
          return call[0].shape().with(call[0].rank(), call.integer(0));
        },
    .dtype = [](const Call& call) { return static_cast<Dtype>(call.integer(1)); },
    .no_derivative = "labels are integers",
    .prepare = cpu::one_hot,
    .checks = check_against_classes,
    .onnx = "OneHot",
    .samples =
        {
            {{{4}}, [](const Tensors& x) { return one_hot(x[0], 3, Dtype::float64); }, only_indices(0, 2)},
            {{{2, 3}}, [](const Tensors& x) { return one_hot(x[0], 4); }, only_indices(0, 3)},
            {{Shape{}}, [](const Tensors& x) { return one_hot(x[0], 3, Dtype::int32); }, only_indices(0, 2)},
            {{{0}}, [](const Tensors& x) { return one_hot(x[0], 3, Dtype::boolean); }, only_indices(0, 2)},
        },
    .misfits =
        {
            {{{4}}, "int32", [](const Tensors& x) { return one_hot(x[0], 3); }},
            {{{4}}, "-1 classes", [](const Tensors& x) { return one_hot(x[0], -1); }, only_indices(0, 2)},
            {{{4}}, "3 classes", [](const Tensors& x) { return computed(one_hot(x[0], 3)); }, only_indices(3, 5)},
        },
};

void require_size(std::string_view operation, const Operand& x, Index size) {
  if (size < 0) fail_value(operation, x, fmt::format("the result cannot have {} entries along an axis", size));
}

}  // namespace

Tensor take(const Operand& x, const Operand& indices, Index axis) {
  return apply(take_op, {x, indices}, {normal_axis("take", x, axis)});
}

Tensor scatter_add(const Operand& updates, const Operand& indices, Index axis, Index size) {
  require_size("scatter_add", updates, size);
  // The axis is one of the result's.
  const Index rank = updates.tensor().rank() - indices.tensor().rank() + 1;
  if (axis < -rank || axis >= rank) {
    fail_shape(
        "scatter_add", updates,
        fmt::format("there is no axis {} in a result of {} axes", axis, std::max<Index>(rank, 0)));
  }
  return apply(scatter_add_op, {updates, indices}, {axis < 0 ? axis + rank : axis, size});
}

Tensor take_along(const Operand& x, const Operand& indices, Index axis) {
  const int front = normal_axis("take_along", x, axis);
  if (indices.tensor().rank() != x.tensor().rank() - 1) return apply(take_along_op, {x, indices}, {front});
  const Tensor column = apply(take_along_op, {x, expand(indices, front)}, {front});
  return reshape(Operand(column, x.where()), indices.tensor().shape());
}

Tensor scatter_add_along(const Operand& updates, const Operand& indices, Index axis, Index size) {
  require_size("scatter_add_along", updates, size);
  return apply(scatter_add_along_op, {updates, indices}, {normal_axis("scatter_add_along", updates, axis), size});
}

Tensor one_hot(const Operand& labels, Index classes, Dtype dtype) {
  if (classes < 0) fail_value("one_hot", labels, fmt::format("there cannot be {} classes", classes));
  return apply(one_hot_op, {labels}, {classes, static_cast<Index>(dtype)});
}

}  // namespace gradus
