#pragma once

#include <array>
#include <concepts>
#include <initializer_list>
#include <span>

#include <gradus/graph/error.h>
#include <gradus/graph/shape.h>

namespace gradus {

/// sum(x, -1, keep_axes): reduced axes stay, with size 1, so that the result broadcasts against x.
inline constexpr bool keep_axes = true;

/// Which axes a reduction takes away: one, several, or all of them. sum(x), sum(x, 0), sum(x, {0, -1}). Negative axes
/// count from the back.
class Axes {
 public:
  /// All axes; `{}` too.
  Axes() = default;
  Axes(Index axis) : Axes({axis}) {}  // NOLINT(google-explicit-constructor): sum(x, 0)
  /// Throws ShapeError on more than max_rank axes.
  Axes(std::initializer_list<Index> axes) : Axes(std::span<const Index>(axes.begin(), axes.size())) {}
  explicit Axes(std::span<const Index> axes) : all_(false) {
    if (axes.size() > axes_.size()) throw ShapeError("a reduction takes at most 8 axes");
    for (const Index axis : axes) axes_[count_++] = axis;
  }
  /// sum(x, true) does not say which axes.
  template <std::same_as<bool> KeepAxes>
  Axes(KeepAxes) = delete;

  bool all() const { return all_; }
  /// The axes as given; empty if they are all meant.
  std::span<const Index> list() const { return {axes_.data(), count_}; }

 private:
  std::array<Index, max_rank> axes_{};
  std::size_t count_ = 0;
  bool all_ = true;
};

}  // namespace gradus
