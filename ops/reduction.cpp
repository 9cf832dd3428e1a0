#include <gradus/ops/reduction.h>

#include <limits>
#include <vector>

#include <fmt/format.h>

#include <gradus/ops/arithmetic.h>
#include <gradus/ops/cpu/reduction.h>
#include <gradus/ops/creation.h>
#include <gradus/ops/exponential.h>
#include <gradus/ops/identities.h>
#include <gradus/ops/logic.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/reduction_builder.h>

namespace gradus {

namespace {

Tensor reduce(const Registered& operation, const Operand& x, const Axes& axes, bool keep) {
  if (x.tensor().empty()) return apply(operation, {x});  // which throws
  return apply(operation, {x}, reduction_attributes(operation.name, x, axes, keep));
}

Tensors sum_derivative(const Call& call, const Tensor&, const Tensor& g) {
  return {broadcast_to(with_reduced_axes(call, g), call[0].shape())};
}

}  // namespace

const Registered sum_op = reduction<sum>({
    .name = "sum",
    .formula = "y = sum x",
    .derivative = sum_derivative,
    .dtype = same_numeric,
    .prepare = cpu::reduce_sum,
    .streams = cpu::reduction_streams,
    .onnx = "ReduceSum",
    .rewrite = identities::of_reduction,
});
Tensor sum(const Operand& x, const Axes& axes, bool keep) {
  return reduce(sum_op, x, axes, keep);
}

const Registered mean_op = reduction<mean>({
    .name = "mean",
    .formula = "y = 1/n sum x",
    .derivative = ReductionRule::of_expansion(),
    .expand =
        [](const Call& c) {
          same_floating(c);
          return sum(c[0], reduced_axes(c), keeps_axes(c)) * (1 / static_cast<double>(reduced_count(c)));
        },
    .onnx = "ReduceMean",
});
Tensor mean(const Operand& x, const Axes& axes, bool keep) {
  return reduce(mean_op, x, axes, keep);
}

namespace {

// Halves multiplied with each other until one row is left. A product's own derivative would divide by entries, which
// may be 0; that of a tree of multiplications does not.
Tensor product_tree(const Call& call) {
  const Axes axes = reduced_axes(call);
  std::vector<Index> order(axes.list().begin(), axes.list().end());
  Shape rest;
  for (int axis = 0; axis < call[0].rank(); ++axis) {
    if (std::find(order.begin(), order.end(), axis) != order.end()) continue;
    order.push_back(axis);
    rest.append(call[0].shape()[axis]);
  }
  Index n = reduced_count(call);
  const Shape result = reduced_shape(call);
  if (n == 0) return 1 + sum(call[0], axes, keeps_axes(call));
  Tensor rows = reshape(permute(call[0], order), rest.with(0, n));
  Tensor odd;
  while (n > 1) {
    const Index half = n / 2;
    if (n % 2 == 1) {
      const Tensor last = slice(rows, 0, n - 1, n);
      odd = odd.empty() ? last : odd * last;
    }
    rows = slice(rows, 0, 0, half) * slice(rows, 0, half, 2 * half);
    n = half;
  }
  return reshape(odd.empty() ? rows : rows * odd, result);
}

}  // namespace

const Registered product_op = reduction<product>({
    .name = "product",
    .formula = "y = product x",
    .derivative = ReductionRule::of_expansion(),
    .dtype = same_numeric,
    .expand = product_tree,
    .prepare = cpu::reduce_product,
    .streams = cpu::reduction_streams,
    .onnx = "ReduceProd",
    .rewrite = identities::of_reduction,
    .samples =
        {
            {{{4}},
             [](const Tensors& x) {
               return product(x[0] * cast(tensor<float>({1, 0, 1, 1}), x[0].dtype()));
             }},
            {{{4}},
             [](const Tensors& x) {
               return product(x[0] * cast(tensor<float>({0, 1, 1, 0}), x[0].dtype()));
             }},
        },
});
Tensor product(const Operand& x, const Axes& axes, bool keep) {
  return reduce(product_op, x, axes, keep);
}

namespace {

Tensors extreme_derivative(const Call& call, const Tensor& y, const Tensor& g) {
  const Tensor chosen = cast(equal(call[0], with_reduced_axes(call, y)), g.dtype());
  return {chosen * (with_reduced_axes(call, g) / sum(chosen, reduced_axes(call), keep_axes))};
}

// Entries that tie, and stay so when one x is moved: differences see the shared cotangent.
Tensor tied(const Tensor& x) {
  return concatenate({x, x, x - 5});
}

}  // namespace

const Registered max_op = reduction<max>({
    .name = "max",
    .formula = "y = the greatest x",
    .derivative = extreme_derivative,
    .dtype = same_numeric,
    .prepare = cpu::reduce_max,
    .streams = cpu::reduction_streams,
    .of_nothing = false,
    .onnx = "ReduceMax",
    .rewrite = identities::of_reduction,
    .samples = {{{{3}}, [](const Tensors& x) { return max(tied(x[0])); }}},
});
Tensor max(const Operand& x, const Axes& axes, bool keep) {
  return reduce(max_op, x, axes, keep);
}

const Registered min_op = reduction<min>({
    .name = "min",
    .formula = "y = the least x",
    .derivative = extreme_derivative,
    .dtype = same_numeric,
    .prepare = cpu::reduce_min,
    .streams = cpu::reduction_streams,
    .of_nothing = false,
    .onnx = "ReduceMin",
    .rewrite = identities::of_reduction,
    .samples = {{{{3}}, [](const Tensors& x) { return min(-tied(-x[0])); }}},
});
Tensor min(const Operand& x, const Axes& axes, bool keep) {
  return reduce(min_op, x, axes, keep);
}

namespace {

Tensor population_variance(const Operand& x, const Axes& axes, bool keep) {
  return variance(x, axes, keep);
}

}  // namespace

const Registered variance_op = reduction<population_variance>({
    .name = "variance",
    .formula = "y = sum (x - mean)^2 / (n - correction)",
    .derivative = ReductionRule::of_expansion(),
    .expand =
        [](const Call& c) {
          same_floating(c);
          const Axes axes = reduced_axes(c);
          const Index divisor = reduced_count(c) - c.integer(2);
          if (divisor <= 0 && reduced_shape(c).count() > 0) {
            c.fail(fmt::format(
                "no entries are left of {} along the reduced axes after the correction by {}", reduced_count(c),
                c.integer(2)));
          }
          const Tensor deviation = c[0] - mean(c[0], axes, keep_axes);
          return sum(square(deviation), axes, keeps_axes(c)) * (1 / static_cast<double>(divisor));
        },
    .of_nothing = false,
    .samples =
        {
            {{{4}}, [](const Tensors& x) { return variance(x[0], 0, false, 1); }},
            {{{2, 3}}, [](const Tensors& x) { return variance(x[0], 1, keep_axes, 1); }},
        },
    .misfits =
        {
            {{{1, 3}}, "no entries", [](const Tensors& x) { return variance(x[0], 0, false, 1); }},
            {{{0}}, "no entries", [](const Tensors& x) { return variance(x[0]); }},
        },
});
Tensor variance(const Operand& x, const Axes& axes, bool keep, int correction) {
  if (x.tensor().empty()) return apply(variance_op, {x});
  const Attributes base = reduction_attributes("variance", x, axes, keep);
  return apply(variance_op, {x}, Attributes({base.integers()[0], base.integers()[1], correction}));
}

namespace {

// x/y, and 0 where y is: there x is as well.
Tensors norm_derivative(const Call& call, const Tensor& y, const Tensor& g) {
  return {call[0] * with_reduced_axes(call, g / where(equal(y, 0), 1, y))};
}

}  // namespace

const Registered norm_op = reduction<norm>({
    .name = "norm",
    .formula = "y = sqrt(sum x^2)",
    .derivative = norm_derivative,
    .prepare = cpu::reduce_norm,
    .streams = cpu::reduction_streams,
    .onnx = "ReduceL2",
});
Tensor norm(const Operand& x, const Axes& axes, bool keep) {
  return reduce(norm_op, x, axes, keep);
}

namespace {

// softmax: e^(x - y), and 0 where all x are -∞. For large |y| the difference is only known to y's last digit, but that
// is one factor for all entries, which the division takes out.
Tensors logsumexp_derivative(const Call& call, const Tensor& y, const Tensor& g) {
  const Tensor finite = where(is_finite(y), y, number(0, y.dtype()));
  const Tensor e = exp(call[0] - with_reduced_axes(call, finite));
  const Tensor total = sum(e, reduced_axes(call), keep_axes);
  return {e * (with_reduced_axes(call, g) / where(equal(total, 0), 1, total))};
}

}  // namespace

const Registered logsumexp_op = reduction<logsumexp>({
    .name = "logsumexp",
    .formula = "y = log sum e^x",
    .derivative = logsumexp_derivative,
    .prepare = cpu::reduce_logsumexp,
    .onnx = "ReduceLogSumExp",
    .domain = {.far_from = -30, .far_to = 30},
});
Tensor logsumexp(const Operand& x, const Axes& axes, bool keep) {
  return reduce(logsumexp_op, x, axes, keep);
}

namespace {

Shape position_shape(const Call& call) {
  const Shape shape = reduced_shape_of_something(call);
  call.require(reduced_count(call) <= std::numeric_limits<std::int32_t>::max(), "more entries than int32 can count");
  return shape;
}

Operation position(Operation operation) {
  operation.shape = position_shape;
  return operation;
}

}  // namespace

const Registered argmax_op = position(reduction<argmax>({
    .name = "argmax",
    .formula = "y = the position of the greatest x",
    .derivative = ReductionRule::none("positions are whole numbers"),
    .dtype = [](const Call&) { return Dtype::int32; },
    .prepare = cpu::reduce_argmax,
    .of_nothing = false,
    .onnx = "ArgMax",
}));
Tensor argmax(const Operand& x, const Axes& axes, bool keep) {
  return reduce(argmax_op, x, axes, keep);
}

const Registered argmin_op = position(reduction<argmin>({
    .name = "argmin",
    .formula = "y = the position of the least x",
    .derivative = ReductionRule::none("positions are whole numbers"),
    .dtype = [](const Call&) { return Dtype::int32; },
    .prepare = cpu::reduce_argmin,
    .of_nothing = false,
    .onnx = "ArgMin",
}));
Tensor argmin(const Operand& x, const Axes& axes, bool keep) {
  return reduce(argmin_op, x, axes, keep);
}

const Registered any_op = reduction<any>({
    .name = "any",
    .formula = "y = whether any x is true",
    .derivative = ReductionRule::none("booleans have no derivative"),
    .dtype = logical,
    .prepare = cpu::reduce_any,
    .streams = cpu::reduction_streams,
    .domain = {.dtype = Dtype::boolean},
});
Tensor any(const Operand& x, const Axes& axes, bool keep) {
  return reduce(any_op, x, axes, keep);
}

const Registered all_op = reduction<all>({
    .name = "all",
    .formula = "y = whether all x are true",
    .derivative = ReductionRule::none("booleans have no derivative"),
    .dtype = logical,
    .prepare = cpu::reduce_all,
    .streams = cpu::reduction_streams,
    .domain = {.dtype = Dtype::boolean},
});
Tensor all(const Operand& x, const Axes& axes, bool keep) {
  return reduce(all_op, x, axes, keep);
}

const Registered count_nonzero_op = reduction<count_nonzero>({
    .name = "count_nonzero",
    .formula = "y = the number of x that are not 0",
    .derivative = ReductionRule::none("counts are whole numbers"),
    .dtype = [](const Call&) { return Dtype::int32; },
    .expand =
        [](const Call& c) {
          const Tensor counts = c[0].dtype() == Dtype::boolean ? c[0] : not_equal(c[0], 0);
          return sum(cast(counts, Dtype::int32), reduced_axes(c), keeps_axes(c));
        },
    .domain = {.from = -1, .to = 1, .dtype = Dtype::int32},
});
Tensor count_nonzero(const Operand& x, const Axes& axes, bool keep) {
  return reduce(count_nonzero_op, x, axes, keep);
}

namespace {

Shape shape_along_axis(const Call& call) {
  return call[0].shape();
}

}  // namespace

const Registered cumulative_sum_op = Operation{
    .name = "cumulative_sum",
    .formula = "y_i = x_0 + ... + x_i",
    .inputs = {"x"},
    .shape = shape_along_axis,
    .dtype = same_numeric,
    .derivative =
        [](const Call& c, const Tensor&, const Tensor& g) {
          return Tensors{
              cumulative_sum(g, c.integer(0), {.exclusive = c.integer(1) != 0, .reverse = c.integer(2) == 0})};
        },
    .prepare = cpu::cumulative_sum,
    .onnx = "CumSum",
    .samples =
        {
            {{{5}}, [](const Tensors& x) { return cumulative_sum(x[0], 0); }},
            {{{2, 3}}, [](const Tensors& x) { return cumulative_sum(x[0], 0, {.exclusive = true}); }},
            {{{2, 3}}, [](const Tensors& x) { return cumulative_sum(x[0], -1, {.reverse = true}); }},
            {{{2, 3, 2}},
             [](const Tensors& x) { return cumulative_sum(x[0], 1, {.exclusive = true, .reverse = true}); }},
            {{{0, 3}}, [](const Tensors& x) { return cumulative_sum(x[0], 0); }},
            {{{2, 0}}, [](const Tensors& x) { return cumulative_sum(x[0], 0); }},
        },
    .misfits =
        {
            {{{2, 3}}, "no axis 2", [](const Tensors& x) { return cumulative_sum(x[0], 2); }},
            {{{}}, "no axis 0", [](const Tensors& x) { return cumulative_sum(x[0], 0); }},
        },
};
Tensor cumulative_sum(const Operand& x, Index axis, const CumulativeOptions& options) {
  if (x.tensor().empty()) return apply(cumulative_sum_op, {x});
  return apply(
      cumulative_sum_op, {x}, Attributes({normal_axis("cumulative_sum", x, axis), options.exclusive, options.reverse}));
}

namespace {

// On the path of every training step, so no node that is not needed.
Tensor summed_to(const Operand& x, const Shape& shape) {
  const Shape& from = x.tensor().shape();
  if (from == shape) return x.tensor();
  const int added = from.rank() - shape.rank();
  Index bits = (Index{1} << added) - 1;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] != from[axis + added]) bits |= Index{1} << (axis + added);
  }
  const bool keep = added == 0;
  const Tensor result = bits == 0 ? x.tensor() : apply(sum_op, {x}, Attributes({bits, keep}));
  return result.shape() == shape ? result : reshape(result, shape);
}

}  // namespace

