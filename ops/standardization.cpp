#include <gradus/ops/standardization.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <gradus/graph/operation.h>
#include <gradus/ops/arguments.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/reduction.h>
#include <gradus/ops/standardized.h>

namespace gradus {

namespace {

void require_epsilon(std::string_view operation, const Operand& x, double epsilon) {
  if (epsilon > 0 && std::isfinite(epsilon)) return;
  fail_value(operation, x, fmt::format("epsilon is {}, but must be above 0 and finite", epsilon));
}

void require_channels(const Call& call, int fewest_spatial_axes) {
  same_floating(call);
  const int spatial_axes = call[0].rank() - 2;
  if (spatial_axes >= fewest_spatial_axes && spatial_axes <= most_spatial_axes) return;
  call.fail(fmt::format(
      "x must be [examples, channels, spatial axes…] with {} to {} spatial axes", fewest_spatial_axes,
      most_spatial_axes));
}

void require_several(const Call& call, Index group, std::string_view what) {
  if (group > 1 || call[0].count() == 0) return;
  call.fail(fmt::format("one entry {} has no variance; there must be at least two", what));
}

void fail_parameter(const Call& call, int input, const Shape& wanted) {
  call.fail(fmt::format(
      "{} must have shape {}, or be a number", call.operation().inputs[static_cast<std::size_t>(input)],
      wanted.text()));
}

// One number a channel, so that it broadcasts against x. Numbers stay what they are: the planner knows what 1 and 0 do.
Tensor along_channels(const Call& call, int input) {
  const Tensor& numbers = call[input];
  const Shape& x = call[0].shape();
  if (numbers.rank() == 0) return numbers;
  if (numbers.shape() != Shape{x[1]}) fail_parameter(call, input, {x[1]});
  if (x.rank() == 2) return numbers;
  Shape shape{x[1]};
  for (int axis = 2; axis < x.rank(); ++axis) shape.append(1);
  return reshape(numbers, shape);
}

// A number, or one a channel where channels are the last axis.
const Tensor& one_a_channel(const Call& call, int input) {
  const Index channels = call[0].shape()[1];
  if (call[input].rank() != 0 && call[input].shape() != Shape{channels}) fail_parameter(call, input, {channels});
  return call[input];
}

// Where scale and shift are those of whole groups: of all axes from `first` on but that of the channels.
Tensor standardized(const Call& call, int first) {
  const Tensor &scale = one_a_channel(call, 1), &shift = one_a_channel(call, 2);
  return standardization_by_channels(call[0], first, scale, shift, call.real(0)).y;
}

// Where they vary inside of a group, which is the last axes.
Tensor standardized(const Call& call, const Tensor& x, int axes) {
  return standardized(x, {-axes, 0}, number(1, x.dtype()), number(0, x.dtype()), call.real(0));
}

// Samples have groups of three and more: two entries are always ±1, but for epsilon, and their gradients almost 0.
constexpr double large = 0.1;
const Domain positive{.from = 0.5, .to = 2};

}  // namespace

const Registered layer_norm_op = Operation{
    .name = "layer_norm",
    .formula = "y = (x - mean) / sqrt(variance + epsilon) scale + shift, over the last axes",
    .inputs = {"x", "scale", "shift"},
    .expand =
        [](const Call& c) {
          same_floating(c);
          const Shape& shape = c[0].shape();
          const auto axes = static_cast<int>(c.integer(0));
          if (axes > shape.rank()) {
            c.fail(fmt::format("there are no {} last axes to take together: x has {}", axes, shape.rank()));
          }
          const Shape last(shape.sizes().last(static_cast<std::size_t>(axes)));
          require_several(c, last.count(), "in the last axes");
          for (const int input : {1, 2}) {
            if (c[input].rank() != 0 && c[input].shape() != last) fail_parameter(c, input, last);
          }
          return standardized(c, c[0], axes) * c[1] + c[2];
        },
    .samples =
        {
            {{{2, 4}, {4}, {4}}, [](const Tensors& in) { return layer_norm(in[0], in[1], in[2]); }},
            {{{5}, {5}, {5}}, [](const Tensors& in) { return layer_norm(in[0], in[1], in[2], {.epsilon = large}); }},
            {{{2, 3}}, [](const Tensors& in) { return layer_norm(in[0]); }},
            {{{2, 3}, {3}}, [](const Tensors& in) { return layer_norm(in[0], 1.0, in[1]); }},
            {{{2, 3}, {}}, [](const Tensors& in) { return layer_norm(in[0], in[1], 0.5); }},
            {{{2, 2, 3}, {2, 3}, {2, 3}},
             [](const Tensors& in) { return layer_norm(in[0], in[1], in[2], {.axes = 2}); }},
            {{{0, 3}, {3}, {3}}, [](const Tensors& in) { return layer_norm(in[0], in[1], in[2]); }},
        },
    .misfits =
        {
            {{{2, 3}, {2}}, "scale must have shape [3]", [](const Tensors& in) { return layer_norm(in[0], in[1]); }},
            {{{2, 3}, {2, 3}},
             "shift must have shape [3]",
             [](const Tensors& in) { return layer_norm(in[0], 1.0, in[1]); }},
            {{{2, 3}}, "no 3 last axes", [](const Tensors& in) { return layer_norm(in[0], 1.0, 0.0, {.axes = 3}); }},
            {{{}}, "no 1 last axes", [](const Tensors& in) { return layer_norm(in[0]); }},
            {{{2, 1}}, "at least two", [](const Tensors& in) { return layer_norm(in[0]); }},
            {{{2, 3}}, "axes is 0", [](const Tensors& in) { return layer_norm(in[0], 1.0, 0.0, {.axes = 0}); }},
            {{{2, 3}}, "epsilon is 0", [](const Tensors& in) { return layer_norm(in[0], 1.0, 0.0, {.epsilon = 0}); }},
            {{{2, 3}}, "cast first", [](const Tensors& in) { return layer_norm(in[0]); }, {{.dtype = Dtype::int32}}},
        },
};
Tensor layer_norm(const Operand& x, const Operand& scale, const Operand& shift, const LayerNormOptions& options) {
  require_epsilon("layer_norm", x, options.epsilon);
  if (options.axes < 1) fail_value("layer_norm", x, fmt::format("axes is {}, but must be at least 1", options.axes));
  return apply(layer_norm_op, {x, scale, shift}, Attributes({options.axes}, {options.epsilon}));
}

const Registered batch_norm_op = Operation{
    .name = "batch_norm",
    .formula = "y = (x - mean) / sqrt(variance + epsilon) scale + shift, over all axes but the second",
    .inputs = {"x", "scale", "shift"},
    .expand =
        [](const Call& c) {
          require_channels(c, 0);
          const Tensor& x = c[0];
          require_several(c, x.count() / std::max<Index>(x.shape()[1], 1), "a channel");
          return standardized(c, 0);
        },
    .samples =
        {
            {{{4, 2}, {2}, {2}}, [](const Tensors& in) { return batch_norm(in[0], in[1], in[2]); }},
            {{{3, 2}}, [](const Tensors& in) { return batch_norm(in[0], 1.0, 0.0, {.epsilon = large}); }},
            {{{2, 2, 3}, {2}}, [](const Tensors& in) { return batch_norm(in[0], in[1]); }},
            {{{2, 2, 2, 2}, {2}, {2}}, [](const Tensors& in) { return batch_norm(in[0], in[1], in[2]); }},
            {{{2, 2, 1, 2, 2}, {2}}, [](const Tensors& in) { return batch_norm(in[0], 1.0, in[1]); }},
            {{{3, 0}, {0}, {0}}, [](const Tensors& in) { return batch_norm(in[0], in[1], in[2]); }},
            {{{0, 2}, {2}, {2}}, [](const Tensors& in) { return batch_norm(in[0], in[1], in[2]); }},
        },
    .misfits =
        {
            {{{3}}, "[examples, channels", [](const Tensors& in) { return batch_norm(in[0]); }},
            {{{2, 2, 1, 1, 1, 1}}, "0 to 3 spatial axes", [](const Tensors& in) { return batch_norm(in[0]); }},
            {{{2, 3}, {2}}, "scale must have shape [3]", [](const Tensors& in) { return batch_norm(in[0], in[1]); }},
            {{{2, 3, 4}, {1, 3, 1}},
             "shift must have shape [3]",
             [](const Tensors& in) { return batch_norm(in[0], 1.0, in[1]); }},
            {{{1, 3}}, "one entry a channel", [](const Tensors& in) { return batch_norm(in[0]); }},
            {{{4, 3}}, "epsilon is -1", [](const Tensors& in) { return batch_norm(in[0], 1.0, 0.0, {.epsilon = -1}); }},
            {{{2, 3}}, "cast first", [](const Tensors& in) { return batch_norm(in[0]); }, {{.dtype = Dtype::int32}}},
        },
};
Tensor batch_norm(const Operand& x, const Operand& scale, const Operand& shift, const StandardizationOptions& options) {
  require_epsilon("batch_norm", x, options.epsilon);
  return apply(batch_norm_op, {x, scale, shift}, Attributes({}, {options.epsilon}));
}

const Registered batch_norm_with_statistics_op = Operation{
    .name = "batch_norm_with_statistics",
    .formula = "y = (x - mean) / sqrt(variance + epsilon) scale + shift",
    .inputs = {"x", "mean", "variance", "scale", "shift"},
    .expand =
        [](const Call& c) {
          require_channels(c, 0);
          const Tensor deviation = square_root(along_channels(c, 2) + c.real(0));
          return (c[0] - along_channels(c, 1)) * (along_channels(c, 3) / deviation) + along_channels(c, 4);
        },
    .samples =
        {
            {{{3, 2}, {2}, {2}, {2}, {2}},
             [](const Tensors& in) { return batch_norm_with_statistics(in[0], in[1], in[2], in[3], in[4]); },
             {{}, {}, positive}},
            {{{1, 2, 2, 3}, {2}, {2}, {2}, {2}},
             [](const Tensors& in) {
               return batch_norm_with_statistics(in[0], in[1], in[2], in[3], in[4], {.epsilon = large});
             },
             {{}, {}, positive}},
            {{{2, 3, 2}, {3}, {3}},
             [](const Tensors& in) { return batch_norm_with_statistics(in[0], in[1], in[2]); },
             {{}, {}, positive}},
            {{{2, 2, 1, 1, 2}, {}, {2}},
             [](const Tensors& in) { return batch_norm_with_statistics(in[0], in[1], 2.0, in[2]); }},
            {{{0, 2}, {2}, {2}},
             [](const Tensors& in) { return batch_norm_with_statistics(in[0], in[1], in[2]); },
             {{}, {}, positive}},
        },
    .misfits =
        {
            {{{2, 3}, {2}, {3}},
             "mean must have shape [3]",
             [](const Tensors& in) { return batch_norm_with_statistics(in[0], in[1], in[2]); }},
            {{{2, 3}, {3}, {1, 3}},
             "variance must have shape [3]",
             [](const Tensors& in) { return batch_norm_with_statistics(in[0], in[1], in[2]); }},
            {{{3}},
             "[examples, channels",
             [](const Tensors& in) { return batch_norm_with_statistics(in[0], 0.0, 1.0); }},
            {{{4, 3}},
             "epsilon is inf",
             [](const Tensors& in) {
               return batch_norm_with_statistics(in[0], 0.0, 1.0, 1.0, 0.0, {.epsilon = HUGE_VAL});
             }},
        },
};
Tensor batch_norm_with_statistics(
    const Operand& x, const Operand& mean, const Operand& variance, const Operand& scale, const Operand& shift,
    const StandardizationOptions& options) {
  require_epsilon("batch_norm_with_statistics", x, options.epsilon);
  return apply(batch_norm_with_statistics_op, {x, mean, variance, scale, shift}, Attributes({}, {options.epsilon}));
}

const Registered group_norm_op = Operation{
    .name = "group_norm",
    .formula = "y = (x - mean) / sqrt(variance + epsilon) scale + shift, over groups of channels of each example",
    .inputs = {"x", "scale", "shift"},
    .expand =
        [](const Call& c) {
          require_channels(c, 0);
          const Tensor& x = c[0];
          const Index groups = c.integer(0), examples = x.shape()[0], channels = x.shape()[1];
          if (channels % groups != 0) c.fail(fmt::format("{} groups do not divide {} channels", groups, channels));
          const Index entries = x.count() / std::max<Index>(groups * examples, 1);
          require_several(c, entries, "a group");
          const Tensor rows = standardized(c, reshape(x, Shape{examples, groups, entries}), 1);
          return reshape(rows, x.shape()) * along_channels(c, 1) + along_channels(c, 2);
        },
    .samples =
        {
            {{{2, 4}, {4}, {4}}, [](const Tensors& in) { return group_norm(in[0], 1, in[1], in[2]); }},
            {{{2, 4, 2}, {4}, {4}}, [](const Tensors& in) { return group_norm(in[0], 2, in[1], in[2]); }},
            {{{1, 4, 2, 2}, {4}},
             [](const Tensors& in) { return group_norm(in[0], 2, 1.0, in[1], {.epsilon = large}); }},
            {{{1, 2, 1, 2, 2}, {2}}, [](const Tensors& in) { return group_norm(in[0], 2, in[1]); }},
            {{{2, 3}}, [](const Tensors& in) { return group_norm(in[0], 1); }},
            {{{0, 4}, {4}, {4}}, [](const Tensors& in) { return group_norm(in[0], 2, in[1], in[2]); }},
        },
    .misfits =
        {
            {{{2, 4}}, "3 groups do not divide 4 channels", [](const Tensors& in) { return group_norm(in[0], 3); }},
            {{{2, 4}}, "0 groups", [](const Tensors& in) { return group_norm(in[0], 0); }},
            {{{2, 4}}, "one entry a group", [](const Tensors& in) { return group_norm(in[0], 4); }},
            {{{4}}, "[examples, channels", [](const Tensors& in) { return group_norm(in[0], 2); }},
            {{{2, 4, 3}, {2}},
             "scale must have shape [4]",
             [](const Tensors& in) { return group_norm(in[0], 2, in[1]); }},
            {{{2, 4}},
             "epsilon is 0",
             [](const Tensors& in) { return group_norm(in[0], 2, 1.0, 0.0, {.epsilon = 0}); }},
            {{{2, 4}}, "cast first", [](const Tensors& in) { return group_norm(in[0], 2); }, {{.dtype = Dtype::int32}}},
        },
};
Tensor group_norm(
    const Operand& x, Index groups, const Operand& scale, const Operand& shift, const StandardizationOptions& options) {
  require_epsilon("group_norm", x, options.epsilon);
  if (groups < 1) fail_value("group_norm", x, fmt::format("{} groups, but there must be at least 1", groups));
  return apply(group_norm_op, {x, scale, shift}, Attributes({groups}, {options.epsilon}));
}

const Registered instance_norm_op = Operation{
    .name = "instance_norm",
    .formula = "y = (x - mean) / sqrt(variance + epsilon) scale + shift, over all axes but the first two",
    .inputs = {"x", "scale", "shift"},
    .expand =
        [](const Call& c) {
          require_channels(c, 1);
          const Tensor& x = c[0];
          require_several(c, x.count() / std::max<Index>(x.shape()[0] * x.shape()[1], 1), "a channel of each example");
          return standardized(c, 1);
        },
    .samples =
        {
            {{{2, 2, 3}, {2}, {2}}, [](const Tensors& in) { return instance_norm(in[0], in[1], in[2]); }},
            {{{1, 2, 2, 2}, {2}}, [](const Tensors& in) { return instance_norm(in[0], in[1]); }},
            {{{1, 2, 2, 1, 2}, {2}},
             [](const Tensors& in) { return instance_norm(in[0], 1.0, in[1], {.epsilon = large}); }},
            {{{1, 1, 4}}, [](const Tensors& in) { return instance_norm(in[0]); }},
            {{{0, 2, 3}, {2}, {2}}, [](const Tensors& in) { return instance_norm(in[0], in[1], in[2]); }},
        },
    .misfits =
        {
            {{{2, 3}}, "1 to 3 spatial axes", [](const Tensors& in) { return instance_norm(in[0]); }},
            {{{2, 3, 1}}, "one entry a channel", [](const Tensors& in) { return instance_norm(in[0]); }},
            {{{2, 3, 4}, {4}},
             "scale must have shape [3]",
             [](const Tensors& in) { return instance_norm(in[0], in[1]); }},
            {{{2, 3, 4}},
             "epsilon is 0",
             [](const Tensors& in) { return instance_norm(in[0], 1.0, 0.0, {.epsilon = 0}); }},
            {{{2, 3, 4}},
             "cast first",
             [](const Tensors& in) { return instance_norm(in[0]); },
             {{.dtype = Dtype::int32}}},
        },
};
Tensor instance_norm(
    const Operand& x, const Operand& scale, const Operand& shift, const StandardizationOptions& options) {
  require_epsilon("instance_norm", x, options.epsilon);
  return apply(instance_norm_op, {x, scale, shift}, Attributes({}, {options.epsilon}));
}

}  // namespace gradus
