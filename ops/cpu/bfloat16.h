#pragma once

#include <bit>
#include <cstdint>

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

/// The upper half of a float32, rounded to the nearest, ties to even. NaN stays NaN.
inline std::uint16_t to_bfloat16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return static_cast<std::uint16_t>(x != x ? bits >> 16 | 0x40 : rounded);
}
inline float from_bfloat16(std::uint16_t upper) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16);
}

/// Whether oneDNN multiplies bfloat16 with instructions of this processor's: AVX512-BF16 or AMX.
bool multiplies_bfloat16();
/// For tests: as if it did, which oneDNN emulates on processors with AVX-512, slowly; nothing: what is so.
void pretend_to_multiply_bfloat16(std::optional<bool> pretended);

/// The kernel of a request that asks for bfloat16: a product whose factors are inputs 0 and 1. Where the processor
/// multiplies bfloat16, `prepare` makes an inner kernel of factors of that type, which lie as the request says, if it
/// can; else, and for other dtypes, `prepare_float32` makes it, and is given factors that are rounded.
KernelPointer of_rounded_factors(
    const KernelRequest& request, KernelPointer (*prepare)(const KernelRequest&),
    KernelPointer (*prepare_float32)(const KernelRequest&));

}  // namespace gradus::cpu
