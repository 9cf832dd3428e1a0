#include <gradus/ops/cpu/pooling.h>

#include <algorithm>
#include <array>

#include <gradus/ops/cpu/axis_split.h>
#include <gradus/ops/cpu/windows.h>

namespace gradus::cpu {
namespace {

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

// The same for a row of windows of two by two with so many blocks of channels, the last of which may overlap the one
// before: who replaced whom is known at the end, so that the last of them keeps g. Stores follow the order of memory,
// because jumping between a window's four entries takes longer.
template <class T, int blocks>
void spread_row(const FourRows& rows, Index count, const T* x, const T* g, T* y) {
  constexpr Index width = vector_bytes / sizeof(T);
  using Values = typename Lanes<T, width>::Values;
  const auto [right, below, stride, columns, channels] = rows;
  const Index last = count - width;
  const auto start = [=](int block) { return block + 1 == blocks ? last : block * width; };
  const Values none{};
  for (Index column = 0; column < columns; ++column, x += stride, y += stride, g += channels) {
    Values parts[4][blocks];
    for (int block = 0; block < blocks; ++block) {
      const T* const from = x + start(block);
      const auto first = load<Values>(from), second = load<Values>(from + right), third = load<Values>(from + below);
      const auto by_second = replaces(second, first);
      Values best = by_second ? second : first;
      const auto by_third = replaces(third, best);
      best = by_third ? third : best;
      const auto by_fourth = replaces(load<Values>(from + below + right), best);
      auto left = load<Values>(g + start(block));
      parts[3][block] = by_fourth ? left : none;
      left = by_fourth ? none : left;
      parts[2][block] = by_third ? left : none;
      left = by_third ? none : left;
      parts[1][block] = by_second ? left : none;
      parts[0][block] = by_second ? none : left;
    }
    T* const to[4] = {y, y + right, y + below, y + below + right};
    for (int entry = 0; entry < 4; ++entry) {
      for (int block = 0; block < blocks; ++block) store(to[entry] + start(block), parts[entry][block]);
    }
  }
}

// The same for any number of channels from a whole block on, at most five blocks at a time.
template <class T>
void spread_row(const FourRows& rows, const T* x, const T* g, T* y) {
  constexpr Index width = vector_bytes / sizeof(T), most = 5;
  constexpr std::array code = {
      spread_row<T, 1>, spread_row<T, 2>, spread_row<T, 3>, spread_row<T, 4>, spread_row<T, 5>};
  for (Index begin = 0; begin < rows.channels; begin += most * width) {
    const Index count = std::clamp(rows.channels - begin, width, most * width);
    const Index first = std::min(begin, rows.channels - count);
    code[static_cast<std::size_t>((count - 1) / width)](rows, count, x + first, g + first, y + first);
  }
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
// them. `of_units`: (begin, end, inputs, output).
template <class T, class OfUnits>
KernelPointer spreading(const Windows& windows, OfUnits of_units) {
  const Index together = windows.apart() ? 1 : windows.units_per_example();
  const bool covering = windows.apart() && windows.covering();
  const auto first_entry = [=](Index unit) { return windows.first_entry(unit * together); };
  const auto run = [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
    T* const y = static_cast<T*>(outputs[0]);
    if (!covering) std::fill(y + first_entry(begin), y + first_entry(end), T(0));
    of_units(begin * together, end * together, inputs, y);
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
    const bool by_rows = TwoByTwo::value && windows.channels() * bytes_of(request.dtype) >= vector_bytes;
    return spreading<T>(windows, [=](Index begin, Index end, const void* const* inputs, T* y) {
      const T *const x = input<T>(inputs, 0), *const g = input<T>(inputs, 1);
      const auto each = [&](auto of_window) {
        windows.each(begin, end, [&](const Position& at) { of_window(at, windows.channels(), x, g, y); });
      };
      if (!by_rows) return apart ? each(spread_max<T, Writing::again>) : each(spread_max<T, Writing::once>);
      const FourRows rows = windows.four_rows();
      for (Index unit = begin; unit < end; ++unit) {
        const Index first = windows.first_entry(unit);
        spread_row(rows, x + first, g + unit * windows.unit_results(), y + first);
      }
    });
  });
}

KernelPointer sum_pool_spread(const KernelRequest& request) {
  const Windows windows(request.output.shape, request.inputs[0].shape, request.attributes);
  const bool apart = windows.apart();
  return specialised(request.dtype, apart && windows.two_by_two(), [&]<class T, class TwoByTwo>(T, TwoByTwo) {
    return spreading<T>(windows, [=](Index begin, Index end, const void* const* inputs, T* y) {
      windows.each(begin, end, [&, channels = windows.channels()](const Position& at) {
        if (TwoByTwo::value || apart) {
          spread_sum<T, Writing::again, TwoByTwo::value>(at, channels, input<T>(inputs, 0), y);
        } else {
          spread_sum<T, Writing::once, false>(at, channels, input<T>(inputs, 0), y);
        }
      });
    });
  });
}

}  // namespace gradus::cpu
