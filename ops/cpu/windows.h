#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include <gradus/graph/kernel.h>
#include <gradus/ops/sliding_window.h>

namespace gradus::cpu {

// Channels go through vectors of 32 bytes: with 64, most loads and stores of 20 or 40 channels would cross cache lines.
inline constexpr int vector_bytes = 32;

template <class T, int width>
struct Lanes {
  using Values __attribute__((vector_size(sizeof(T) * width))) = T;
};

template <class Values, class T>
Values load(const T* from) {
  Values values;
  std::memcpy(&values, from, sizeof(Values));
  return values;
}
template <class Values, class T>
void store(T* to, const Values& values) {
  std::memcpy(to, &values, sizeof(Values));
}

// Lanes in which a later entry takes the place of the greatest so far: ties and the first NaN stay.
template <class Values>
auto replaces(const Values& entry, const Values& best) {
  return ~(entry <= best) & (best == best);
}

// What happens to entries that two blocks of channels share: nothing if they are written again, but they must not be
// added twice.
enum class Writing { again, once };

// Calls `body` with a vector of zeros, which says how many channels it is for, and the first of these channels.
template <class T, Writing writing, class Body>
void each_block(Index channels, Body body) {
  constexpr Index width = vector_bytes / sizeof(T);
  using Wide = typename Lanes<T, width>::Values;
  using Half = typename Lanes<T, width / 2>::Values;
  using One = typename Lanes<T, 1>::Values;
  Index c = 0;
  if (writing == Writing::again && channels >= width) {
    // The last block ends with the last channel, wherever it begins.
    for (;; c = std::min(c + width, channels - width)) {
      body(Wide{}, c);
      if (c + width >= channels) return;
    }
  }
  for (; c + width <= channels; c += width) body(Wide{}, c);
  for (; c + width / 2 <= channels; c += width / 2) body(Half{}, c);
  for (; c < channels; ++c) body(One{}, c);
}

// The entries of one window along one axis: the first one's offset, how far they are apart, how many there are.
struct Reach {
  Index first = 0, step = 0, count = 1;
};

struct PooledAxis {
  Index in = 1, out = 1;
  WindowAxis window;
  Index scale = 1;  // from one entry of the axis to the next

  // Without what lies in the padding.
  Reach reach(Index position) const {
    const Index from = position * window.stride - window.before;
    if (from >= 0 && from + window.extent() <= in) return {from * scale, window.dilation * scale, window.size};
    const Index skipped = from < 0 ? (window.dilation - 1 - from) / window.dilation : 0;
    const Index inside = from < in ? (in - from + window.dilation - 1) / window.dilation : 0;
    const Index count = std::max<Index>(std::min(window.size, inside) - skipped, 0);
    return {(from + skipped * window.dilation) * scale, window.dilation * scale, count};
  }
};

// One window: its entries in x, and where its result lies.
struct Position {
  Index example = 0;  // the offset of x's example
  std::array<Reach, max_spatial_axes> reach{};
  Index result = 0;

  Index first() const { return example + reach[0].first + reach[1].first + reach[2].first; }
  Index count() const { return reach[0].count * reach[1].count * reach[2].count; }
};

// A row of windows of two by two: from an entry to the one on its right and the one below, and from a window to the
// next.
struct FourRows {
  Index right, below, stride, columns, channels;
};

// All windows of a call. Units of work are the positions along the outermost axis, example by example: results of one
// unit lie side by side, and so do the rows that it reads.
class Windows {
 public:
  Windows(const Shape& x, const Shape& y, const Attributes& attributes) : channels_(x[x.rank() - 1]) {
    const int rank = x.rank() - 2;
    const SlidingWindow window = SlidingWindow::from(attributes, rank);
    // Of two axes the first is the outermost one, which is shared out; a single one is the innermost, a plain loop.
    for (int i = 0; i < rank; ++i) {
      const int place = i == rank - 1 ? 2 : i;
      axes_[static_cast<std::size_t>(place)] = {.in = x[i + 1], .out = y[i + 1], .window = window[i]};
    }
    axes_[2].scale = channels_;
    axes_[1].scale = axes_[2].in * axes_[2].scale;
    axes_[0].scale = axes_[1].in * axes_[1].scale;
    example_ = axes_[0].in * axes_[0].scale;
    unit_results_ = axes_[1].out * axes_[2].out * channels_;
    units_ = example_ == 0 || unit_results_ == 0 ? 0 : x[0] * axes_[0].out;
    window_count_ = window.count();
  }

