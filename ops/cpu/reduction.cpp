#include <gradus/ops/cpu/reduction.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include <gradus/ops/cpu/pointwise.h>
#include <gradus/ops/cpu/reduction_loops.h>

namespace gradus::cpu {

namespace {

// A fold says how entries of type T become one number: `take` an entry into a Near, `join` two Nears, `absorb` a Near
// into the Far of the whole result, `finish` that.
constexpr Index rows_per_block = 64;

template <class T>
struct Sum {
  using Near = std::conditional_t<std::is_integral_v<T>, std::int64_t, T>;
  using Far = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;
  static constexpr Near near = 0;
  static constexpr Far far = 0;
  static void take(Near& sum, T x) { sum += x; }
  static void join(Near& sum, Near other) { sum += other; }
  static void absorb(Far& sum, Near other) { sum += other; }
  static T finish(Far sum) { return static_cast<T>(sum); }
};

template <class T>
struct Norm {
  using Near = double;
  using Far = double;
  static constexpr Near near = 0;
  static constexpr Far far = 0;
  static void take(Near& sum, T x) { sum += static_cast<double>(x) * static_cast<double>(x); }
  static void join(Near& sum, Near other) { sum += other; }
  static void absorb(Far& sum, Near other) { sum += other; }
  static T finish(Far sum) { return static_cast<T>(std::sqrt(sum)); }
};

template <class T>
struct Product {
  // Unsigned, so that overflow wraps.
  using Near = std::conditional_t<std::is_integral_v<T>, std::uint32_t, double>;
  using Far = Near;
  static constexpr Near near = 1;
  static constexpr Far far = 1;
  static void take(Near& product, T x) { product *= static_cast<Near>(x); }
  static void join(Near& product, Near other) { product *= other; }
  static void absorb(Far& product, Near other) { product *= other; }
  static T finish(Far product) { return static_cast<T>(product); }
};

template <class T, bool greatest>
struct Extreme {
  using Near = T;
  using Far = T;
  using Limits = std::numeric_limits<T>;
  static constexpr T lowest = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  static constexpr T highest = Limits::has_infinity              ? Limits::infinity()
                               : std::is_same_v<T, std::uint8_t> ? T(1)  // a boolean
                                                                 : Limits::max();
  static constexpr T near = greatest ? lowest : highest;
  static constexpr T far = near;
  // NaN wins. In this form compilers make no branch of it.
  static void take(T& best, T x) {
    const T better = (greatest ? x > best : x < best) ? x : best;
    best = x != x ? x : better;
  }
  static void join(T& best, T other) { take(best, other); }
  static void absorb(T& best, T other) { take(best, other); }
  static T finish(T best) { return best; }
};

constexpr Index block_entries = 1024;

template <class Fold, Index lanes, class T>
typename Fold::Near fold_in_lanes(const T* x, Index n) {
  typename Fold::Near lane[lanes];
  std::fill_n(lane, lanes, Fold::near);
  const Index whole = n - n % lanes;
  for (Index i = 0; i < whole; i += lanes) {
    for (Index l = 0; l < lanes; ++l) Fold::take(lane[l], x[i + l]);
  }
  for (Index l = 0; l < n - whole; ++l) Fold::take(lane[l], x[whole + l]);
  for (Index half = lanes / 2; half > 0; half /= 2) {
    for (Index l = 0; l < half; ++l) Fold::join(lane[l], lane[l + half]);
  }
  return lane[0];
}

template <class Fold, class T>
typename Fold::Near fold_contiguous(const T* x, Index n) {
  constexpr Index lanes = 128 / static_cast<Index>(sizeof(typename Fold::Near));
  return n < lanes ? fold_in_lanes<Fold, 4>(x, n) : fold_in_lanes<Fold, lanes>(x, n);
}

// A fold over blocks of entries that lie side by side. `position` counts the entries that came before.
template <class Fold, class T>
struct Blocks {
  using State = typename Fold::Far;
  static State start() { return Fold::far; }
  static void take(State& state, const T* x, Index n, Index) { Fold::absorb(state, fold_contiguous<Fold>(x, n)); }
  static auto finish(State state) { return Fold::finish(state); }
};

template <class T, bool greatest>
struct ExtremePosition {
  struct State {
    T best = Extreme<T, greatest>::near;
    Index position = -1;
  };
  static State start() { return {}; }
  static void take(State& state, const T* x, Index n, Index position) {
    const T best = fold_contiguous<Extreme<T, greatest>>(x, n);
    const bool better = greatest ? best > state.best : best < state.best;
    const bool settled = state.best != state.best;  // the first NaN stays
    if (state.position >= 0 && (settled || (!better && best == best))) return;
    state.best = best;
    const auto is_best = [best](T value) { return value == best || (best != best && value != value); };
    state.position = position + (std::find_if(x, x + n, is_best) - x);
  }
  static std::int32_t finish(State state) { return static_cast<std::int32_t>(state.position); }
};

template <class T>
struct LogSumExp {
  struct State {
    T greatest = Extreme<T, true>::near;
    double sum = 0;  // Σ e^(x - greatest)
  };
  static State start() { return {}; }
  static void take(State& state, const T* x, Index n, Index) {
    const T greatest = fold_contiguous<Extreme<T, true>>(x, n);
    if (state.greatest != state.greatest) return;
    if (!(greatest <= state.greatest)) {
      state.sum = state.sum > 0 ? state.sum * std::exp(static_cast<double>(state.greatest - greatest)) : 0;
      state.greatest = greatest;
    }
    if (!(std::abs(state.greatest) <= std::numeric_limits<T>::max())) {
      state.sum = 1;  // ∞ - ∞ would be NaN; what is infinite or NaN is the result itself
      return;
    }
    // Whole vectors: what lies beyond n is not summed.
    constexpr Index width = 64 / static_cast<Index>(sizeof(T));
    alignas(64) T shifted[block_entries];
    const Index padded = (n + width - 1) / width * width;
    std::fill(std::copy_n(x, n, shifted), shifted + padded, state.greatest);
    Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>, Eigen::Aligned64> entries(shifted, padded);
    entries = cpu::exp(entries - state.greatest);
    state.sum += fold_contiguous<Sum<T>>(shifted, n);
  }
  static T finish(State state) { return static_cast<T>(static_cast<double>(state.greatest) + std::log(state.sum)); }
};

// One result after another, its entries block by block.
template <class Fold, class T>
class Rows final : public Kernel {
 public:
  explicit Rows(const ReductionLoops& loops, std::shared_ptr<const EntrySource> source = nullptr)
      : loops_(loops),
        source_(std::move(source)),
        results_(loops.kept.entries()),
        entries_(loops.reduced.entries()),
        per_part_(units_per_part(entries_)),
        side_by_side_(loops.inner.depth() <= 1 && loops.inner.innermost().stride == 1) {}

