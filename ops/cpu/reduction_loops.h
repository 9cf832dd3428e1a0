#pragma once

#include <algorithm>
#include <array>

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

/// `size` entries, each `stride` from the one before.
struct Loop {
  Index size, stride;
};

/// Nested loops over entries in memory, outermost first. Loops that run into each other are one; those of size 1 are
/// none.
class LoopNest {
 public:
  void append(Loop loop) {
    if (loop.size == 1) return;
    if (count_ > 0 && back().stride == loop.stride * loop.size) {
      back() = {back().size * loop.size, loop.stride};
    } else {
      loops_[static_cast<std::size_t>(count_++)] = loop;
    }
  }

  int depth() const { return count_; }
  /// The innermost loop; one entry where there is none.
  Loop innermost() const { return count_ > 0 ? loops_[static_cast<std::size_t>(count_ - 1)] : Loop{1, 1}; }
  LoopNest without_innermost() const {
    LoopNest outer = *this;
    outer.count_ = std::max(count_ - 1, 0);
    return outer;
  }
  Index entries() const {
    Index product = 1;
    for (int i = 0; i < count_; ++i) product *= loops_[static_cast<std::size_t>(i)].size;
    return product;
  }

  /// Where the entry at a position lies, in row-major order of the loops.
  Index offset(Index position) const {
    Index result = 0;
    for (int i = count_ - 1; i > 0; --i) {
      const Loop& loop = loops_[static_cast<std::size_t>(i)];
      result += position % loop.size * loop.stride;
      position /= loop.size;
    }
    return count_ > 0 ? result + position * loops_[0].stride : 0;
  }

  /// Calls visit(offset) for every entry in order.
  template <class Visit>
  void each(Visit visit) const {
    const Loop inner = innermost();
    const LoopNest outer = without_innermost();
    const Index runs = outer.entries();
    for (Index run = 0; run < runs; ++run) {
      Index offset = outer.offset(run);
      for (Index i = 0; i < inner.size; ++i, offset += inner.stride) visit(offset);
    }
  }

  /// Copies entries [position, position + n) to where they lie side by side.
  template <class T>
  void gather(const T* x, Index position, Index n, T* gathered) const {
    const Loop inner = innermost();
    const LoopNest outer = without_innermost();
    while (n > 0) {
      const Index within = position % inner.size, count = std::min(n, inner.size - within);
      const T* first = x + outer.offset(position / inner.size) + within * inner.stride;
      for (Index i = 0; i < count; ++i) gathered[i] = first[i * inner.stride];
      position += count;
      gathered += count;
      n -= count;
    }
  }

 private:
  Loop& back() { return loops_[static_cast<std::size_t>(count_ - 1)]; }
  std::array<Loop, max_rank> loops_{};
  int count_ = 0;
};

/// The loops over the entries of a result and, for each, over the entries that it is made of.
struct ReductionLoops {
  LoopNest kept;
  LoopNest reduced;
  /// The last reduced axes that are neighbours, and those before them: the same split whatever the strides, so that
  /// sums are grouped the same way.
  LoopNest inner, outer;
  /// How many results lie side by side behind the last reduced axis.
  Index width = 1;

  /// Bit i of `axes`: axis i is reduced.
  ReductionLoops(const Layout& input, Index axes) {
    const auto is_reduced = [&](int axis) { return (axes >> axis & 1) != 0; };
    int last = input.shape.rank() - 1;
    for (; last >= 0 && (!is_reduced(last) || input.shape[last] == 1); --last) width *= input.shape[last];
    int first = last;
    while (first > 0 && (is_reduced(first - 1) || input.shape[first - 1] == 1)) --first;
    for (int axis = 0; axis < input.shape.rank(); ++axis) {
      const Loop loop{input.shape[axis], input.stride(axis)};
      if (!is_reduced(axis)) {
        kept.append(loop);
      } else {
        reduced.append(loop);
        (axis < first ? outer : inner).append(loop);
      }
    }
  }
};

// Parts large enough that handing them to another thread pays.
inline Index units_per_part(Index entries_per_unit) {
  constexpr Index entries_per_part = 1 << 15;
  return std::max<Index>(1, entries_per_part / std::max<Index>(1, entries_per_unit));
}

}  // namespace gradus::cpu
