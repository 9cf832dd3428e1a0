#pragma once

#include <algorithm>

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

/// A dense tensor seen from one axis: `outer` rows of `size` entries that are `inner` apart.
struct AxisSplit {
  Index outer = 1, size = 1, inner = 1;

  AxisSplit(const Shape& shape, Index axis) {
    for (int i = 0; i < shape.rank(); ++i) {
      (i < axis ? outer : i == axis ? size : inner) *= shape[i];
    }
  }
};

/// How many of `count` equal pieces of work to put into one part, so that a part is worth handing to another thread.
/// `work` is what one piece costs, in entries touched.
inline Index pieces_a_part(Index count, Index work) {
  constexpr Index worthwhile = 16384;
  return std::clamp<Index>(worthwhile / std::max<Index>(work, 1), 1, std::max<Index>(count, 1));
}

/// Parts for that many pieces; at least one.
inline Index parts_of(Index count, Index pieces) {
  return std::max<Index>((count + pieces - 1) / pieces, 1);
}

}  // namespace gradus::cpu