  Index parts() const override { return std::max<Index>(1, (results_ + per_part_ - 1) / per_part_); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    const T* x = static_cast<const T*>(inputs[0]);
    auto* y = static_cast<decltype(Fold::finish(Fold::start()))*>(outputs[0]);
    const Index last = std::min(end * per_part_, results_);
    for (Index i = begin * per_part_; i < last; ++i) {
      y[i] = source_ ? fold_from_source(inputs, loops_.kept.offset(i)) : fold(x + loops_.kept.offset(i));
    }
  }

  std::optional<EntryRuns> entries(Index part) const override {
    const Index first = part * per_part_;
    return EntryRuns{.first = first, .length = std::min(per_part_, results_ - first)};
  }

 private:
  auto fold(const T* x) const {
    auto state = Fold::start();
    const Index run = loops_.inner.entries(), runs = entries_ == 0 ? 0 : loops_.outer.entries();
    for (Index i = 0; i < runs; ++i) {
      const T* first = x + loops_.outer.offset(i);
      if (side_by_side_) {
        for (Index j = 0; j < run; j += block_entries) {
          Fold::take(state, first + j, std::min(block_entries, run - j), i * run + j);
        }
      } else {
        fold_gathered(state, first, run, i * run);
      }
    }
    return Fold::finish(state);
  }

  auto fold_from_source(const void* const* inputs, Index start) const {
    auto state = Fold::start();
    alignas(64) T asked_for[block_entries];
    const Index run = loops_.inner.entries(), runs = entries_ == 0 ? 0 : loops_.outer.entries();
    for (Index i = 0; i < runs; ++i) {
      const Index first = start + loops_.outer.offset(i);
      for (Index j = 0; j < run; j += block_entries) {
        const Index n = std::min(block_entries, run - j);
        source_->read(inputs, first + j, n, asked_for);
        Fold::take(state, asked_for, n, i * run + j);
      }
    }
    return Fold::finish(state);
  }

  template <class State>
  void fold_gathered(State& state, const T* x, Index run, Index position) const {
    T gathered[block_entries];
    for (Index j = 0; j < run; j += block_entries) {
      const Index n = std::min(block_entries, run - j);
      loops_.inner.gather(x, j, n, gathered);
      Fold::take(state, gathered, n, position + j);
    }
  }

