#include <gradus/datasets/shuffle.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace gradus::datasets {
namespace {

__extension__ typedef unsigned __int128 Wide;  // NOLINT(modernize-use-using): __extension__ takes no using

constexpr std::uint64_t step = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio, odd

constexpr std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace

// Mixed, so that seeds that follow each other (epochs) do not begin beside each other.
SplitMix::SplitMix(std::initializer_list<std::int64_t> key) {
  for (const std::int64_t part : key) state_ = mixed((state_ ^ static_cast<std::uint64_t>(part)) + step);
}

std::uint64_t SplitMix::next() {
  return mixed(state_ += step);
}

std::uint64_t SplitMix::below(std::uint64_t bound) {
  // Lemire 2019: the high half of a product, thrown again where the low half says that a number would come once too
  // often.
  Wide product = Wide{next()} * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t surplus = (0 - bound) % bound;  // 2^64 mod bound
    while (static_cast<std::uint64_t>(product) < surplus) product = Wide{next()} * bound;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double SplitMix::uniform() {
  return static_cast<double>(next() >> 11) * 0x1p-53;
}

double SplitMix::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // Box and Muller; 1 - u is never 0
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

void fill_permutation(std::span<Index> order, std::int64_t seed) {
  std::iota(order.begin(), order.end(), Index{0});
  SplitMix random(seed);
  for (std::size_t left = order.size(); left > 1; --left) std::swap(order[left - 1], order[random.below(left)]);
}

std::vector<Index> permutation(Index count, std::int64_t seed) {
  std::vector<Index> order(static_cast<std::size_t>(count));
  fill_permutation(order, seed);
  return order;
}

}  // namespace gradus::datasets
