#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>

#include <gradus/graph/operation.h>

namespace gradus {

/// The most axes that a window slides along.
inline constexpr int max_spatial_axes = 3;

/// A number for each spatial axis, or one for all of them.
class PerAxis {
 public:
  PerAxis(Index all) : numbers_{all, all, all} {}  // NOLINT(google-explicit-constructor): .stride = 2
  /// Throws ShapeError unless there are 1 to 3 numbers.
  PerAxis(std::initializer_list<Index> each);

  Index operator[](int axis) const { return numbers_[static_cast<std::size_t>(axis)]; }
  /// How many were given; 0: one for all.
  int count() const { return count_; }

 private:
  std::array<Index, max_spatial_axes> numbers_{};
  int count_ = 0;
};

/// What is added around the spatial axes before a window slides over them: zeros for convolutions, nothing that counts
/// for pooling.
class Padding {
 public:
  Padding(Index both_sides) : sizes_(both_sides) {}                         // NOLINT(google-explicit-constructor)
  Padding(const PerAxis& both_sides) : sizes_(both_sides) {}                // NOLINT(google-explicit-constructor)
  Padding(std::initializer_list<Index> both_sides) : sizes_(both_sides) {}  // .padding = {1, 2}
  /// So much that there are ⌈size / stride⌉ positions: as many as entries where the stride is 1. An odd number is
  /// padded once more behind than in front.
  static Padding same();

  bool is_same() const { return same_; }
  const PerAxis& sizes() const { return sizes_; }

 private:
  PerAxis sizes_;
  bool same_ = false;
};

/// How a window slides along one axis, in entries.
struct WindowAxis {
  Index size = 1, stride = 1;
  Index before = 0, after = 0;  ///< padding
  Index dilation = 1;           ///< from one entry of the window to the next

  /// From the window's first entry to behind its last.
  Index extent() const { return dilation * (size - 1) + 1; }
  /// How many positions it has over an axis of `entries`; none if it does not fit.
  Index positions(Index entries) const;
  bool operator==(const WindowAxis&) const = default;
};

/// A window over the spatial axes of channels-last tensors [examples, axes…, channels].
struct SlidingWindow {
  int rank = 0;
  std::array<WindowAxis, max_spatial_axes> axes{};

  WindowAxis& operator[](int axis) { return axes[static_cast<std::size_t>(axis)]; }
  const WindowAxis& operator[](int axis) const { return axes[static_cast<std::size_t>(axis)]; }
  /// The product of the window's sizes.
  Index count() const;
  /// One whole number an axis, then the others: what operations keep in their attributes.
  Attributes attributes(std::initializer_list<Index> others = {}) const;
  /// From the first `rank` attributes.
  static SlidingWindow from(const Attributes& attributes, int rank);
};

/// What the options of convolutions and pooling have in common.
struct WindowOptions {
  PerAxis stride = 1;
  Padding padding = 0;
  PerAxis dilation = 1;
};

/// The window of a public function over x [examples, channels, axes…], with sizes as they are meant. Throws ShapeError
/// unless x has `rank` spatial axes, or where options name more or fewer axes, or a window does not fit the padded
/// axis; ValueError on a stride or dilation below 1, a negative padding or sizes beyond 65,535 (strides, paddings and
/// dilations beyond 4,095).
SlidingWindow sliding_window(
    std::string_view operation, const Operand& x, int rank, const std::array<Index, max_spatial_axes>& sizes,
    const WindowOptions& options);

/// x [examples, channels, axes…] as [examples, axes…, channels], and back: views of the same entries.
Tensor channels_last(const Operand& x);
Tensor channels_first(const Operand& x);

}  // namespace gradus
