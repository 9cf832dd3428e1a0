#pragma once

#include <vector>

#include <gradus/graph/kernel.h>

namespace gradus::plan {

/// Reads entries of a strided layout in row-major order.
class Gather {
 public:
  Gather(const Layout& layout, Index item_bytes);

  /// Copies entries [first, first + count) of the row-major sequence to `to`.
  void copy(const void* from, void* to, Index first, Index count) const;

 private:
  struct Axis {
    Index size, stride;
  };
  std::vector<Axis> axes_;  // outermost first; neighbours that run on are merged
  Index item_bytes_;
};

/// A layout read as if it had a larger shape: stride 0 where it is broadcast.
Layout broadcast_layout(const Layout& layout, const Shape& shape);

/// A kernel that makes a dense copy of a strided layout.
KernelPointer copy_kernel(const Layout& from, Dtype dtype);

}  // namespace gradus::plan
