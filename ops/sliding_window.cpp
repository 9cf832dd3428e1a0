#include <gradus/ops/sliding_window.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/ops/arguments.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/window_options.h>

namespace gradus {

namespace {

// An axis fits one attribute: how many bits each number takes, in this order.
constexpr int size_bits = 16, other_bits = 12;
static_assert(largest_window == (Index{1} << size_bits) - 1 && largest_step == (Index{1} << other_bits) - 1);

Index packed(const WindowAxis& axis) {
  auto bits = static_cast<std::uint64_t>(axis.size);
  for (const Index number : {axis.stride, axis.before, axis.after, axis.dilation}) {
    bits = bits << other_bits | static_cast<std::uint64_t>(number);
  }
  return static_cast<Index>(bits);
}

WindowAxis unpacked(Index attribute) {
  auto bits = static_cast<std::uint64_t>(attribute);
  const auto next = [&] {
    const auto number = static_cast<Index>(bits & static_cast<std::uint64_t>(largest_step));
    bits >>= other_bits;
    return number;
  };
  WindowAxis axis;
  axis.dilation = next();
  axis.after = next();
  axis.before = next();
  axis.stride = next();
  axis.size = static_cast<Index>(bits);
  return axis;
}

void pad_to_same(WindowAxis& axis, Index entries) {
  const Index positions = (entries + axis.stride - 1) / axis.stride;
  const Index total = std::max<Index>((positions - 1) * axis.stride + axis.extent() - entries, 0);
  axis.before = total / 2;
  axis.after = total - axis.before;
}

}  // namespace

PerAxis::PerAxis(std::initializer_list<Index> each) : count_(static_cast<int>(each.size())) {
  if (each.size() == 0 || each.size() > numbers_.size()) {
    throw ShapeError(fmt::format("a window slides along 1 to 3 axes, not {}", each.size()));
  }
  std::ranges::copy(each, numbers_.begin());
}

Padding Padding::same() {
  Padding padding(0);
  padding.same_ = true;
  return padding;
}

Index WindowAxis::positions(Index entries) const {
  const Index room = entries + before + after - extent();
  return room < 0 ? 0 : room / stride + 1;
}

Index SlidingWindow::count() const {
  Index product = 1;
  for (int axis = 0; axis < rank; ++axis) product *= (*this)[axis].size;
  return product;
}

Attributes SlidingWindow::attributes(std::initializer_list<Index> others) const {
  std::array<Index, Attributes::capacity> integers{};
  auto end = std::transform(axes.begin(), axes.begin() + rank, integers.begin(), packed);
  end = std::copy(others.begin(), others.end(), end);
  return Attributes(std::span<const Index>(integers.begin(), end));
}

SlidingWindow SlidingWindow::from(const Attributes& attributes, int rank) {
  SlidingWindow window{.rank = rank};
  for (int axis = 0; axis < rank; ++axis) {
    window[axis] = unpacked(attributes.integers()[static_cast<std::size_t>(axis)]);
  }
  return window;
}

void require_within(
    std::string_view operation, const Operand& x, std::string_view name, Index number, Index least, Index most) {
  if (number >= least && number <= most) return;
  fail_value(operation, x, fmt::format("{} must lie in [{}, {}], not {}", name, least, most, number));
}

void require_one_an_axis(
    std::string_view operation, const Operand& x, std::string_view name, const PerAxis& numbers, int rank) {
  if (numbers.count() == 0 || numbers.count() == rank) return;
  fail_shape(
      operation, x, fmt::format("{} has {} numbers where there are {} spatial axes", name, numbers.count(), rank));
}

SlidingWindow sliding_window(
    std::string_view operation, const Operand& x, int rank, const std::array<Index, max_spatial_axes>& sizes,
    const WindowOptions& options) {
  if (x.tensor().rank() != rank + 2) {
    fail_shape(
        operation, x,
        fmt::format(
            "takes [examples, channels, {}]", rank == 1   ? "length"
                                              : rank == 2 ? "height, width"
                                                          : "depth, height, width"));
  }
  require_one_an_axis(operation, x, "stride", options.stride, rank);
  require_one_an_axis(operation, x, "padding", options.padding.sizes(), rank);
  require_one_an_axis(operation, x, "dilation", options.dilation, rank);
  SlidingWindow window{.rank = rank};
  for (int i = 0; i < rank; ++i) {
    WindowAxis& axis = window[i];
    const Index entries = x.tensor().shape()[i + 2], padding = options.padding.sizes()[i];
    require_within(operation, x, "the window's size", sizes[static_cast<std::size_t>(i)], 1, largest_window);
    require_within(operation, x, "stride", options.stride[i], 1, largest_step);
    require_within(operation, x, "padding", padding, 0, largest_step);
    require_within(operation, x, "dilation", options.dilation[i], 1, largest_step);
    axis = {
        .size = sizes[static_cast<std::size_t>(i)],
        .stride = options.stride[i],
        .before = padding,
        .after = padding,
        .dilation = options.dilation[i]};
    if (options.padding.is_same()) pad_to_same(axis, entries);
    require_within(operation, x, "padding to the same size", axis.after, 0, largest_step);
    if (axis.positions(entries) == 0) {
      fail_shape(
          operation, x,
          fmt::format(
              "a window over {} entries does not fit axis {} of {} with {} of padding; pad more or take a smaller one",
              axis.extent(), i + 2, entries, axis.before + axis.after));
    }
  }
  return window;
}

Tensor channels_last(const Operand& x) {
  const int rank = x.tensor().rank();
  std::array<Index, max_rank> order{};
  for (int axis = 1; axis + 1 < rank; ++axis) order[static_cast<std::size_t>(axis)] = axis + 1;
  order[static_cast<std::size_t>(rank - 1)] = 1;
  return permute(x, std::span<const Index>(order.data(), static_cast<std::size_t>(rank)));
}

Tensor channels_first(const Operand& x) {
  const int rank = x.tensor().rank();
  std::array<Index, max_rank> order{};
  order[1] = rank - 1;
  for (int axis = 2; axis < rank; ++axis) order[static_cast<std::size_t>(axis)] = axis - 1;
  return permute(x, std::span<const Index>(order.data(), static_cast<std::size_t>(rank)));
}

}  // namespace gradus
