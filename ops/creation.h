#pragma once

#include <gradus/graph/operators.h>
#include <gradus/graph/tensor.h>

namespace gradus {

// Tensors from nothing. full(shape, value, dtype) stands in graph/operators.h.

/// 0 everywhere, or 1.
Tensor zeros(const Shape& shape, Dtype dtype = Dtype::float32, Where where = Where::current());
Tensor ones(const Shape& shape, Dtype dtype = Dtype::float32, Where where = Where::current());
/// In the shape and dtype of x, whose values do not matter: no gradient leads there.
Tensor zeros_like(const Operand& x);
Tensor ones_like(const Operand& x);

/// 0, 1, …, count - 1. Throws ValueError if count is negative; DtypeError for bool.
Tensor iota(Index count, Dtype dtype = Dtype::int32, Where where = Where::current());
/// start, start + step, … short of `stop`. Throws ValueError unless step leads from start towards stop (equal: no
/// entries).
Tensor arange(double start, double stop, double step = 1, Dtype dtype = Dtype::float32, Where where = Where::current());
/// `count` numbers from `first` to `last`, both included, in equal steps. Throws ValueError if count is negative,
/// DtypeError unless the dtype is floating.
Tensor linspace(double first, double last, Index count, Dtype dtype = Dtype::float32, Where where = Where::current());

/// 1 where row and column are the same, else 0. `columns` < 0: as many as rows.
Tensor eye(Index rows, Index columns = -1, Dtype dtype = Dtype::float32, Where where = Where::current());

}  // namespace gradus
