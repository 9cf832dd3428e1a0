#pragma once

#include <initializer_list>
#include <limits>
#include <span>

#include <gradus/graph/operators.h>

// Operations that move entries and compute nothing. They take every dtype and keep it. Axes count from the front, or
// from the back if negative. Those marked "a view" cost nothing: their readers see the same memory with other strides.

namespace gradus {

/// The same entries in row-major order under another shape of the same count. One size may be −1: what is left for it.
/// Throws ShapeError where the counts differ. A view of dense entries.
Tensor reshape(const Operand& x, std::initializer_list<Index> sizes);
Tensor reshape(const Operand& x, const Shape& shape);

/// All axes from `first_axis` on as one: [10, 28, 28] from axis 1 becomes [10, 784]. A scalar becomes [1].
Tensor flatten(const Operand& x, Index first_axis = 0);
/// A new axis of size 1 before `axis` (−1: after the last): [10, 784] at 1 becomes [10, 1, 784].
Tensor expand(const Operand& x, Index axis);
/// Without an axis, whose size must be 1 (ShapeError otherwise).
Tensor squeeze(const Operand& x, Index axis);

/// The axes in reverse order; rows become columns. A view.
Tensor transpose(const Operand& x);
/// The axes in a given order: axis i of the result is axis axes[i] of x. Throws ShapeError unless each occurs once. A
/// view.
Tensor permute(const Operand& x, std::span<const Index> axes);
inline Tensor permute(const Operand& x, std::initializer_list<Index> axes) {
  return permute(x, std::span<const Index>(axes.begin(), axes.size()));
}
/// Two axes trade places. A view.
Tensor swap_axes(const Operand& x, Index a, Index b);

/// Copies of x along new axes (in front) or axes of size 1. Throws ShapeError where x does not fit. A view: nothing is
/// copied.
Tensor broadcast_to(const Operand& x, const Shape& shape);

/// As a stop: as far as the axis goes in the step's direction.
inline constexpr Index to_end = std::numeric_limits<Index>::max();

/// Entries start, start + step, … short of `stop`, along one axis. Negative positions count from the end, and a
/// negative step walks backwards: slice(x, 0, -1, to_end, -1) reverses the rows. Throws ValueError, naming the axis and
/// its size, where a position is out of range, the step is 0, or start lies past stop. A view.
Tensor slice(const Operand& x, Index axis, Index start, Index stop, Index step = 1);

/// Which entries of one axis; all of them by default.
struct Range {
  Index start = 0;
  Index stop = to_end;
  Index step = 1;
};
/// One range an axis, from the first axis on: slice(images, {{0, 10}, {}, {0, to_end, 2}}). A view.
Tensor slice(const Operand& x, std::initializer_list<Range> ranges);
/// One entry of an axis, which goes away: select(images, 0, 3) is the fourth image. Throws ValueError out of range. A
/// view.
Tensor select(const Operand& x, Index axis, Index position);
/// Backwards along the given axes. A view.
Tensor flip(const Operand& x, std::span<const Index> axes);
inline Tensor flip(const Operand& x, std::initializer_list<Index> axes) {
  return flip(x, std::span<const Index>(axes.begin(), axes.size()));
}

/// Tensors one after another along an axis that they have; their other sizes must agree (ShapeError otherwise).
Tensor concatenate(const Tensors& tensors, Index axis = 0, Where where = Where::current());
/// Tensors of one shape side by side along a new axis.
Tensor stack(const Tensors& tensors, Index axis, Where where);  // = 0, = Where::current(): see graph/operators.h
/// As many equal parts along an axis, whose size they must divide (ShapeError otherwise). Views.
Tensors split(const Operand& x, Index parts, Index axis = 0);
/// Parts of given sizes, which must add up to the axis' size (ShapeError otherwise). Views.
Tensors split(const Operand& x, std::span<const Index> sizes, Index axis = 0);
inline Tensors split(const Operand& x, std::initializer_list<Index> sizes, Index axis = 0) {
  return split(x, std::span<const Index>(sizes.begin(), sizes.size()), axis);
}

/// `before` entries of `value` in front of an axis, `after` behind it, and `between` of them between any two of x's.
/// Throws ValueError on a negative number of entries.
Tensor pad(const Operand& x, Index axis, Index before, Index after, double value = 0, Index between = 0);
/// The whole tensor over and over, repeats[i] times along axis i. With fewer numbers than axes the last axes are meant;
/// with more, x gets axes of size 1 in front.
Tensor tile(const Operand& x, std::span<const Index> repeats);
inline Tensor tile(const Operand& x, std::initializer_list<Index> repeats) {
  return tile(x, std::span<const Index>(repeats.begin(), repeats.size()));
}

/// The entries [i, i] of the last two axes: [3, 4] becomes [3]. Throws ShapeError on less than two axes. A view.
Tensor diagonal(const Operand& x);
/// The last axis as the diagonal of square matrices that are 0 elsewhere: [3] becomes [3, 3]. The book's Σ′(z) in (33).
Tensor diagonal_matrix(const Operand& x);
/// The same for `rows` × `columns` matrices, of which the smaller number must be the last axis' size (ShapeError
/// otherwise).
Tensor diagonal_matrix(const Operand& x, Index rows, Index columns);
/// The entries [i, j] of the last two axes with j − i ≤ diagonal; 0 elsewhere. Throws ShapeError on less than two axes.
Tensor lower_triangle(const Operand& x, Index diagonal = 0);
/// The entries with j − i ≥ diagonal; 0 elsewhere.
Tensor upper_triangle(const Operand& x, Index diagonal = 0);

}  // namespace gradus
