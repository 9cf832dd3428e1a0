#pragma once

#include <cstdint>

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

/// Calls `visit` with an unsigned integer as wide as an entry: copying needs to know no more, and leaves −0 and NaNs
/// alone.
template <class Visit>
KernelPointer with_entry_type(Dtype dtype, Visit visit) {
  switch (bytes_of(dtype)) {
    case 1:
      return visit(std::uint8_t{});
    case 4:
      return visit(std::uint32_t{});
    default:
      return visit(std::uint64_t{});
  }
}

/// Calls `visit` with a float, double or std::int32_t: what can be added up.
template <class Visit>
KernelPointer with_number_type(Dtype dtype, Visit visit) {
  switch (dtype) {
    case Dtype::float64:
      return visit(double{});
    case Dtype::int32:
      return visit(std::int32_t{});
    default:
      return visit(float{});
  }
}

}  // namespace gradus::cpu
