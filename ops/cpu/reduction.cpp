#include <gradus/ops/cpu/reduction.h>

#include <gradus/ops/cpu/folds.h>
#include <gradus/ops/cpu/reduction_loops.h>

namespace gradus::cpu {

namespace {

constexpr Index rows_per_block = 64;

// One result after another, its entries block by block.
template <class Fold, class T>
class Rows final : public Kernel {
 public:
  explicit Rows(const ReductionLoops& loops, std::shared_ptr<const EntrySource> source = nullptr)
      : loops_(loops),
        source_(std::move(source)),
        results_(loops.kept.entries()),
        entries_(loops.reduced.entries()),
        side_by_side_(loops.inner.depth() <= 1 && loops.inner.innermost().stride == 1),
        abreast_(
            can_take_abreast && !source_ && !side_by_side_ && loops.inner.depth() <= 1 &&
            loops.kept.innermost().stride == 1 && loops.kept.innermost().size % results_abreast == 0),
        per_part_(units_per_part(entries_)) {
    if (abreast_) per_part_ = (per_part_ + results_abreast - 1) / results_abreast * results_abreast;
  }

  Index parts() const override { return std::max<Index>(1, (results_ + per_part_ - 1) / per_part_); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    const T* x = static_cast<const T*>(inputs[0]);
    auto* y = static_cast<decltype(Fold::finish(Fold::start()))*>(outputs[0]);
    const Index last = std::min(end * per_part_, results_);
    if constexpr (can_take_abreast) {
      for (Index i = begin * per_part_; abreast_ && i < last; i += results_abreast) {
        fold_abreast(x + loops_.kept.offset(i), y + i);
      }
      if (abreast_) return;
    }
    for (Index i = begin * per_part_; i < last; ++i) {
      y[i] = source_ ? fold_from_source(inputs, loops_.kept.offset(i)) : fold(x + loops_.kept.offset(i));
    }
  }

  std::optional<EntryRuns> entries(Index part) const override {
    const Index first = part * per_part_;
    return EntryRuns{.first = first, .length = std::min(per_part_, results_ - first)};
  }

 private:
  static constexpr Index results_abreast = 16;
  static constexpr bool can_take_abreast =
      requires(const T* x) { Fold::template take_abreast<results_abreast>(nullptr, x, 0, 0); };

  // As of channels that lie last and are not reduced.
  void fold_abreast(const T* x, auto* y) const {
    typename Fold::State states[results_abreast];
    std::fill_n(states, results_abreast, Fold::start());
    const Index run = loops_.inner.entries(), runs = entries_ == 0 ? 0 : loops_.outer.entries();
    const Index step = loops_.inner.innermost().stride;
    for (Index i = 0; i < runs; ++i) {
      const T* first = x + loops_.outer.offset(i);
      for (Index j = 0; j < run; j += block_entries) {
        Fold::template take_abreast<results_abreast>(states, first + j * step, std::min(block_entries, run - j), step);
      }
    }
    for (Index r = 0; r < results_abreast; ++r) y[r] = Fold::finish(states[r]);
  }

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
  Index results_, entries_;
  bool side_by_side_, abreast_;
  Index per_part_;
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
