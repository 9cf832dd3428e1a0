#pragma once

#include <gradus/graph/operators.h>

// Operations whose indices are values (int32 tensors). An index out of range cannot be seen before it is computed, so
// it throws when the graph is evaluated, before any parameter moves on.

namespace gradus {

/// The entries of an axis at the given positions: take(table, words) looks up rows of an embedding. Shape: x's, with
/// `axis` replaced by the indices' shape. x of any dtype, indices int32 (DtypeError otherwise). Throws ValueError,
/// naming position, index and size, where an index is negative or past the end.
Tensor take(const Operand& x, const Operand& indices, Index axis = 0);
/// The transpose of take: zeros with `size` entries along `axis`, to which every update is added at its index. Shape:
/// updates', with the indices' axes (which start at `axis`) replaced by `size`. Repeated indices add up in their order,
/// on any number of threads. Updates are float32, float64 or int32. Throws like take.
Tensor scatter_add(const Operand& updates, const Operand& indices, Index axis, Index size);

/// One entry a row along `axis`. Indices shaped like x but for that axis pick entry by entry: y[i, j] = x[i, indices[i,
/// j]] at axis 1. Indices without that axis pick one entry each: take_along(log_probabilities, labels, 1) is what the
/// log-likelihood cost, the book's (80), needs. Throws like take.
Tensor take_along(const Operand& x, const Operand& indices, Index axis);
/// The transpose of take_along: zeros with `size` entries along `axis`, to which updates[i, j] is added at
/// [i, indices[i, j]]. Updates and indices have the same shape (ShapeError otherwise).
Tensor scatter_add_along(const Operand& updates, const Operand& indices, Index axis, Index size);

/// 1 at each label's position along a new last axis of `classes` entries, 0 elsewhere; the book's 10-vector y(x).
/// Labels are int32. Throws ValueError, naming position, label and classes, where a label is negative or too large.
Tensor one_hot(const Operand& labels, Index classes, Dtype dtype = Dtype::float32);

}  // namespace gradus
