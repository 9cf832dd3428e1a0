#pragma once

#include <array>
#include <initializer_list>
#include <span>

#include <gradus/graph/shape.h>

namespace gradus {

/// What an operation must know beside its inputs: axes, strides, a probability. Structure, not value: another attribute
/// is another plan. Numbers that change from step to step are inputs instead.
class Attributes {
 public:
  static constexpr int capacity = max_rank;

  Attributes() = default;
  /// Throws ShapeError on more than `capacity` integers.
  Attributes(std::initializer_list<Index> integers, std::initializer_list<double> reals = {})
      : Attributes(std::span<const Index>(integers.begin(), integers.size()), reals) {}
  explicit Attributes(std::span<const Index> integers, std::initializer_list<double> reals = {});
  explicit Attributes(const Shape& shape) : Attributes(shape.sizes()) {}

  std::span<const Index> integers() const { return {integers_.data(), integer_count_}; }
  std::span<const double> reals() const { return {reals_.data(), real_count_}; }
  bool empty() const { return integer_count_ == 0 && real_count_ == 0; }
  bool operator==(const Attributes& other) const;

 private:
  std::uint8_t integer_count_ = 0;
  std::uint8_t real_count_ = 0;
  std::array<Index, capacity> integers_{};
  std::array<double, 2> reals_{};
};

}  // namespace gradus
