#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include <gradus/graph/dtype.h>

namespace gradus::datasets {

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers from a seed on every machine and with every standard
/// library, whose distributions are left to each. Not for secrets.
class SplitMix {
 public:
  explicit SplitMix(std::int64_t seed) : SplitMix(std::initializer_list<std::int64_t>{seed}) {}
  /// Unrelated numbers for every key of one or several parts, such as (seed, epoch, example).
  explicit SplitMix(std::initializer_list<std::int64_t> key);
  std::uint64_t next();
  /// Below `bound` (which is not 0), every number equally likely.
  std::uint64_t below(std::uint64_t bound);
  /// In [0, 1), in steps of 2^-53.
  double uniform();
  /// Mean 0, standard deviation 1.
  double normal();

 private:
  std::uint64_t state_ = 0;
};

/// Writes 0 … n - 1 in random order, which depends on the seed alone.
void fill_permutation(std::span<Index> order, std::int64_t seed);
/// The same as a vector of `count` entries.
std::vector<Index> permutation(Index count, std::int64_t seed);

}  // namespace gradus::datasets