  ReductionLoops loops_;
  std::shared_ptr<const EntrySource> source_;
  Index results_, entries_, per_part_;
  bool side_by_side_;
};

// Results that are side by side in every row: row after row onto a strip of them.
template <class Fold, class T>
class Columns final : public Kernel {
 public:
  explicit Columns(const ReductionLoops& loops, std::shared_ptr<const EntrySource> source = nullptr)
      : source_(std::move(source)),
        outer_(loops.kept.without_innermost()),
        reduced_(loops.reduced),
        width_(loops.kept.innermost().size),
        stride_(loops.kept.innermost().stride),
        strips_((width_ + strip - 1) / strip),
        // By shape alone: of some layouts a strip is narrower.
        abreast_(reduced_.entries() < least_rows_abreast ? 1 : std::max<Index>(1, strip / loops.width)),
        units_(outer_.entries() * strips_),
        per_part_(units_per_part(reduced_.entries() * std::min(strip, width_))) {}

  Index parts() const override { return std::max<Index>(1, (units_ + per_part_ - 1) / per_part_); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    const Index last = std::min(end * per_part_, units_);
    for (Index unit = begin * per_part_; unit < last; ++unit) {
      const Index outer = unit / strips_, column = unit % strips_ * strip;
      T* y = static_cast<T*>(outputs[0]) + outer * width_ + column;
      const Index start = outer_.offset(outer) + column * stride_, n = std::min(strip, width_ - column);
      source_ ? fold_from_source(inputs, start, y, n) : fold(static_cast<const T*>(inputs[0]) + start, y, n);
    }
  }

  std::optional<EntryRuns> entries(Index part) const override {
    const auto begin_of = [&](Index unit) {
      unit = std::min(unit, units_);
      return unit / strips_ * width_ + unit % strips_ * strip;
    };
    const Index first = begin_of(part * per_part_);
    return EntryRuns{.first = first, .length = begin_of((part + 1) * per_part_) - first};
  }

 private:
  static constexpr Index strip = 256, least_rows_abreast = 64;

  // The results of a strip while rows are added to them. Where many rows are narrow, several side by side are one wide
  // row: row r is added to those r % abreast.
  class Strip {
   public:
    Strip(Index n, Index abreast) : n_(n), abreast_(abreast) {
      std::fill_n(near_, n * abreast_, Fold::near);
      std::fill_n(far_, n, Fold::far);
    }
    void take(const T* row, Index stride) {
      auto* const near = near_ + rows_ % abreast_ * n_;
      for (Index i = 0; i < n_; ++i) Fold::take(near[i], row[i * stride]);
      count(1);
    }
    // Rows without gaps, one behind another.
    void take_all(const T* x, Index rows) {
      while (rows > 0) {
        const Index place = rows_ % abreast_, together = std::min(rows, abreast_ - place);
        auto* const near = near_ + place * n_;
        for (Index i = 0; i < together * n_; ++i) Fold::take(near[i], x[i]);
        count(together);
        x += together * n_;
        rows -= together;
      }
    }
    void finish(T* y) {
      finish_block();
      for (Index i = 0; i < n_; ++i) y[i] = Fold::finish(far_[i]);
    }

   private:
    void count(Index rows) {
      rows_ += rows;
      if (rows_ % (rows_per_block * abreast_) == 0) finish_block();
    }
    void finish_block() {
      for (Index row = 0; row < abreast_; ++row) {
        for (Index i = 0; i < n_; ++i) Fold::absorb(far_[i], near_[row * n_ + i]);
      }
      std::fill_n(near_, n_ * abreast_, Fold::near);
    }

    Index n_, abreast_, rows_ = 0;
    typename Fold::Near near_[strip];
    typename Fold::Far far_[strip];
  };

  void fold(const T* x, T* y, Index n) const {
    Strip results(n, abreast_);
    const Loop inner = reduced_.innermost();
    if (stride_ == 1 && inner.stride == n) {
      const LoopNest outer = reduced_.without_innermost();
      const Index runs = reduced_.entries() == 0 ? 0 : outer.entries();
      for (Index run = 0; run < runs; ++run) results.take_all(x + outer.offset(run), inner.size);
    } else {
      reduced_.each([&](Index offset) { results.take(x + offset, stride_); });
    }
    results.finish(y);
  }

