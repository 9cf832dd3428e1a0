#pragma once

#include <cstdint>
#include <string_view>

namespace gradus {

/// Sizes, axes and positions.
using Index = std::int64_t;

/// What an entry of a tensor is. Training runs in float32; gradients are checked in float64.
enum class Dtype : std::uint8_t { float32, float64, int32, boolean };

inline constexpr int dtype_count = 4;

/// "float32", "float64", "int32" or "bool".
std::string_view name_of(Dtype dtype);

/// Bytes of one entry: 4, 8, 4 or 1.
constexpr Index bytes_of(Dtype dtype) {
  return dtype == Dtype::float64 ? 8 : dtype == Dtype::boolean ? 1 : 4;
}

constexpr bool is_floating(Dtype dtype) {
  return dtype == Dtype::float32 || dtype == Dtype::float64;
}

template <class T>
struct DtypeOf;
template <>
struct DtypeOf<float> {
  static constexpr Dtype value = Dtype::float32;
};
template <>
struct DtypeOf<double> {
  static constexpr Dtype value = Dtype::float64;
};
template <>
struct DtypeOf<std::int32_t> {
  static constexpr Dtype value = Dtype::int32;
};
template <>
struct DtypeOf<bool> {
  static constexpr Dtype value = Dtype::boolean;
};

/// The dtype that holds a C++ type: `dtype_of<float> == Dtype::float32`.
template <class T>
inline constexpr Dtype dtype_of = DtypeOf<T>::value;

}  // namespace gradus
