#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gradus::cpu {

/// Philox 4×32-10: a function from (counter, key) to 128 random bits, with no state. J. K. Salmon, M. A. Moraes, R. O.
/// Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
using PhiloxBlock = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

namespace philox_detail {

inline constexpr std::uint32_t multiplier_0 = 0xD2511F53u, multiplier_1 = 0xCD9E8D57u;
inline constexpr std::uint32_t weyl_0 = 0x9E3779B9u, weyl_1 = 0xBB67AE85u;
inline constexpr int rounds = 10;

inline std::uint32_t low(std::uint64_t product) {
  return static_cast<std::uint32_t>(product);
}
inline std::uint32_t high(std::uint64_t product) {
  return static_cast<std::uint32_t>(product >> 32);
}

}  // namespace philox_detail

inline PhiloxBlock philox(PhiloxBlock counter, PhiloxKey key) {
  using namespace philox_detail;
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t a = std::uint64_t{multiplier_0} * counter[0];
    const std::uint64_t b = std::uint64_t{multiplier_1} * counter[2];
    counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
    key = {key[0] + weyl_0, key[1] + weyl_1};
  }
  return counter;
}

/// What a stream's bits are drawn for: the same seed gives unrelated bits for each.
enum class Draw : std::uint32_t {
  uniform = 0,
  uniform_low = 1,
  normal = 2,
  normal_low = 3,
  integers = 4,
  permutation = 5
};

/// A sequence of 2^56 blocks, chosen by a seed and a stream number: 2^64 of them a seed.
struct PhiloxStream {
  PhiloxKey seed{};
  std::array<std::uint32_t, 2> number{};
  Draw draw = Draw::uniform;

  /// From a tensor's entries {seed low, seed high, stream low, stream high}.
  PhiloxStream(const std::int32_t* entries, Draw purpose)
      : seed{static_cast<std::uint32_t>(entries[0]), static_cast<std::uint32_t>(entries[1])},
        number{static_cast<std::uint32_t>(entries[2]), static_cast<std::uint32_t>(entries[3])},
        draw(purpose) {}

  PhiloxBlock counter(std::uint64_t block) const {
    return {
        static_cast<std::uint32_t>(block),
        static_cast<std::uint32_t>(block >> 32) | (static_cast<std::uint32_t>(draw) << 24), number[0], number[1]};
  }
  PhiloxBlock block(std::uint64_t block) const { return philox(counter(block), seed); }
};

/// The words of `count` blocks side by side, so that compilers turn every round into vector code. Word w of block b is
/// words[w][b].
template <int count>
struct PhiloxBatch {
  std::uint32_t words[4][count];

  PhiloxBatch(const PhiloxStream& stream, std::uint64_t first_block) {
    for (int b = 0; b < count; ++b) {
      const PhiloxBlock counter = stream.counter(first_block + static_cast<std::uint64_t>(b));
      for (int w = 0; w < 4; ++w) words[w][b] = counter[static_cast<std::size_t>(w)];
    }
    using namespace philox_detail;
    PhiloxKey key = stream.seed;
    for (int round = 0; round < rounds; ++round) {
      for (int b = 0; b < count; ++b) {
        const std::uint64_t p = std::uint64_t{multiplier_0} * words[0][b];
        const std::uint64_t q = std::uint64_t{multiplier_1} * words[2][b];
        words[0][b] = high(q) ^ words[1][b] ^ key[0];
        words[1][b] = low(q);
        words[2][b] = high(p) ^ words[3][b] ^ key[1];
        words[3][b] = low(p);
      }
      key = {key[0] + weyl_0, key[1] + weyl_1};
    }
  }
};

}  // namespace gradus::cpu
