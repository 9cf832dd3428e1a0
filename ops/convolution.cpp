#include <gradus/ops/convolution.h>

#include <fmt/format.h>

#include <gradus/ops/arguments.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/convolution_products.h>
#include <gradus/ops/window_options.h>

namespace gradus {

namespace {

std::array<Index, max_spatial_axes> window_sizes(const Tensor& weights) {
  std::array<Index, max_spatial_axes> sizes{1, 1, 1};
  for (int axis = 2; axis < weights.rank(); ++axis) sizes[static_cast<std::size_t>(axis - 2)] = weights.shape()[axis];
  return sizes;
}

// What every convolution demands of its operands' axes.
void check_weights(std::string_view operation, const Operand& x, const Operand& weights, int rank, Index groups) {
  if (weights.tensor().rank() != rank + 2) {
    fail_shape(
        operation, weights,
        fmt::format("the weights need {} axes, their window's and two of filters and channels", rank + 2), "weights");
  }
  if (x.tensor().rank() != rank + 2) {
    fail_shape(operation, x, fmt::format("takes {} axes: examples, channels and {} more", rank + 2, rank));
  }
  if (groups < 1) fail_value(operation, x, fmt::format("groups must be at least 1, not {}", groups));
}

void check_bias(std::string_view operation, const Operand& bias, Index filters) {
  if (bias.tensor().shape() == Shape{filters}) return;
  fail_shape(operation, bias, fmt::format("the bias needs the shape [{}], an entry a filter", filters), "bias");
}

Tensor convolve(
    std::string_view operation, int rank, const Operand& x, const Operand& weights, const Operand* bias,
    const ConvolutionOptions& options) {
  check_weights(operation, x, weights, rank, options.groups);
  const Shape& w = weights.tensor().shape();
  const Index channels = x.tensor().shape()[1];
  if (channels != w[1] * options.groups) {
    fail_shape(
        operation, x,
        fmt::format(
            "{} channels meet weights {} for {}{}", channels, w.text(), w[1] * options.groups,
            options.groups == 1 ? "" : fmt::format(" in {} groups", options.groups)));
  }
  if (w[0] % options.groups != 0) {
    fail_shape(
        operation, weights, fmt::format("{} filters cannot be shared out among {} groups", w[0], options.groups),
        "weights");
  }
  if (bias) check_bias(operation, *bias, w[0]);
  const ConvolutionGeometry geometry{
      .window = sliding_window(
          operation, x, rank, window_sizes(weights.tensor()), {options.stride, options.padding, options.dilation}),
      .groups = options.groups};
  Tensor y = convolution(Operand(channels_last(x), x.where()), weights, geometry);
  if (bias) y = y + *bias;
  return channels_first(Operand(y, x.where()));
}

// The convolution whose gradient a transposed one is, and the sizes of that gradient.
struct Transposed {
  ConvolutionGeometry geometry;
  std::array<Index, max_spatial_axes> entries{};
};

Transposed transposed(
    std::string_view operation, int rank, const Operand& x, const Tensor& weights,
    const TransposedConvolutionOptions& options) {
  require_one_an_axis(operation, x, "stride", options.stride, rank);
  require_one_an_axis(operation, x, "padding", options.padding, rank);
  require_one_an_axis(operation, x, "output padding", options.output_padding, rank);
  require_one_an_axis(operation, x, "dilation", options.dilation, rank);
  Transposed result{.geometry = {.window = {.rank = rank}, .groups = options.groups}};
  for (int i = 0; i < rank; ++i) {
    WindowAxis& axis = result.geometry.window[i];
    axis = {
        .size = weights.shape()[i + 2],
        .stride = options.stride[i],
        .before = options.padding[i],
        .after = options.padding[i],
        .dilation = options.dilation[i]};
    const Index added = options.output_padding[i];
    require_within(operation, x, "the window's size", axis.size, 1, largest_window);
    require_within(operation, x, "stride", axis.stride, 1, largest_step);
    require_within(operation, x, "padding", axis.before, 0, largest_step);
    require_within(operation, x, "dilation", axis.dilation, 1, largest_step);
    require_within(operation, x, "output padding", added, 0, axis.stride - 1);
    const Index size = x.tensor().shape()[i + 2];
    const Index entries = (size - 1) * axis.stride - axis.before - axis.after + axis.extent() + added;
    if (size < 1 || entries < 1) {
      fail_shape(
          operation, x,
          fmt::format("nothing is left of axis {} once {} of padding are cut off", i + 2, axis.before + axis.after));
    }
    result.entries[static_cast<std::size_t>(i)] = entries;
  }
  return result;
}

Tensor convolve_transposed(
    std::string_view operation, int rank, const Operand& x, const Operand& weights, const Operand* bias,
    const TransposedConvolutionOptions& options) {
  check_weights(operation, x, weights, rank, options.groups);
  const Shape& w = weights.tensor().shape();
  const Index channels = x.tensor().shape()[1];
  if (channels != w[0]) {
    fail_shape(operation, x, fmt::format("{} channels meet weights {} for {}", channels, w.text(), w[0]));
  }
  if (channels % options.groups != 0) {
    fail_shape(operation, x, fmt::format("{} channels cannot be shared out among {} groups", channels, options.groups));
  }
  if (bias) check_bias(operation, *bias, w[1] * options.groups);
  const Transposed convolution = transposed(operation, rank, x, weights.tensor(), options);
  Tensor y = convolution_data_gradient(
      Operand(channels_last(x), x.where()), weights, convolution.geometry, convolution.entries);
  if (bias) y = y + *bias;
  return channels_first(Operand(y, x.where()));
}

}  // namespace

Tensor conv1d(const Operand& x, const Operand& weights, const ConvolutionOptions& options) {
  return convolve("conv1d", 1, x, weights, nullptr, options);
}
Tensor conv1d(const Operand& x, const Operand& weights, const Operand& bias, const ConvolutionOptions& options) {
  return convolve("conv1d", 1, x, weights, &bias, options);
}
Tensor conv2d(const Operand& x, const Operand& weights, const ConvolutionOptions& options) {
  return convolve("conv2d", 2, x, weights, nullptr, options);
}
Tensor conv2d(const Operand& x, const Operand& weights, const Operand& bias, const ConvolutionOptions& options) {
  return convolve("conv2d", 2, x, weights, &bias, options);
}
Tensor conv3d(const Operand& x, const Operand& weights, const ConvolutionOptions& options) {
  return convolve("conv3d", 3, x, weights, nullptr, options);
}
Tensor conv3d(const Operand& x, const Operand& weights, const Operand& bias, const ConvolutionOptions& options) {
  return convolve("conv3d", 3, x, weights, &bias, options);
}

Tensor conv_transpose1d(const Operand& x, const Operand& weights, const TransposedConvolutionOptions& options) {
  return convolve_transposed("conv_transpose1d", 1, x, weights, nullptr, options);
}
Tensor conv_transpose1d(
    const Operand& x, const Operand& weights, const Operand& bias, const TransposedConvolutionOptions& options) {
  return convolve_transposed("conv_transpose1d", 1, x, weights, &bias, options);
}
Tensor conv_transpose2d(const Operand& x, const Operand& weights, const TransposedConvolutionOptions& options) {
  return convolve_transposed("conv_transpose2d", 2, x, weights, nullptr, options);
}
Tensor conv_transpose2d(
    const Operand& x, const Operand& weights, const Operand& bias, const TransposedConvolutionOptions& options) {
  return convolve_transposed("conv_transpose2d", 2, x, weights, &bias, options);
}
Tensor conv_transpose3d(const Operand& x, const Operand& weights, const TransposedConvolutionOptions& options) {
  return convolve_transposed("conv_transpose3d", 3, x, weights, nullptr, options);
}
Tensor conv_transpose3d(
    const Operand& x, const Operand& weights, const Operand& bias, const TransposedConvolutionOptions& options) {
  return convolve_transposed("conv_transpose3d", 3, x, weights, &bias, options);
}

}  // namespace gradus
