#include <gradus/graph/attributes.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/graph/error.h>

namespace gradus {

Attributes::Attributes(std::span<const Index> integers, std::initializer_list<double> reals) {
  if (integers.size() > capacity || reals.size() > reals_.size()) {
    throw ShapeError(fmt::format(
        "an operation has at most {} whole and {} real attributes, not {} and {}", capacity, reals_.size(),
        integers.size(), reals.size()));
  }
  std::copy(integers.begin(), integers.end(), integers_.begin());
  std::copy(reals.begin(), reals.end(), reals_.begin());
  integer_count_ = static_cast<std::uint8_t>(integers.size());
  real_count_ = static_cast<std::uint8_t>(reals.size());
}

bool Attributes::operator==(const Attributes& other) const {
  return std::ranges::equal(integers(), other.integers()) && std::ranges::equal(reals(), other.reals());
}

}  // namespace gradus
