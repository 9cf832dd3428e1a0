#include <gradus/ops/upsampling.h>

#include <fmt/format.h>

#include <gradus/ops/activation.h>
#include <gradus/ops/arguments.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/creation.h>
#include <gradus/ops/linear_algebra.h>
#include <gradus/ops/logic.h>
#include <gradus/ops/movement.h>

namespace gradus {

namespace {

using Sizes = std::array<Index, max_spatial_axes>;

// One number a spatial axis of x, of those given; at least 1 each.
Sizes numbers_for(std::string_view operation, const Operand& x, std::string_view name, const PerAxis& numbers) {
  const int rank = x.tensor().rank() - 2;
  if (rank < 1 || rank > max_spatial_axes) {
    fail_shape(operation, x, "takes [examples, channels, axes…] with 1 to 3 spatial axes");
  }
  if (numbers.count() != 0 && numbers.count() != rank) {
    fail_shape(operation, x, fmt::format("there are {} {} for {} spatial axes", numbers.count(), name, rank));
  }
  Sizes sizes{};
  for (int i = 0; i < rank; ++i) {
    if (numbers[i] < 1) fail_value(operation, x, fmt::format("{} must be at least 1, not {}", name, numbers[i]));
    sizes[static_cast<std::size_t>(i)] = numbers[i];
  }
  return sizes;
}

std::span<const Index> used(const Sizes& sizes, const Operand& x) {
  return {sizes.data(), static_cast<std::size_t>(x.tensor().rank() - 2)};
}

// One axis after the other: all at once would take more axes than a tensor can have.
Tensor repeated(const Call& call) {
  same_floating(call);
  Tensor x = call[0];
  for (int axis = x.rank() - 1; axis >= 2; --axis) {
    const Index factor = call.integer(axis - 2);
    if (factor == 1) continue;
    Shape joined = x.shape();
    joined[axis] *= factor;
    x = reshape(broadcast_to(expand(x, axis + 1), x.shape().with(axis + 1, factor)), joined);
  }
  return x;
}

// clang-format off
const Registered upsample_nearest_op = Operation{
    .name = "upsample_nearest",
    .formula = "y_i = x_floor(i / factor) along each spatial axis",
    .inputs = {"x"},
    .expand = repeated,
    .onnx = "Resize",
    .samples = {
        {.shapes = {{2, 2, 3}}, .build = [](const Tensors& x) { return upsample_nearest(x[0], 2); }},
        {.shapes = {{1, 2, 2, 3}}, .build = [](const Tensors& x) { return upsample_nearest(x[0], {3, 2}); }},
        {.shapes = {{1, 1, 2, 1, 2}}, .build = [](const Tensors& x) { return upsample_nearest(x[0], {2, 1, 3}); }},
        {.shapes = {{0, 2, 3}}, .build = [](const Tensors& x) { return upsample_nearest(x[0], 2); }},
    },
    .misfits = {
        {.shapes = {{2, 3}}, .word = "spatial", .build = [](const Tensors& x) { return upsample_nearest(x[0], 2); }},
        {.shapes = {{2, 2, 3}}, .word = "2 factors", .build = [](const Tensors& x) {
           return upsample_nearest(x[0], {2, 2});
         }},
        {.shapes = {{2, 2, 3}}, .word = "at least 1", .build = [](const Tensors& x) {
           return upsample_nearest(x[0], 0);
         }},
    },
};
// clang-format on

// [n, m]: how much entry i of n has to do with entry j of m. It falls off linearly from the place where j lies, to 0 at
// the next entry. In float64 whatever x is, for long axes.
Tensor weights(Index n, Index m, bool align_corners, Dtype dtype) {
  const auto all = static_cast<double>(n), wanted = static_cast<double>(m);
  Tensor place = iota(m, Dtype::float64);
  if (align_corners) {
    place = m == 1 ? place : place * ((all - 1) / (wanted - 1));
  } else {
    place = clip((place + 0.5) * (all / wanted) - 0.5, 0, all - 1);
  }
  return cast(relu(1 - absolute(reshape(iota(n, Dtype::float64), Shape{n, 1}) - place)), dtype);
}

Tensor interpolated(const Call& call) {
  same_floating(call);
  Tensor x = call[0];
  for (int axis = 2; axis < x.rank(); ++axis) {
    const Index n = x.shape()[axis], m = call.integer(axis - 2);
    call.require(n > 0, "there are no entries along a spatial axis");
    if (n == m) continue;
    const bool align_corners = call.integer(call[0].rank() - 2) != 0;
    x = swap_axes(matmul(swap_axes(x, axis, -1), weights(n, m, align_corners, x.dtype())), axis, -1);
  }
  return x;
}

// clang-format off
const Registered resize_linear_op = Operation{
    .name = "resize_linear",
    .formula = "y_i = x interpolated linearly at (i + 1/2) n/m - 1/2 along each spatial axis",
    .inputs = {"x"},
    .expand = interpolated,
    // The products that it becomes read strided memory as it lies, and may round otherwise.
    .accepts = [](int, const KernelRequest&) { return true; },
    .onnx = "Resize",
    .samples = {
        {.shapes = {{2, 2, 3}}, .build = [](const Tensors& x) { return resize_linear(x[0], 5); }},
        {.shapes = {{1, 2, 2, 3}}, .build = [](const Tensors& x) { return resize_linear(x[0], {4, 3}); }},
        {.shapes = {{1, 2, 4, 3}}, .build = [](const Tensors& x) {
           return resize_linear(x[0], {2, 5}, {.align_corners = true});
         }},
        {.shapes = {{1, 1, 2, 1, 2}}, .build = [](const Tensors& x) { return upsample_linear(x[0], {2, 2, 1}); }},
        {.shapes = {{0, 2, 3}}, .build = [](const Tensors& x) { return resize_linear(x[0], 5); }},
    },
    .misfits = {
        {.shapes = {{2, 3}}, .word = "spatial", .build = [](const Tensors& x) { return resize_linear(x[0], 5); }},
        {.shapes = {{2, 2, 3}}, .word = "2 sizes", .build = [](const Tensors& x) {
           return resize_linear(x[0], {2, 2});
         }},
        {.shapes = {{2, 2, 3}}, .word = "at least 1", .build = [](const Tensors& x) {
           return upsample_linear(x[0], 0);
         }},
        {.shapes = {{2, 2, 0}}, .word = "no entries", .build = [](const Tensors& x) {
           return resize_linear(x[0], 2);
         }},
    },
};
// clang-format on

Tensor resize(const Operand& x, const Sizes& sizes, const LinearOptions& options) {
  Shape integers(used(sizes, x));
  integers.append(options.align_corners);
  return apply(resize_linear_op, {x}, Attributes(integers));
}

}  // namespace

Tensor upsample_nearest(const Operand& x, const PerAxis& factors) {
  if (x.tensor().empty()) return apply(upsample_nearest_op, {x});  // which throws
  const Sizes sizes = numbers_for("upsample_nearest", x, "factors", factors);
  return apply(upsample_nearest_op, {x}, Attributes(used(sizes, x)));
}

Tensor resize_linear(const Operand& x, const PerAxis& sizes, const LinearOptions& options) {
  if (x.tensor().empty()) return apply(resize_linear_op, {x});  // which throws
  return resize(x, numbers_for("resize_linear", x, "sizes", sizes), options);
}

Tensor upsample_linear(const Operand& x, const PerAxis& factors, const LinearOptions& options) {
  if (x.tensor().empty()) return apply(resize_linear_op, {x});  // which throws
  Sizes sizes = numbers_for("upsample_linear", x, "factors", factors);
  for (int i = 0; i + 2 < x.tensor().rank(); ++i) {
    Index& size = sizes[static_cast<std::size_t>(i)];
    const Index entries = x.tensor().shape()[i + 2];
    if (entries == 0) fail_shape("upsample_linear", x, "there are no entries along a spatial axis");
    size *= entries;
  }
  return resize(x, sizes, options);
}

}  // namespace gradus
