#include <gradus/ops/cpu/pooling.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <gradus/ops/cpu/axis_split.h>
#include <gradus/ops/sliding_window.h>

namespace gradus::cpu {
namespace {

// Channels go through vectors of 32 bytes: with 64, most loads and stores of 20 or 40 channels would cross cache lines.
constexpr int vector_bytes = 32;

template <class T, int width>
struct Lanes {
  typedef T Values __attribute__((vector_size(sizeof(T) * width)));
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
  // The case that is worth code of its own: whole windows of two rows and two columns.
  bool two_by_two() const {
    const auto size = [&](int axis) { return axes_[static_cast<std::size_t>(axis)].window.size; };
    return size(0) == 2 && size(1) == 1 && size(2) == 2 &&
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

template <class T, bool two_by_two>
void max_of(const Position& at, Index channels, const T* x, T* y) {
  each_block<T, Writing::again>(channels, [&]<class Values>(Values, Index c) {
    Values best = load<Values>(x + at.first() + c);
    visit_others<two_by_two>(at, [&](Index entry) {
      const auto next = load<Values>(x + entry + c);
      best = replaces(next, best) ? next : best;
    });
    store(y + at.result + c, best);
  });
}

// One row of windows of two by two, as if there were no NaN. The sum of all entries is NaN where one of them is, and
// only seldom else: false then, for the row to be done again.
template <class T>
bool max_of_row(const FourRows& rows, const T* x, T* y) {
  constexpr Index width = vector_bytes / sizeof(T);
  using Values = typename Lanes<T, width>::Values;
  const auto [right, below, stride, columns, channels] = rows;
  const Index last = channels - width;
  if (last < 0) return false;
  Values total{};
  for (Index column = 0; column < columns; ++column, x += stride, y += channels) {
    for (Index c = 0;; c = std::min(c + width, last)) {
      const auto first = load<Values>(x + c), second = load<Values>(x + right + c);
      const auto third = load<Values>(x + below + c), fourth = load<Values>(x + below + right + c);
      const Values upper = second > first ? second : first, lower = fourth > third ? fourth : third;
      total += (first + second) + (third + fourth);
      store(y + c, Values(lower > upper ? lower : upper));
      if (c >= last) break;
    }
  }
  T sum = 0;
  for (Index lane = 0; lane < width; ++lane) sum += total[lane];
  return sum == sum;
}

template <class T, bool two_by_two>
void pick_of(const Position& at, Index channels, const T* x, const T* h, T* y) {
  each_block<T, Writing::again>(channels, [&]<class Values>(Values, Index c) {
    auto best = load<Values>(x + at.first() + c), picked = load<Values>(h + at.first() + c);
    visit_others<two_by_two>(at, [&](Index entry) {
      const auto next = load<Values>(x + entry + c);
      const auto later = replaces(next, best);
      best = later ? next : best;
      picked = later ? load<Values>(h + entry + c) : picked;
    });
    store(y + at.result + c, picked);
  });
}

template <class T, bool two_by_two>
void sum_of(const Position& at, Index channels, const T* x, T* y) {
  each_block<T, Writing::again>(channels, [&]<class Values>(Values sum, Index c) {
    visit<two_by_two>(at, [&](Index entry) { sum += load<Values>(x + entry + c); });
    store(y + at.result + c, sum);
  });
}

template <Writing writing, class Values, class T>
void put(T* to, const Values& values) {
  store(to, writing == Writing::once ? load<Values>(to) + values : values);
}

template <class T, Writing writing>
void spread_max(const Position& at, Index channels, const T* x, const T* g, T* y) {
  each_block<T, writing>(channels, [&]<class Values>(Values none, Index c) {
    using Numbers = decltype(none == none);
    auto best = load<Values>(x + at.first() + c);
    Numbers winner{}, number{};
    visit<false>(at, [&](Index entry) {
      const auto next = load<Values>(x + entry + c);
      const auto later = replaces(next, best);
      best = later ? next : best;
      winner = later ? number : winner;
      number += 1;
    });
    const auto cotangent = load<Values>(g + at.result + c);
    number = Numbers{};
    visit<false>(at, [&](Index entry) {
      put<writing>(y + entry + c, winner == number ? cotangent : none);
      number += 1;
    });
  });
}

// The same for two rows and two columns: who replaced whom is known at the end, so that the last of them keeps g.
template <class T>
void spread_max_of_four(const Position& at, Index channels, const T* x, const T* g, T* y) {
  const Index right = at.reach[2].step, below = at.reach[0].step;
  each_block<T, Writing::again>(channels, [&]<class Values>(Values none, Index c) {
    const T* const from = x + at.first() + c;
    T* const to = y + at.first() + c;
    const auto first = load<Values>(from), second = load<Values>(from + right), third = load<Values>(from + below);
    const auto by_second = replaces(second, first);
    auto best = by_second ? second : first;
    const auto by_third = replaces(third, best);
    best = by_third ? third : best;
    const auto by_fourth = replaces(load<Values>(from + below + right), best);
    auto left = load<Values>(g + at.result + c);
    store(to + below + right, by_fourth ? left : none);
    left = by_fourth ? none : left;
    store(to + below, by_third ? left : none);
    left = by_third ? none : left;
    store(to + right, by_second ? left : none);
    store(to, by_second ? none : left);
  });
}

template <class T, Writing writing, bool two_by_two>
void spread_sum(const Position& at, Index channels, const T* g, T* y) {
  each_block<T, writing>(channels, [&]<class Values>(Values, Index c) {
    const auto cotangent = load<Values>(g + at.result + c);
    visit<two_by_two>(at, [&](Index entry) { put<writing>(y + entry + c, cotangent); });
  });
}

// `run` computes some units; the entries of a unit begin at `first_entry` and end where the next one's begin.
template <class Run, class FirstEntry>
class PoolKernel final : public Kernel {
 public:
  PoolKernel(Index units, Index work, double cost, FirstEntry first_entry, Run run)
      : units_(units), per_part_(pieces_a_part(units, work)), cost_(cost), first_entry_(first_entry), run_(run) {}

  Index parts() const override { return parts_of(units_, per_part_); }
  double cost() const override { return cost_; }
  std::optional<EntryRuns> entries(Index part) const override {
    const Index first = first_entry_(part * per_part_), past = first_entry_(past_unit(part + 1));
    return EntryRuns{.first = first, .length = past - first};
  }
  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    run_(inputs, outputs, begin * per_part_, past_unit(end));
  }

 private:
  Index past_unit(Index part) const { return std::min(part * per_part_, units_); }

  Index units_, per_part_;
  double cost_;
  FirstEntry first_entry_;
  Run run_;
};

template <class T>
const T* input(const void* const* inputs, int i) {
  return static_cast<const T*>(inputs[i]);
}

// Measured on one thread; windows of two by two go twice as fast as others.
double nanoseconds(const Windows& windows, double a_vector, Index bytes) {
  const Index vectors = windows.units() * windows.unit_results() * windows.window_count() * bytes / vector_bytes;
  return static_cast<double>(vectors) * a_vector * (windows.two_by_two() ? 1 : 2);
}

// One number a window, whatever `of_units` makes of them: (begin, end, inputs, output).
template <class T, class OfUnits>
KernelPointer gathering(const Windows& windows, OfUnits of_units) {
  const Index results = windows.unit_results();
  const auto first_entry = [=](Index unit) { return unit * results; };
  const auto run = [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
    of_units(begin, end, inputs, static_cast<T*>(outputs[0]));
  };
  using Made = PoolKernel<decltype(run), decltype(first_entry)>;
  return std::make_unique<Made>(
      windows.units(), results * windows.window_count(), nanoseconds(windows, 0.7, sizeof(T)), first_entry, run);
}

// Windows that overlap are added up example by example; others write every entry themselves, but for what lies between
// them.
template <class T, class OfWindow>
KernelPointer spreading(const Windows& windows, OfWindow of_window) {
  const Index together = windows.apart() ? 1 : windows.units_per_example();
  const bool covering = windows.apart() && windows.covering();
  const auto first_entry = [=](Index unit) { return windows.first_entry(unit * together); };
  const auto run = [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
    T* const y = static_cast<T*>(outputs[0]);
    if (!covering) std::fill(y + first_entry(begin), y + first_entry(end), T(0));
    windows.each(begin * together, end * together, [&](const Position& at) { of_window(at, inputs, y); });
  };
  const Index work = 2 * together * windows.unit_results() * windows.window_count();
  using Made = PoolKernel<decltype(run), decltype(first_entry)>;
  return std::make_unique<Made>(
      windows.units() / together, work, nanoseconds(windows, 1.5, sizeof(T)), first_entry, run);
}

// Calls `made` with an entry's type and whether the windows are two by two.
template <class Made>
KernelPointer specialised(Dtype dtype, bool two_by_two, Made made) {
  if (dtype == Dtype::float64) return two_by_two ? made(double{}, std::true_type{}) : made(double{}, std::false_type{});
  return two_by_two ? made(float{}, std::true_type{}) : made(float{}, std::false_type{});
}

}  // namespace

KernelPointer max_pool(const KernelRequest& request) {
  const Windows windows(request.inputs[0].shape, request.output.shape, request.attributes);
  return specialised(request.dtype, windows.two_by_two(), [&]<class T, class TwoByTwo>(T, TwoByTwo) {
    return gathering<T>(windows, [windows](Index begin, Index end, const void* const* inputs, T* y) {
      const T* const x = input<T>(inputs, 0);
      const auto of_window = [&](const Position& at) { max_of<T, TwoByTwo::value>(at, windows.channels(), x, y); };
      if (!TwoByTwo::value) return windows.each(begin, end, of_window);
      const FourRows rows = windows.four_rows();
      for (Index unit = begin; unit < end; ++unit) {
        const bool done = max_of_row(rows, x + windows.first_entry(unit), y + unit * windows.unit_results());
        if (!done) windows.each(unit, unit + 1, of_window);
      }
    });
  });
}

KernelPointer max_pool_pick(const KernelRequest& request) {
  const Windows windows(request.inputs[0].shape, request.output.shape, request.attributes);
  return specialised(request.dtype, windows.two_by_two(), [&]<class T, class TwoByTwo>(T, TwoByTwo) {
    return gathering<T>(windows, [windows](Index begin, Index end, const void* const* inputs, T* y) {
      windows.each(begin, end, [&, channels = windows.channels()](const Position& at) {
        pick_of<T, TwoByTwo::value>(at, channels, input<T>(inputs, 0), input<T>(inputs, 1), y);
      });
    });
  });
}

KernelPointer sum_pool(const KernelRequest& request) {
  const Windows windows(request.inputs[0].shape, request.output.shape, request.attributes);
  return specialised(request.dtype, windows.two_by_two(), [&]<class T, class TwoByTwo>(T, TwoByTwo) {
    return gathering<T>(windows, [windows](Index begin, Index end, const void* const* inputs, T* y) {
      windows.each(begin, end, [&, channels = windows.channels()](const Position& at) {
        sum_of<T, TwoByTwo::value>(at, channels, input<T>(inputs, 0), y);
      });
    });
  });
}

KernelPointer max_pool_spread(const KernelRequest& request) {
  const Windows windows(request.output.shape, request.inputs[1].shape, request.attributes);
  const bool apart = windows.apart();
  return specialised(request.dtype, apart && windows.two_by_two(), [&]<class T, class TwoByTwo>(T, TwoByTwo) {
    return spreading<T>(windows, [=, channels = windows.channels()](const Position& at, const void* const* in, T* y) {
      if constexpr (TwoByTwo::value) {
        spread_max_of_four(at, channels, input<T>(in, 0), input<T>(in, 1), y);
      } else if (apart) {
        spread_max<T, Writing::again>(at, channels, input<T>(in, 0), input<T>(in, 1), y);
      } else {
        spread_max<T, Writing::once>(at, channels, input<T>(in, 0), input<T>(in, 1), y);
      }
    });
  });
}

KernelPointer sum_pool_spread(const KernelRequest& request) {
  const Windows windows(request.output.shape, request.inputs[0].shape, request.attributes);
  const bool apart = windows.apart();
  return specialised(request.dtype, apart && windows.two_by_two(), [&]<class T, class TwoByTwo>(T, TwoByTwo) {
    return spreading<T>(windows, [=, channels = windows.channels()](const Position& at, const void* const* in, T* y) {
      if (TwoByTwo::value || apart) {
        spread_sum<T, Writing::again, TwoByTwo::value>(at, channels, input<T>(in, 0), y);
      } else {
        spread_sum<T, Writing::once, false>(at, channels, input<T>(in, 0), y);
      }
    });
  });
}

}  // namespace gradus::cpu
