#include <gradus/ops/pooling.h>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <gradus/ops/arguments.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/pooling_windows.h>
#include <gradus/ops/reduction.h>
#include <gradus/ops/window_options.h>

// Pooling to a size that is given: 1 (global), or any (adaptive).

namespace gradus {

namespace {

void require_spatial(const Call& call) {
  const int rank = call[0].rank() - 2;
  call.require(rank >= 1 && rank <= max_spatial_axes, "takes [examples, channels, axes…] with 1 to 3 spatial axes");
}

Axes spatial_axes(const Tensor& x) {
  std::array<Index, max_rank> axes{};
  std::iota(axes.begin(), axes.end(), 2);
  return Axes(std::span<const Index>(axes.data(), static_cast<std::size_t>(x.rank() - 2)));
}

// clang-format off
const Registered global_average_pool_op = Operation{
    .name = "global_average_pool",
    .formula = "y = the mean of x over all spatial axes",
    .inputs = {"x"},
    .expand = [](const Call& call) {
      require_spatial(call);
      return mean(call[0], spatial_axes(call[0]), keep_axes);
    },
    .onnx = "GlobalAveragePool",
    .samples = {
        {.shapes = {{2, 2, 3}}},
        {.shapes = {{2, 2, 3, 2}}},
        {.shapes = {{1, 2, 2, 3, 2}}},
        {.shapes = {{0, 2, 3}}},
    },
    .misfits = {{.shapes = {{2, 3}}, .word = "spatial"}},
};

const Registered global_max_pool_op = Operation{
    .name = "global_max_pool",
    .formula = "y = the greatest x over all spatial axes",
    .inputs = {"x"},
    .expand = [](const Call& call) {
      require_spatial(call);
      return max(call[0], spatial_axes(call[0]), keep_axes);
    },
    .onnx = "GlobalMaxPool",
    .samples = {
        {.shapes = {{2, 2, 3}}},
        {.shapes = {{2, 2, 3, 2}}},
        {.shapes = {{1, 2, 2, 3, 2}}},
        {.shapes = {{0, 2, 3}}},
    },
    .misfits = {
        {.shapes = {{2, 3}}, .word = "spatial"},
        {.shapes = {{2, 3, 0}}, .word = "no entries"},
    },
};
// clang-format on

using Pool = Tensor (*)(const Operand& x, const SlidingWindow& window);

Tensor mean_pool(const Operand& x, const SlidingWindow& window) {
  return sum_pool(x, window) * (1 / static_cast<double>(window.count()));
}

// Windows side by side, if the result's sizes divide x's.
std::optional<SlidingWindow> equal_bins(const Call& call) {
  SlidingWindow window{.rank = call[0].rank() - 2};
  for (int i = 0; i < window.rank; ++i) {
    const Index n = call[0].shape()[i + 2], m = call.integer(i);
    if (n % m != 0 || n / m > largest_step) return std::nullopt;
    window[i].size = window[i].stride = n / m;
  }
  return window;
}

// Bins of different sizes along one axis of a channels-last tensor, each a slice with a window of its own.
Tensor uneven_bins(const Call& call, const Tensor& x, int axis, Index m, Pool pool) {
  const Index n = x.shape()[axis];
  if (n == m) return x;
  Tensors bins;
  for (Index i = 0; i < m; ++i) {
    const Index start = i * n / m, stop = ((i + 1) * n + m - 1) / m;
    call.require(stop - start <= largest_window, "a bin would have more than 65,535 entries");
    SlidingWindow window{.rank = x.rank() - 2};
    window[axis - 1].size = stop - start;
    bins.push_back(pool(slice(x, axis, start, stop), window));
  }
  return concatenate(bins, axis);
}

Tensor adaptive(const Call& call, Pool pool) {
  same_floating(call);
  const int rank = call[0].rank() - 2;
  for (int i = 0; i < rank; ++i) call.require(call[0].shape()[i + 2] > 0, "there are no entries along a spatial axis");
  Tensor x = channels_last(call[0]);
  if (const auto window = equal_bins(call)) return channels_first(pool(x, *window));
  // From the last axis to the first, so that of equal entries the first in row-major order is the greatest.
  for (int i = rank; i-- > 0;) x = uneven_bins(call, x, i + 1, call.integer(i), pool);
  return channels_first(x);
}

// clang-format off
const Registered adaptive_average_pool_op = Operation{
    .name = "adaptive_average_pool",
    .formula = "y_i = the mean of x from floor(i n/m) to ceil((i + 1) n/m) along each spatial axis",
    .inputs = {"x"},
    .expand = [](const Call& call) { return adaptive(call, mean_pool); },
    .samples = {
        {.shapes = {{2, 2, 5}}, .build = [](const Tensors& x) { return adaptive_average_pool(x[0], 3); }},
        {.shapes = {{1, 2, 4, 6}}, .build = [](const Tensors& x) { return adaptive_average_pool(x[0], {2, 3}); }},
        {.shapes = {{1, 2, 4, 3}}, .build = [](const Tensors& x) { return adaptive_average_pool(x[0], {3, 5}); }},
        {.shapes = {{1, 1, 3, 4, 2}}, .build = [](const Tensors& x) { return adaptive_average_pool(x[0], 2); }},
        {.shapes = {{0, 2, 5}}, .build = [](const Tensors& x) { return adaptive_average_pool(x[0], 3); }},
    },
    .misfits = {
        {.shapes = {{2, 5}}, .word = "spatial", .build = [](const Tensors& x) {
           return adaptive_average_pool(x[0], 3);
         }},
        {.shapes = {{2, 2, 5}}, .word = "2 sizes", .build = [](const Tensors& x) {
           return adaptive_average_pool(x[0], {3, 3});
         }},
        {.shapes = {{2, 2, 5}}, .word = "at least 1", .build = [](const Tensors& x) {
           return adaptive_average_pool(x[0], 0);
         }},
        {.shapes = {{2, 2, 0}}, .word = "no entries", .build = [](const Tensors& x) {
           return adaptive_average_pool(x[0], 2);
         }},
    },
};

const Registered adaptive_max_pool_op = Operation{
    .name = "adaptive_max_pool",
    .formula = "y_i = the greatest x from floor(i n/m) to ceil((i + 1) n/m) along each spatial axis",
    .inputs = {"x"},
    .expand = [](const Call& call) { return adaptive(call, max_pool); },
    .samples = {
        {.shapes = {{2, 2, 5}}, .build = [](const Tensors& x) { return adaptive_max_pool(x[0], 3); }},
        {.shapes = {{1, 2, 4, 6}}, .build = [](const Tensors& x) { return adaptive_max_pool(x[0], {2, 3}); }},
        {.shapes = {{1, 2, 4, 3}}, .build = [](const Tensors& x) { return adaptive_max_pool(x[0], {3, 5}); }},
        {.shapes = {{1, 1, 3, 4, 2}}, .build = [](const Tensors& x) { return adaptive_max_pool(x[0], 2); }},
        {.shapes = {{0, 2, 5}}, .build = [](const Tensors& x) { return adaptive_max_pool(x[0], 3); }},
    },
    .misfits = {
        {.shapes = {{2, 5}}, .word = "spatial", .build = [](const Tensors& x) { return adaptive_max_pool(x[0], 3); }},
        {.shapes = {{2, 2, 0}}, .word = "no entries", .build = [](const Tensors& x) {
           return adaptive_max_pool(x[0], 2);
         }},
    },
};
// clang-format on

Tensor apply_adaptive(const Registered& operation, const Operand& x, const PerAxis& sizes) {
  if (x.tensor().empty()) return apply(operation, {x});  // which throws
  const int rank = x.tensor().rank() - 2;
  if (rank < 1 || rank > max_spatial_axes) {
    fail_shape(operation.name, x, "takes [examples, channels, axes…] with 1 to 3 spatial axes");
  }
  if (sizes.count() != 0 && sizes.count() != rank) {
    fail_shape(operation.name, x, fmt::format("there are {} sizes for {} spatial axes", sizes.count(), rank));
  }
  std::array<Index, max_spatial_axes> numbers{};
  for (int i = 0; i < rank; ++i) {
    if (sizes[i] < 1) fail_value(operation.name, x, fmt::format("sizes must be at least 1, not {}", sizes[i]));
    numbers[static_cast<std::size_t>(i)] = sizes[i];
  }
  return apply(operation, {x}, Attributes(std::span<const Index>(numbers.data(), static_cast<std::size_t>(rank))));
}

}  // namespace

Tensor global_average_pool(const Operand& x) {
  return apply(global_average_pool_op, {x});
}
Tensor global_max_pool(const Operand& x) {
  return apply(global_max_pool_op, {x});
}
Tensor adaptive_average_pool(const Operand& x, const PerAxis& sizes) {
  return apply_adaptive(adaptive_average_pool_op, x, sizes);
}
Tensor adaptive_max_pool(const Operand& x, const PerAxis& sizes) {
  return apply_adaptive(adaptive_max_pool_op, x, sizes);
}

}  // namespace gradus
