#pragma once

#include <algorithm>
#include <array>

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

/// `size` entries, each `stride` from the one before.
struct Loop {
  Index size, stride;
};

/// Nested loops over entries in memory, outermost first. Loops that run into each other are one; those of size 1 are none.
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

  int depth() const {
    return count_;
  }
  /// The innermost loop; one entry where there is none.
  Loop innermost() const {
    return count_ > 0 ? loops_[static_cast<std::size_t>(count_ - 1)] : Loop{1, 1};
  }
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

 private:
  Loop& back() {
    return loops_[static_cast<std::size_t>(count_ - 1)];
  }
  std::array<Loop, max_rank> loops_{};
  int count_ = 0;
};

/// The loops over the entries of a result and, for each, over the entries that it is made of.
struct ReductionLoops {
  LoopNest kept, reduced;

  /// Bit i of `axes`: axis i is reduced.
  ReductionLoops(const Layout& input, Index axes) {
    for (int axis = 0; axis < input.shape.rank(); ++axis) {
      (axes >> axis & 1 ? reduced : kept).append({input.shape[axis], input.stride(axis)});
    }
  }
};

}  // namespace gradus::cpu
