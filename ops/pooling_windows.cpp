#include <gradus/ops/identities.h>
#include <gradus/ops/pooling_windows.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/ops/arguments.h>
#include <gradus/ops/cpu/pooling.h>
#include <gradus/ops/creation.h>
#include <gradus/ops/movement.h>

namespace gradus {

bool always_holds_an_entry(const WindowAxis& axis, Index entries) {
  for (Index position = 0; position < axis.positions(entries); ++position) {
    const Index from = position * axis.stride - axis.before;
    const Index skipped = from < 0 ? (axis.dilation - 1 - from) / axis.dilation : 0;
    if (skipped >= axis.size || from + skipped * axis.dilation >= entries) return false;
  }
  return true;
}

namespace {

SlidingWindow window_of(const Call& call) {
  return SlidingWindow::from(call.attributes(), call[0].rank() - 2);
}

Shape spatial(const Shape& x) {
  return x.without(x.rank() - 1).without(0);
}

// One entry a window over x's shape.
Shape positions_in(const Call& call, const Shape& x) {
  const SlidingWindow window = window_of(call);
  Shape shape = x;
  for (int i = 0; i < window.rank; ++i) {
    const Index entries = x[i + 1], positions = entries == 0 ? 0 : window[i].positions(entries);
    if (positions == 0) {
      call.fail(fmt::format("a window over {} entries does not fit axis {} of {}", window[i].extent(), i + 1, entries));
    }
    shape[i + 1] = positions;
  }
  return shape;
}

Shape maxima_in(const Call& call) {
  const Shape shape = positions_in(call, call[0].shape());
  const SlidingWindow window = window_of(call);
  for (int i = 0; i < window.rank; ++i) {
    call.require(
        always_holds_an_entry(window[i], call[0].shape()[i + 1]),
        "a window would hold nothing but padding, which has no maximum");
  }
  return shape;
}

void require_rank(std::string_view operation, const Operand& x, const SlidingWindow& window) {
  if (x.tensor().empty() || x.tensor().rank() == window.rank + 2) return;
  fail_shape(
      operation, x,
      fmt::format(
          "a window over {} ax{}s takes [examples, axes…, channels]", window.rank, window.rank == 1 ? "i" : "e"));
}

// The calls' axis joins that of the examples.
Tensor batched_windows(const Call& call, std::uint32_t stacked) {
  Index calls = 0, examples = 0;
  for (int i = 0; i < call.input_count(); ++i) {
    const bool is_stacked = (stacked >> i & 1) != 0;
    if (is_stacked) calls = call[i].shape()[0];
    examples = call[i].shape()[is_stacked ? 1 : 0];
  }
  std::vector<Operand> inputs;
  for (int i = 0; i < call.input_count(); ++i) {
    const bool is_stacked = (stacked >> i & 1) != 0;
    const Tensor each = is_stacked ? call[i] : broadcast_to(call[i], call[i].shape().with(0, calls));
    Shape joined = each.shape().without(0);
    joined[0] = calls * examples;
    inputs.emplace_back(reshape(each, joined));
  }
  const Tensor y = apply(static_cast<const Registered&>(call.operation()), inputs, call.attributes());
  Shape apart = y.shape().with(0, calls);
  apart[1] = examples;
  return reshape(y, apart);
}

// Windows for samples, the same along every spatial axis: only the number of these and their sizes matter.
SlidingWindow over(const Shape& sizes, Index size, const WindowOptions& options) {
  const Tensor x = zeros(sizes.with(0, 1).with(0, 1));
  return sliding_window("sample", x, sizes.rank(), {size, size, size}, options);
}
SlidingWindow pairs(const Shape& sizes) {
  return over(sizes, 2, {.stride = 2});
}
SlidingWindow overlapping(const Shape& sizes) {
  return over(sizes, 3, {.stride = 2, .padding = 1});
}
SlidingWindow dilated(const Shape& sizes) {
  return over(sizes, 2, {.dilation = 2});
}
SlidingWindow sparse(const Shape& sizes) {
  return over(sizes, 2, {.stride = 3});
}
using Window = SlidingWindow (*)(const Shape& sizes);

template <Window window>
Tensor max_sample(const Tensors& x) {
  return max_pool(x[0], window(spatial(x[0].shape())));
}
template <Window window>
Tensor spread_sample(const Tensors& x) {
  return max_pool_spread(x[0], x[1], window(spatial(x[0].shape())));
}
template <Window window>
Tensor pick_sample(const Tensors& x) {
  return max_pool_pick(x[0], x[1], window(spatial(x[0].shape())));
}
template <Window window>
Tensor sum_sample(const Tensors& x) {
  return sum_pool(x[0], window(spatial(x[0].shape())));
}
template <Window window>
Tensor sum_spread_to(const Tensor& g, const Shape& sizes) {
  return sum_pool_spread(g, window(sizes), sizes.sizes());
}

// For misfits: two entries.
SlidingWindow one_axis(Index padding, Index dilation) {
  SlidingWindow window{.rank = 1};
  window[0] = {.size = 2, .stride = 1, .before = padding, .after = padding, .dilation = dilation};
  return window;
}

}  // namespace

// clang-format off
const Registered max_pool_op = Operation{
    .name = "max_pool",
    .formula = "y_i = the greatest x in window i, channel by channel",
    .inputs = {"x"},
    .shape = maxima_in,
    .derivative = [](const Call& call, const Tensor&, const Tensor& g) {
      return Tensors{max_pool_spread(call[0], g, window_of(call))};
    },
    .rewrite = identities::of_max_pool,
    .prepare = cpu::max_pool,
    .batched = batched_windows,
    .samples = {
        {.shapes = {{2, 5, 2}}, .build = max_sample<overlapping>},
        {.shapes = {{2, 4, 4, 2}}, .build = max_sample<pairs>},
        {.shapes = {{1, 5, 6, 2}}, .build = max_sample<sparse>},
        {.shapes = {{1, 5, 4, 2}}, .build = max_sample<overlapping>},
        {.shapes = {{1, 4, 5, 2}}, .build = max_sample<dilated>},
        {.shapes = {{1, 4, 2, 9}}, .build = max_sample<pairs>},
        {.shapes = {{1, 3, 3, 4, 1}}, .build = max_sample<overlapping>},
        {.shapes = {{1, 2, 2, 5, 1}}, .build = max_sample<pairs>},
        {.shapes = {{0, 4, 4, 2}}, .build = max_sample<pairs>},
        {.shapes = {{2, 4, 0}}, .build = max_sample<pairs>},
    },
    .misfits = {
        {.shapes = {{2, 4, 2}}, .word = "over 2 axes", .build = [](const Tensors& x) {
           return max_pool(x[0], pairs({4, 4}));
         }},
        {.shapes = {{2, 1, 2}}, .word = "does not fit", .build = [](const Tensors& x) {
           return max_pool(x[0], one_axis(0, 1));
         }},
        {.shapes = {{2, 1, 2}}, .word = "nothing but padding", .build = [](const Tensors& x) {
           return max_pool(x[0], one_axis(2, 3));
         }},
    },
};

const Registered max_pool_spread_op = Operation{
    .name = "max_pool_spread",
    .formula = "g added to zeros where window i of x is greatest, channel by channel",
    .inputs = {"x", "g"},
    .shape = [](const Call& call) {
      call.require(call[1].shape() == maxima_in(call), "g must have one entry a window");
      return call[0].shape();
    },
    .derivative = [](const Call& call, const Tensor&, const Tensor& h) {
      return Tensors{Tensor(), max_pool_pick(call[0], h, window_of(call))};
    },
    .prepare = cpu::max_pool_spread,
    .batched = batched_windows,
    .samples = {
        {.shapes = {{2, 5, 2}, {2, 3, 2}}, .build = spread_sample<overlapping>},
        {.shapes = {{1, 4, 4, 2}, {1, 2, 2, 2}}, .build = spread_sample<pairs>},
        {.shapes = {{1, 5, 6, 2}, {1, 2, 2, 2}}, .build = spread_sample<sparse>},
        {.shapes = {{1, 5, 4, 2}, {1, 3, 2, 2}}, .build = spread_sample<overlapping>},
        {.shapes = {{1, 4, 2, 9}, {1, 2, 1, 9}}, .build = spread_sample<pairs>},
        {.shapes = {{1, 4, 4, 2}, {1, 2, 2, 2}}, .build = spread_sample<dilated>},
        {.shapes = {{1, 2, 2, 5, 1}, {1, 1, 1, 2, 1}}, .build = spread_sample<pairs>},
        {.shapes = {{0, 4, 4, 2}, {0, 2, 2, 2}}, .build = spread_sample<pairs>},
    },
    .misfits = {
        {.shapes = {{2, 4, 2}, {2, 3, 2}}, .word = "one entry a window", .build = [](const Tensors& x) {
           return max_pool_spread(x[0], x[1], pairs({4}));
         }},
        {.shapes = {{2, 4}, {2, 2}}, .word = "over 1 ax", .build = [](const Tensors& x) {
           return max_pool_spread(x[0], x[1], pairs({4}));
         }},
    },
};

const Registered max_pool_pick_op = Operation{
    .name = "max_pool_pick",
    .formula = "y_i = h where window i of x is greatest, channel by channel",
    .inputs = {"x", "h"},
    .shape = [](const Call& call) {
      call.require(call[0].shape() == call[1].shape(), "h must have x's shape");
      return maxima_in(call);
    },
    .derivative = [](const Call& call, const Tensor&, const Tensor& g) {
      return Tensors{Tensor(), max_pool_spread(call[0], g, window_of(call))};
    },
    .prepare = cpu::max_pool_pick,
    .batched = batched_windows,
    .samples = {
        {.shapes = {{1, 5, 2}, {1, 5, 2}}, .build = pick_sample<overlapping>},
        {.shapes = {{1, 4, 4, 2}, {1, 4, 4, 2}}, .build = pick_sample<pairs>},
        {.shapes = {{1, 4, 2, 9}, {1, 4, 2, 9}}, .build = pick_sample<pairs>},
        {.shapes = {{1, 2, 2, 5, 1}, {1, 2, 2, 5, 1}}, .build = pick_sample<overlapping>},
        {.shapes = {{0, 4, 2}, {0, 4, 2}}, .build = pick_sample<pairs>},
    },
    .misfits = {
        {.shapes = {{2, 4, 2}, {2, 2, 2}}, .word = "x's shape", .build = [](const Tensors& x) {
           return max_pool_pick(x[0], x[1], pairs({4}));
         }},
        {.shapes = {{2, 4}, {2, 4}}, .word = "over 1 ax", .build = [](const Tensors& x) {
           return max_pool_pick(x[0], x[1], pairs({4}));
         }},
    },
};

const Registered sum_pool_op = Operation{
    .name = "sum_pool",
    .formula = "y_i = the sum of x over window i, channel by channel",
    .inputs = {"x"},
    .shape = [](const Call& call) { return positions_in(call, call[0].shape()); },
    .derivative = [](const Call& call, const Tensor&, const Tensor& g) {
      const std::span<const Index> sizes = call[0].shape().sizes();
      return Tensors{sum_pool_spread(g, window_of(call), sizes.subspan(1, sizes.size() - 2))};
    },
    .prepare = cpu::sum_pool,
    .batched = batched_windows,
    .samples = {
        {.shapes = {{2, 5, 2}}, .build = sum_sample<overlapping>},
        {.shapes = {{2, 4, 4, 2}}, .build = sum_sample<pairs>},
        {.shapes = {{1, 5, 6, 2}}, .build = sum_sample<sparse>},
        {.shapes = {{1, 5, 4, 9}}, .build = sum_sample<overlapping>},
        {.shapes = {{1, 4, 5, 2}}, .build = sum_sample<dilated>},
        {.shapes = {{1, 3, 3, 4, 2}}, .build = sum_sample<overlapping>},
        {.shapes = {{0, 4, 4, 2}}, .build = sum_sample<pairs>},
    },
    .misfits = {
        {.shapes = {{2, 4, 2}}, .word = "over 2 axes", .build = [](const Tensors& x) {
           return sum_pool(x[0], pairs({4, 4}));
         }},
        {.shapes = {{2, 1, 2}}, .word = "does not fit", .build = [](const Tensors& x) {
           return sum_pool(x[0], one_axis(0, 1));
         }},
    },
};

const Registered sum_pool_spread_op = Operation{
    .name = "sum_pool_spread",
    .formula = "g_i added to zeros at every entry of window i, channel by channel",
    .inputs = {"g"},
    .shape = [](const Call& call) {
      Shape shape = call[0].shape();
      const int rank = shape.rank() - 2;
      for (int i = 0; i < rank; ++i) shape[i + 1] = call.integer(rank + i);
      call.require(positions_in(call, shape) == call[0].shape(), "g must have one entry a window of the sizes given");
      return shape;
    },
    .derivative = [](const Call& call, const Tensor&, const Tensor& h) {
      return Tensors{sum_pool(h, window_of(call))};
    },
    .prepare = cpu::sum_pool_spread,
    .batched = batched_windows,
    .samples = {
        {.shapes = {{2, 3, 2}}, .build = [](const Tensors& x) { return sum_spread_to<overlapping>(x[0], {5}); }},
        {.shapes = {{2, 2, 2, 2}}, .build = [](const Tensors& x) { return sum_spread_to<pairs>(x[0], {4, 4}); }},
        {.shapes = {{1, 2, 2, 2}}, .build = [](const Tensors& x) { return sum_spread_to<sparse>(x[0], {5, 6}); }},
        {.shapes = {{1, 3, 2, 9}}, .build = [](const Tensors& x) { return sum_spread_to<overlapping>(x[0], {5, 4}); }},
        {.shapes = {{1, 2, 3, 9}}, .build = [](const Tensors& x) { return sum_spread_to<dilated>(x[0], {4, 5}); }},
        {.shapes = {{1, 2, 2, 2, 2}}, .build = [](const Tensors& x) {
           return sum_spread_to<overlapping>(x[0], {3, 3, 4});
         }},
        {.shapes = {{0, 2, 2}}, .build = [](const Tensors& x) { return sum_spread_to<pairs>(x[0], {4}); }},
    },
    .misfits = {
        {.shapes = {{2, 3, 2}}, .word = "one entry a window", .build = [](const Tensors& x) {
           return sum_spread_to<pairs>(x[0], {4});
         }},
        {.shapes = {{2, 3, 2}}, .word = "over 2 axes", .build = [](const Tensors& x) {
           return sum_spread_to<pairs>(x[0], {4, 4});
         }},
    },
};
// clang-format on

Tensor max_pool(const Operand& x, const SlidingWindow& window) {
  require_rank("max_pool", x, window);
  return apply(max_pool_op, {x}, window.attributes());
}
Tensor max_pool_spread(const Operand& x, const Operand& g, const SlidingWindow& window) {
  require_rank("max_pool_spread", x, window);
  return apply(max_pool_spread_op, {x, g}, window.attributes());
}
Tensor max_pool_pick(const Operand& x, const Operand& h, const SlidingWindow& window) {
  require_rank("max_pool_pick", x, window);
  return apply(max_pool_pick_op, {x, h}, window.attributes());
}
Tensor sum_pool(const Operand& x, const SlidingWindow& window) {
  require_rank("sum_pool", x, window);
  return apply(sum_pool_op, {x}, window.attributes());
}

Tensor sum_pool_spread(const Operand& g, const SlidingWindow& window, std::span<const Index> sizes) {
  require_rank("sum_pool_spread", g, window);
  if (static_cast<int>(sizes.size()) != window.rank) {
    fail_shape("sum_pool_spread", g, fmt::format("sizes {} must be one a spatial axis", text_of(sizes)));
  }
  std::array<Index, Attributes::capacity> numbers{};
  const Attributes windows = window.attributes();
  const auto end = std::ranges::copy(windows.integers(), numbers.begin()).out;
  return apply(
      sum_pool_spread_op, {g}, Attributes(std::span<const Index>(numbers.begin(), std::ranges::copy(sizes, end).out)));
}

}  // namespace gradus
