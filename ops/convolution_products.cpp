#include <gradus/ops/convolution_products.h>

#include <fmt/format.h>

#include <gradus/ops/cpu/convolution.h>

namespace gradus {

namespace {

int spatial_axes(const Call& call) {
  const int rank = call[0].rank() - 2;
  call.require(rank >= 1 && rank <= max_spatial_axes, "takes one to three axes between examples and channels");
  return rank;
}

ConvolutionGeometry geometry_of(const Call& call) {
  const int rank = spatial_axes(call);
  return {.window = SlidingWindow::from(call.attributes(), rank), .groups = call.integer(rank)};
}

std::array<Index, max_spatial_axes> sizes_between(const Shape& shape) {
  std::array<Index, max_spatial_axes> sizes{};
  for (int axis = 1; axis + 1 < shape.rank(); ++axis) sizes[static_cast<std::size_t>(axis - 1)] = shape[axis];
  return sizes;
}

Index last_of(const Tensor& x) {
  return x.shape()[x.rank() - 1];
}

// [examples, positions…, channels].
Shape channels_last_shape(Index examples, const std::array<Index, max_spatial_axes>& sizes, int rank, Index channels) {
  Shape shape;
  shape.append(examples);
  for (int axis = 0; axis < rank; ++axis) shape.append(sizes[static_cast<std::size_t>(axis)]);
  shape.append(channels);
  return shape;
}

std::array<Index, max_spatial_axes> positions_over(
    const SlidingWindow& window, const std::array<Index, max_spatial_axes>& entries) {
  std::array<Index, max_spatial_axes> positions{};
  for (int axis = 0; axis < window.rank; ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    positions[i] = window[axis].positions(entries[i]);
  }
  return positions;
}

// That the weights of the second input fit the geometry and a number of filters' or channels' groups.
void require_weights(const Call& call, const ConvolutionGeometry& geometry) {
  const Shape& w = call[1].shape();
  call.require(w.rank() == geometry.window.rank + 2, "the weights must be [filters, channels / groups, window…]");
  for (int axis = 0; axis < geometry.window.rank; ++axis) {
    call.require(w[axis + 2] == geometry.window[axis].size, "the weights' window is not that of the geometry");
  }
  call.require(
      geometry.groups >= 1 && w[0] % geometry.groups == 0,
      fmt::format("{} filters cannot be shared out among {} groups", w[0], geometry.groups));
}

Shape convolution_shape(const Call& call) {
  const ConvolutionGeometry geometry = geometry_of(call);
  require_weights(call, geometry);
  const Index channels = last_of(call[0]), wanted = call[1].shape()[1] * geometry.groups;
  call.require(channels == wanted, fmt::format("x has {} channels where the weights take {}", channels, wanted));
  const auto positions = positions_over(geometry.window, sizes_between(call[0].shape()));
  for (int axis = 0; axis < geometry.window.rank; ++axis) {
    call.require(positions[static_cast<std::size_t>(axis)] > 0, "the window does not fit the padded axes");
  }
  return channels_last_shape(call[0].shape()[0], positions, geometry.window.rank, call[1].shape()[0]);
}

Shape data_gradient_shape(const Call& call) {
  const ConvolutionGeometry geometry = geometry_of(call);
  const int rank = geometry.window.rank;
  require_weights(call, geometry);
  call.require(last_of(call[0]) == call[1].shape()[0], "as many channels of g as filters are wanted");
  std::array<Index, max_spatial_axes> entries{};
  for (int axis = 0; axis < rank; ++axis) entries[static_cast<std::size_t>(axis)] = call.integer(rank + 1 + axis);
  call.require(
      positions_over(geometry.window, entries) == sizes_between(call[0].shape()),
      "g does not have the positions of the window over the gradient");
  return channels_last_shape(call[0].shape()[0], entries, rank, call[1].shape()[1] * geometry.groups);
}

Shape weight_gradient_shape(const Call& call) {
  const ConvolutionGeometry geometry = geometry_of(call);
  const Shape &x = call[0].shape(), &g = call[1].shape();
  call.require(x.rank() == g.rank() && x[0] == g[0], "x and g must have as many axes and examples");
  call.require(
      positions_over(geometry.window, sizes_between(x)) == sizes_between(g),
      "g does not have the positions of the window over x");
  const Index channels = last_of(call[0]), filters = last_of(call[1]);
  call.require(
      geometry.groups >= 1 && channels % geometry.groups == 0 && filters % geometry.groups == 0,
      fmt::format(
          "{} channels and {} filters cannot be shared out among {} groups", channels, filters, geometry.groups));
  Shape shape{filters, channels / geometry.groups};
  for (int axis = 0; axis < geometry.window.rank; ++axis) shape.append(geometry.window[axis].size);
  return shape;
}

// Samples: the first input's spatial axes, and what to do with the inputs.
constexpr ConvolutionGeometry along(WindowAxis a, Index groups = 1) {
  return {.window = {.rank = 1, .axes = {a}}, .groups = groups};
}
constexpr ConvolutionGeometry along(WindowAxis a, WindowAxis b, Index groups = 1) {
  return {.window = {.rank = 2, .axes = {a, b}}, .groups = groups};
}
constexpr ConvolutionGeometry along(WindowAxis a, WindowAxis b, WindowAxis c) {
  return {.window = {.rank = 3, .axes = {a, b, c}}, .groups = 1};
}

// Two axes of other windows, strides, paddings and dilations each; a stride that leaves entries over; groups.
constexpr ConvolutionGeometry plain = along({.size = 2}, {.size = 3}),
                              line = along({.size = 2, .stride = 2, .before = 1}, 1),
                              uneven =
                                  along({.size = 2, .stride = 2, .after = 1, .dilation = 2}, {.size = 2, .before = 1}),
                              grouped = along({.size = 2}, {.size = 2}, 2),
                              depthwise = along({.size = 3, .before = 1, .after = 1}, 3),
                              solid = along({.size = 2}, {.size = 1}, {.size = 2, .stride = 2});

template <const ConvolutionGeometry& geometry>
Tensor convolve(const Tensors& in) {
  return convolution(in[0], in[1], geometry);
}

template <const ConvolutionGeometry& geometry, Index... entries>
Tensor spread(const Tensors& in) {
  return convolution_data_gradient(in[0], in[1], geometry, {entries...});
}

template <const ConvolutionGeometry& geometry>
Tensor correlate(const Tensors& in) {
  return convolution_weight_gradient(in[0], in[1], geometry);
}

}  // namespace

const Registered convolution_op = Operation{
    .name = "convolution",
    .formula = "y_npf = sum_cq x_n(p·stride + q·dilation - padding)c w_fcq",
    .inputs = {"x", "w"},
    .shape = convolution_shape,
    .derivative =
        [](const Call& call, const Tensor&, const Tensor& g) {
          const ConvolutionGeometry geometry = geometry_of(call);
          return Tensors{
              convolution_data_gradient(g, call[1], geometry, sizes_between(call[0].shape())),
              convolution_weight_gradient(call[0], g, geometry)};
        },
    .prepare = cpu::convolution,
    .onnx = "Conv",
    .samples =
        {
            {.shapes = {{2, 3, 4, 2}, {2, 2, 2, 3}}, .build = convolve<plain>},
            {.shapes = {{2, 5, 2}, {3, 2, 2}}, .build = convolve<line>},
            {.shapes = {{1, 4, 3, 1}, {2, 1, 2, 2}}, .build = convolve<uneven>},
            {.shapes = {{2, 3, 3, 4}, {2, 2, 2, 2}}, .build = convolve<grouped>},
            {.shapes = {{2, 4, 3}, {3, 1, 3}}, .build = convolve<depthwise>},
            {.shapes = {{1, 2, 2, 4, 1}, {2, 1, 2, 1, 2}}, .build = convolve<solid>},
            {.shapes = {{0, 3, 4, 2}, {2, 2, 2, 3}}, .build = convolve<plain>},
        },
    .misfits =
        {
            {.shapes = {{2, 3, 4, 3}, {2, 2, 2, 3}}, .word = "3 channels where", .build = convolve<plain>},
            {.shapes = {{2, 3, 4, 2}, {2, 2, 3, 3}}, .word = "window", .build = convolve<plain>},
            {.shapes = {{2, 1, 4, 2}, {2, 2, 2, 3}}, .word = "does not fit", .build = convolve<plain>},
            {.shapes = {{2, 3, 3, 4}, {3, 2, 2, 2}}, .word = "shared out", .build = convolve<grouped>},
            {.shapes = {{2, 3}, {2, 2, 2}}, .word = "one to three axes", .build = convolve<line>},
        },
};

const Registered convolution_data_gradient_op = Operation{
    .name = "convolution_data_gradient",
    .formula = "x_n(p·stride + q·dilation - padding)c += g_npf w_fcq",
    .inputs = {"g", "w"},
    .shape = data_gradient_shape,
    .derivative =
        [](const Call& call, const Tensor&, const Tensor& cotangent) {
          const ConvolutionGeometry geometry = geometry_of(call);
          return Tensors{
              convolution(cotangent, call[1], geometry), convolution_weight_gradient(cotangent, call[0], geometry)};
        },
    .prepare = cpu::convolution_data_gradient,
    .onnx = "ConvTranspose",
    .samples =
        {
            {.shapes = {{2, 2, 2, 2}, {2, 2, 2, 3}}, .build = spread<plain, 3, 4>},
            {.shapes = {{2, 3, 3}, {3, 2, 2}}, .build = spread<line, 5>},
            {.shapes = {{1, 2, 3, 2}, {2, 1, 2, 2}}, .build = spread<uneven, 4, 3>},
            {.shapes = {{2, 2, 2, 2}, {2, 2, 2, 2}}, .build = spread<grouped, 3, 3>},
            {.shapes = {{2, 4, 3}, {3, 1, 3}}, .build = spread<depthwise, 4>},
            {.shapes = {{1, 1, 2, 2, 2}, {2, 1, 2, 1, 2}}, .build = spread<solid, 2, 2, 4>},
            {.shapes = {{0, 2, 2, 2}, {2, 2, 2, 3}}, .build = spread<plain, 3, 4>},
        },
    .misfits =
        {
            {.shapes = {{2, 2, 2, 3}, {2, 2, 2, 3}}, .word = "filters", .build = spread<plain, 3, 4>},
            {.shapes = {{2, 2, 3, 2}, {2, 2, 2, 3}}, .word = "positions", .build = spread<plain, 3, 4>},
        },
};

const Registered convolution_weight_gradient_op = Operation{
    .name = "convolution_weight_gradient",
    .formula = "w_fcq = sum_np x_n(p·stride + q·dilation - padding)c g_npf",
    .inputs = {"x", "g"},
    .shape = weight_gradient_shape,
    .derivative =
        [](const Call& call, const Tensor&, const Tensor& cotangent) {
          const ConvolutionGeometry geometry = geometry_of(call);
          return Tensors{
              convolution_data_gradient(call[1], cotangent, geometry, sizes_between(call[0].shape())),
              convolution(call[0], cotangent, geometry)};
        },
    .prepare = cpu::convolution_weight_gradient,
    .accumulates = true,
    .samples =
        {
            {.shapes = {{2, 3, 4, 2}, {2, 2, 2, 2}}, .build = correlate<plain>},
            {.shapes = {{2, 5, 2}, {2, 3, 3}}, .build = correlate<line>},
            {.shapes = {{1, 4, 3, 1}, {1, 2, 3, 2}}, .build = correlate<uneven>},
            {.shapes = {{2, 3, 3, 4}, {2, 2, 2, 2}}, .build = correlate<grouped>},
            {.shapes = {{2, 4, 3}, {2, 4, 3}}, .build = correlate<depthwise>},
            {.shapes = {{1, 2, 2, 4, 1}, {1, 1, 2, 2, 2}}, .build = correlate<solid>},
            {.shapes = {{0, 3, 4, 2}, {0, 2, 2, 2}}, .build = correlate<plain>},
        },
    .misfits =
        {
            {.shapes = {{2, 3, 4, 2}, {2, 2, 3, 2}}, .word = "positions", .build = correlate<plain>},
            {.shapes = {{2, 3, 4, 2}, {3, 2, 2, 2}}, .word = "examples", .build = correlate<plain>},
            {.shapes = {{2, 3, 3, 3}, {2, 2, 2, 2}}, .word = "shared out", .build = correlate<grouped>},
        },
};

Tensor convolution(const Operand& x, const Operand& w, const ConvolutionGeometry& geometry) {
  return apply(convolution_op, {x, w}, geometry.window.attributes({geometry.groups}));
}

Tensor convolution_data_gradient(
    const Operand& g, const Operand& w, const ConvolutionGeometry& geometry,
    const std::array<Index, max_spatial_axes>& entries) {
  const SlidingWindow& window = geometry.window;
  Attributes attributes;
  if (window.rank == 1) attributes = window.attributes({geometry.groups, entries[0]});
  if (window.rank == 2) attributes = window.attributes({geometry.groups, entries[0], entries[1]});
  if (window.rank == 3) attributes = window.attributes({geometry.groups, entries[0], entries[1], entries[2]});
  return apply(convolution_data_gradient_op, {g, w}, attributes);
}

Tensor convolution_weight_gradient(const Operand& x, const Operand& g, const ConvolutionGeometry& geometry) {
  return apply(convolution_weight_gradient_op, {x, g}, geometry.window.attributes({geometry.groups}));
}

}  // namespace gradus