  // Rows that follow each other are asked for together.
  void fold_from_source(const void* const* inputs, Index start, T* y, Index n) const {
    alignas(64) T asked_for[block_entries];
    Strip results(n, abreast_);
    const Loop inner = reduced_.innermost();
    const LoopNest outer = reduced_.without_innermost();
    const Index together = inner.stride == n ? std::max<Index>(1, block_entries / n) : 1;
    const Index runs = reduced_.entries() == 0 ? 0 : outer.entries();
    for (Index run = 0; run < runs; ++run) {
      const Index first = start + outer.offset(run);
      for (Index row = 0; row < inner.size; row += together) {
        const Index rows = std::min(together, inner.size - row);
        source_->read(inputs, first + row * inner.stride, rows * n, asked_for);
        results.take_all(asked_for, rows);
      }
    }
    results.finish(y);
  }

  std::shared_ptr<const EntrySource> source_;
  LoopNest outer_, reduced_;
  Index width_, stride_, strips_, abreast_, units_, per_part_;
};

ReductionLoops loops_of(const KernelRequest& request) {
  return ReductionLoops(request.inputs[0], request.attributes.integers()[0]);
}

bool in_columns(const ReductionLoops& loops) {
  return loops.width >= 4 && loops.reduced.depth() > 0;
}

template <class Fold, class T>
KernelPointer by_rows(const KernelRequest& request) {
  return std::make_unique<Rows<Fold, T>>(loops_of(request));
}

template <class Fold, class T>
KernelPointer by_rows_or_columns(const KernelRequest& request) {
  // By shape alone: the two add in different orders.
  const ReductionLoops loops = loops_of(request);
  if (in_columns(loops)) return std::make_unique<Columns<Fold, T>>(loops, request.source);
  return std::make_unique<Rows<Blocks<Fold, T>, T>>(loops, request.source);
}

template <template <class> class Fold>
KernelPointer numeric(const KernelRequest& request) {
  switch (request.dtypes[0]) {
    case Dtype::float32:
      return by_rows_or_columns<Fold<float>, float>(request);
    case Dtype::float64:
      return by_rows_or_columns<Fold<double>, double>(request);
    default:
      return by_rows_or_columns<Fold<std::int32_t>, std::int32_t>(request);
  }
}

template <class T>
using Greatest = Extreme<T, true>;
template <class T>
using Least = Extreme<T, false>;

template <bool greatest>
KernelPointer position_of(const KernelRequest& request) {
  switch (request.dtypes[0]) {
    case Dtype::float32:
      return by_rows<ExtremePosition<float, greatest>, float>(request);
    case Dtype::float64:
      return by_rows<ExtremePosition<double, greatest>, double>(request);
    case Dtype::int32:
      return by_rows<ExtremePosition<std::int32_t, greatest>, std::int32_t>(request);
    default:
      return by_rows<ExtremePosition<std::uint8_t, greatest>, std::uint8_t>(request);
  }
}

}  // namespace

bool reduction_streams(const KernelRequest& request) {
  const ReductionLoops loops(Layout::dense(request.inputs[0].shape), request.attributes.integers()[0]);
  return in_columns(loops) || loops.width == 1;
}

KernelPointer reduce_sum(const KernelRequest& request) {
  return numeric<Sum>(request);
}
KernelPointer reduce_product(const KernelRequest& request) {
  return numeric<Product>(request);
}
KernelPointer reduce_max(const KernelRequest& request) {
  return numeric<Greatest>(request);
}
KernelPointer reduce_min(const KernelRequest& request) {
  return numeric<Least>(request);
}

KernelPointer reduce_norm(const KernelRequest& request) {
  if (request.dtypes[0] == Dtype::float32) return by_rows_or_columns<Norm<float>, float>(request);
  return by_rows_or_columns<Norm<double>, double>(request);
}

KernelPointer reduce_logsumexp(const KernelRequest& request) {
  if (request.dtypes[0] == Dtype::float32) return by_rows<LogSumExp<float>, float>(request);
  return by_rows<LogSumExp<double>, double>(request);
}

KernelPointer reduce_any(const KernelRequest& request) {
  return by_rows_or_columns<Greatest<std::uint8_t>, std::uint8_t>(request);
}
KernelPointer reduce_all(const KernelRequest& request) {
  return by_rows_or_columns<Least<std::uint8_t>, std::uint8_t>(request);
}

KernelPointer reduce_argmax(const KernelRequest& request) {
  return position_of<true>(request);
}
KernelPointer reduce_argmin(const KernelRequest& request) {
  return position_of<false>(request);
}

}  // namespace gradus::cpu