const Registered sum_to_op = Operation{
    .name = "sum_to",
    .formula = "y = sum of x over the axes along which y would be broadcast to x",
    .inputs = {"x"},
    .expand =
        [](const Call& c) {
          const Shape shape(c.integers());
          c.require(
              broadcastable(shape, c[0].shape()) && broadcast(shape, c[0].shape()) == c[0].shape(),
              "a tensor of shape " + shape.text() + " does not broadcast to x");
          return summed_to(c[0], shape);
        },
    .samples =
        {
            {{{2, 3}}, [](const Tensors& x) { return sum_to(x[0], {3}); }},
            {{{2, 3}},
             [](const Tensors& x) {
               return sum_to(x[0], {2, 1});
             }},
            {{{2, 3}}, [](const Tensors& x) { return sum_to(x[0], {}); }},
            {{{2, 3, 2}},
             [](const Tensors& x) {
               return sum_to(x[0], {1, 2});
             }},
            {{{1, 3}}, [](const Tensors& x) { return sum_to(x[0], {3}); }},
            {{{0, 3}}, [](const Tensors& x) { return sum_to(x[0], {3}); }},
        },
    .misfits =
        {
            {{{2, 3}}, "does not broadcast", [](const Tensors& x) { return sum_to(x[0], {2}); }},
            {{{3}},
             "does not broadcast",
             [](const Tensors& x) {
               return sum_to(x[0], {2, 3});
             }},
        },
};
Tensor sum_to(const Operand& x, const Shape& shape) {
  return apply(sum_to_op, {x}, Attributes(shape));
}

}  // namespace gradus
