#pragma once

#include <gradus/graph/shape.h>

namespace gradus {

/// Of blocks of memory, values in a plan's arena and kernels' scratch memory, in bytes.
inline constexpr Index memory_alignment = 64;

/// Up to the next multiple of that.
constexpr Index aligned_bytes(Index bytes) {
  return (bytes + memory_alignment - 1) / memory_alignment * memory_alignment;
}

}  // namespace gradus
