#include <gradus/ops/pooling.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/ops/arguments.h>
#include <gradus/ops/creation.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/pooling_windows.h>
#include <gradus/ops/window_options.h>

// Windows of fixed sizes. ops/adaptive_pooling.cpp has those that follow from the result's size.

namespace gradus {

namespace {

using Sizes = std::array<Index, max_spatial_axes>;

// The window of a call, whose padding may not fill one.
SlidingWindow pooling_window(
    std::string_view operation, const Operand& x, int rank, const PerAxis& size, const PerAxis& stride,
    const Padding& padding, const PerAxis& dilation) {
  require_one_an_axis(operation, x, "the window's size", size, rank);
  require_one_an_axis(operation, x, "stride", stride, rank);
  Sizes sizes{}, strides{};
  for (int i = 0; i < rank; ++i) {
    const auto axis = static_cast<std::size_t>(i);
    sizes[axis] = size[i];
    strides[axis] = stride[i] == 0 ? size[i] : stride[i];
  }
  const PerAxis stepping = rank == 1   ? PerAxis{strides[0]}
                           : rank == 2 ? PerAxis{strides[0], strides[1]}
                                       : PerAxis{strides[0], strides[1], strides[2]};
  const SlidingWindow window =
      sliding_window(operation, x, rank, sizes, {.stride = stepping, .padding = padding, .dilation = dilation});
  for (int i = 0; i < rank; ++i) {
    if (window[i].after > window[i].extent() / 2) {
      fail_value(
          operation, x,
          fmt::format("padding of {} is more than half a window over {} entries", window[i].after, window[i].extent()));
    }
    if (!always_holds_an_entry(window[i], x.tensor().shape()[i + 2])) {
      fail_shape(operation, x, fmt::format("along axis {} a window would hold nothing but padding", i + 2));
    }
  }
  return window;
}

template <class Options>
SlidingWindow pooling_window(
    std::string_view operation, const Operand& x, int rank, const PerAxis& size, const Options& options) {
  return pooling_window(operation, x, rank, size, options.stride, options.padding, options.dilation);
}

SlidingWindow window_of(const Call& call) {
  return SlidingWindow::from(call.attributes(), call[0].rank() - 2);
}

Tensor expanded_max(const Call& call) {
  return channels_first(max_pool(channels_last(call[0]), window_of(call)));
}

// How many entries of x each window has, as [1, axes…, 1].
Tensor entries_in(const SlidingWindow& window, const Tensor& x) {
  Shape shape = x.shape();
  shape[0] = shape[shape.rank() - 1] = 1;
  return sum_pool(ones(shape, x.dtype()), window);
}

Tensor expanded_average(const Call& call) {
  same_floating(call);
  const SlidingWindow window = window_of(call);
  const Tensor x = channels_last(call[0]), sums = sum_pool(x, window);
  const bool padded =
      std::ranges::any_of(window.axes, [](const WindowAxis& axis) { return axis.before + axis.after > 0; });
  if (padded && call.integer(window.rank) == 0) return channels_first(sums / entries_in(window, x));
  return channels_first(sums * (1 / static_cast<double>(window.count())));
}

// What all of them share; samples and misfits are those of one number of axes.
Operation max_pooling(std::string_view name, std::vector<Sample> samples, std::vector<Misfit> misfits) {
  return {
      .name = name,
      .formula = "y_i = the greatest x in window i, channel by channel",
      .inputs = {"x"},
      .expand = expanded_max,
      .onnx = "MaxPool",
      .samples = std::move(samples),
      .misfits = std::move(misfits),
  };
}
Operation average_pooling(std::string_view name, std::vector<Sample> samples, std::vector<Misfit> misfits) {
  return {
      .name = name,
      .formula = "y_i = the mean of x over window i, channel by channel",
      .inputs = {"x"},
      .expand = expanded_average,
      .onnx = "AveragePool",
      .samples = std::move(samples),
      .misfits = std::move(misfits),
  };
}

// clang-format off
const Registered max_pool1d_op = max_pooling(
    "max_pool1d",
    {
        {.shapes = {{2, 2, 4}}, .build = [](const Tensors& x) { return max_pool1d(x[0], 2); }},
        {.shapes = {{1, 2, 6}}, .build = [](const Tensors& x) {
           return max_pool1d(x[0], 3, {.stride = 2, .padding = 1});
         }},
        {.shapes = {{0, 2, 4}}, .build = [](const Tensors& x) { return max_pool1d(x[0], 2); }},
    },
    {
        {.shapes = {{2, 4}}, .word = "length", .build = [](const Tensors& x) { return max_pool1d(x[0], 2); }},
        {.shapes = {{2, 2, 4}}, .word = "does not fit", .build = [](const Tensors& x) { return max_pool1d(x[0], 5); }},
        {.shapes = {{2, 2, 4}}, .word = "half a window", .build = [](const Tensors& x) {
           return max_pool1d(x[0], 3, {.padding = 2});
         }},
    });

const Registered max_pool2d_op = max_pooling(
    "max_pool2d",
    {
        {.shapes = {{2, 2, 4, 4}}, .build = [](const Tensors& x) { return max_pool2d(x[0], 2); }},
        {.shapes = {{1, 2, 5, 4}}, .build = [](const Tensors& x) {
           return max_pool2d(x[0], {2, 3}, {.stride = 1, .padding = {0, 1}, .dilation = {2, 1}});
         }},
        {.shapes = {{1, 2, 5, 4}}, .build = [](const Tensors& x) {
           return max_pool2d(x[0], 3, {.stride = 2, .padding = Padding::same()});
         }},
        {.shapes = {{0, 2, 4, 4}}, .build = [](const Tensors& x) { return max_pool2d(x[0], 2); }},
    },
    {
        {.shapes = {{2, 4, 4}}, .word = "height", .build = [](const Tensors& x) { return max_pool2d(x[0], 2); }},
        {.shapes = {{2, 2, 4, 4}}, .word = "3 numbers", .build = [](const Tensors& x) {
           return max_pool2d(x[0], {2, 2, 2});
         }},
        {.shapes = {{2, 2, 4, 4}}, .word = "stride", .build = [](const Tensors& x) {
           return max_pool2d(x[0], 2, {.stride = -1});
         }},
        {.shapes = {{2, 2, 1, 4}}, .word = "nothing but padding", .build = [](const Tensors& x) {
           return max_pool2d(x[0], 2, {.stride = 1, .padding = 2, .dilation = 3});
         }},
    });

const Registered max_pool3d_op = max_pooling(
    "max_pool3d",
    {
        {.shapes = {{1, 2, 2, 4, 4}}, .build = [](const Tensors& x) { return max_pool3d(x[0], 2); }},
        {.shapes = {{1, 1, 3, 4, 4}}, .build = [](const Tensors& x) {
           return max_pool3d(x[0], {3, 2, 2}, {.stride = {2, 1, 2}, .padding = 1});
         }},
        {.shapes = {{0, 2, 2, 4, 4}}, .build = [](const Tensors& x) { return max_pool3d(x[0], 2); }},
    },
    {
        {.shapes = {{2, 2, 4, 4}}, .word = "depth", .build = [](const Tensors& x) { return max_pool3d(x[0], 2); }},
        {.shapes = {{2, 2, 4, 4, 4}}, .word = "2 numbers", .build = [](const Tensors& x) {
           return max_pool3d(x[0], 2, {.stride = {1, 2}});
         }},
    });

const Registered average_pool1d_op = average_pooling(
    "average_pool1d",
    {
        {.shapes = {{2, 2, 4}}, .build = [](const Tensors& x) { return average_pool1d(x[0], 2); }},
        {.shapes = {{1, 2, 6}}, .build = [](const Tensors& x) {
           return average_pool1d(x[0], 3, {.stride = 2, .padding = 1});
         }},
        {.shapes = {{1, 2, 6}}, .build = [](const Tensors& x) {
           return average_pool1d(x[0], 3, {.stride = 2, .padding = 1, .count_padding = false});
         }},
        {.shapes = {{0, 2, 4}}, .build = [](const Tensors& x) { return average_pool1d(x[0], 2); }},
    },
    {
        {.shapes = {{2, 4}}, .word = "length", .build = [](const Tensors& x) { return average_pool1d(x[0], 2); }},
        {.shapes = {{2, 2, 4}}, .word = "half a window", .build = [](const Tensors& x) {
           return average_pool1d(x[0], 2, {.padding = 2});
         }},
    });

const Registered average_pool2d_op = average_pooling(
    "average_pool2d",
    {
        {.shapes = {{2, 2, 4, 4}}, .build = [](const Tensors& x) { return average_pool2d(x[0], 2); }},
        {.shapes = {{1, 2, 5, 4}}, .build = [](const Tensors& x) {
           return average_pool2d(x[0], {2, 3}, {.stride = 1, .padding = {0, 1}, .dilation = {2, 1}});
         }},
        {.shapes = {{1, 2, 5, 4}}, .build = [](const Tensors& x) {
           return average_pool2d(x[0], 3, {.stride = 2, .padding = Padding::same(), .count_padding = false});
         }},
        {.shapes = {{0, 2, 4, 4}}, .build = [](const Tensors& x) { return average_pool2d(x[0], 2); }},
    },
    {
        {.shapes = {{2, 4, 4}}, .word = "height", .build = [](const Tensors& x) { return average_pool2d(x[0], 2); }},
        {.shapes = {{2, 2, 4, 4}}, .word = "does not fit", .build = [](const Tensors& x) {
           return average_pool2d(x[0], {2, 5});
         }},
    });

const Registered average_pool3d_op = average_pooling(
    "average_pool3d",
    {
        {.shapes = {{1, 2, 2, 4, 4}}, .build = [](const Tensors& x) { return average_pool3d(x[0], 2); }},
        {.shapes = {{1, 1, 3, 4, 4}}, .build = [](const Tensors& x) {
           return average_pool3d(x[0], {3, 2, 2}, {.stride = {2, 1, 2}, .padding = 1, .count_padding = false});
         }},
        {.shapes = {{0, 2, 2, 4, 4}}, .build = [](const Tensors& x) { return average_pool3d(x[0], 2); }},
    },
    {
        {.shapes = {{2, 2, 4, 4}}, .word = "depth", .build = [](const Tensors& x) { return average_pool3d(x[0], 2); }},
    });
// clang-format on

Tensor apply_max(
    const Registered& operation, const Operand& x, int rank, const PerAxis& size, const MaxPoolOptions& options) {
  if (x.tensor().empty()) return apply(operation, {x});  // which throws
  return apply(operation, {x}, pooling_window(operation.name, x, rank, size, options).attributes());
}
Tensor apply_average(
    const Registered& operation, const Operand& x, int rank, const PerAxis& size, const AveragePoolOptions& options) {
  if (x.tensor().empty()) return apply(operation, {x});  // which throws
  const SlidingWindow window = pooling_window(operation.name, x, rank, size, options);
  return apply(operation, {x}, window.attributes({options.count_padding}));
}

}  // namespace

Tensor max_pool1d(const Operand& x, const PerAxis& size, const MaxPoolOptions& options) {
  return apply_max(max_pool1d_op, x, 1, size, options);
}
Tensor max_pool2d(const Operand& x, const PerAxis& size, const MaxPoolOptions& options) {
  return apply_max(max_pool2d_op, x, 2, size, options);
}
Tensor max_pool3d(const Operand& x, const PerAxis& size, const MaxPoolOptions& options) {
  return apply_max(max_pool3d_op, x, 3, size, options);
}

Tensor average_pool1d(const Operand& x, const PerAxis& size, const AveragePoolOptions& options) {
  return apply_average(average_pool1d_op, x, 1, size, options);
}
Tensor average_pool2d(const Operand& x, const PerAxis& size, const AveragePoolOptions& options) {
  return apply_average(average_pool2d_op, x, 2, size, options);
}
Tensor average_pool3d(const Operand& x, const PerAxis& size, const AveragePoolOptions& options) {
  return apply_average(average_pool3d_op, x, 3, size, options);
}

}  // namespace gradus