  Index channels() const { return channels_; }
  Index units() const { return units_; }
  Index units_per_example() const { return axes_[0].out; }
  Index unit_results() const { return unit_results_; }
  Index window_count() const { return window_count_; }

  bool all(bool (*holds)(const PooledAxis&)) const { return std::ranges::all_of(axes_, holds); }
  // No entry of x belongs to two windows, and none of a window to the padding.
  bool apart() const {
    return all([](const PooledAxis& axis) {
      return axis.window.stride >= axis.window.extent() && axis.window.before == 0 && axis.window.after == 0;
    });
  }
  // Every entry of x belongs to a window.
  bool covering() const {
    return all(
        [](const PooledAxis& axis) { return axis.window.dilation == 1 && axis.in == axis.out * axis.window.size; });
  }
  // The case that is worth code of its own: whole windows of two rows and two columns, one row of them a unit.
  bool two_by_two() const {
    const auto size = [&](int axis) { return axes_[static_cast<std::size_t>(axis)].window.size; };
    return size(0) == 2 && size(1) == 1 && size(2) == 2 && axes_[1].out == 1 &&
           all([](const PooledAxis& axis) { return axis.window.before == 0 && axis.window.after == 0; });
  }
  // The first of x's entries that belong to a unit, where windows are apart.
  Index first_entry(Index unit) const {
    const Index positions = axes_[0].out;
    return unit / positions * example_ + unit % positions * axes_[0].window.stride * axes_[0].scale;
  }

  // How one row of windows of two by two lies.
  FourRows four_rows() const {
    const auto step = [&](std::size_t axis) { return axes_[axis].window.dilation * axes_[axis].scale; };
    return {step(2), step(0), axes_[2].window.stride * axes_[2].scale, axes_[2].out, channels_};
  }

  template <class Body>
  void each(Index begin, Index end, Body body) const {
    // Without padding every window is the one before, a stride further on.
    const PooledAxis& columns = axes_[2];
    const bool padded = columns.window.before + columns.window.after > 0;
    const Index channels = channels_, stride = columns.window.stride * columns.scale;
    Position at;
    for (Index unit = begin; unit < end; ++unit) {
      at.example = unit / axes_[0].out * example_;
      at.result = unit * unit_results_;
      at.reach[0] = axes_[0].reach(unit % axes_[0].out);
      for (Index row = 0; row < axes_[1].out; ++row) {
        at.reach[1] = axes_[1].reach(row);
        at.reach[2] = columns.reach(0);
        for (Index column = 0; column < columns.out; ++column) {
          if (padded) at.reach[2] = columns.reach(column);
          body(at);
          at.reach[2].first += stride;
          at.result += channels;
        }
      }
    }
  }

 private:
  Index channels_;
  std::array<PooledAxis, max_spatial_axes> axes_{};
  Index example_ = 0, unit_results_ = 0, units_ = 0, window_count_ = 1;
};

// The entries of a window in row-major order.
template <bool two_by_two, class Body>
void visit(const Position& at, Body body) {
  const Index first = at.first();
  const auto& [outer, middle, inner] = at.reach;
  if constexpr (two_by_two) {
    body(first);
    body(first + inner.step);
    body(first + outer.step);
    body(first + outer.step + inner.step);
  } else {
    for (Index i = 0; i < outer.count; ++i) {
      for (Index j = 0; j < middle.count; ++j) {
        const Index row = first + i * outer.step + j * middle.step;
        for (Index k = 0; k < inner.count; ++k) body(row + k * inner.step);
      }
    }
  }
}

// Those behind the first one; or all of them, where leaving one out costs more than it spares: no entry replaces
// itself.
template <bool two_by_two, class Body>
void visit_others(const Position& at, Body body) {
  if constexpr (two_by_two) {
    const Index first = at.first(), below = first + at.reach[0].step, step = at.reach[2].step;
    body(first + step);
    body(below);
    body(below + step);
  } else {
    visit<false>(at, body);
  }
}

}  // namespace gradus::cpu
