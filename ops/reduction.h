#pragma once

#include <gradus/graph/operators.h>
#include <gradus/graph/tensor.h>
#include <gradus/ops/axes.h>

namespace gradus {

// One number from many, along one axis, several, or all: sum(x), sum(x, 0), sum(x, {0, -1}). With keep_axes the reduced
// axes stay, with size 1. ShapeError where x has no such axis or one is named twice.

/// Floating dtypes and int32 (which wraps around). The sum of no entries is 0. In float32 the error does not grow with
/// the number of entries: they are collected in float64.
Tensor sum(const Operand& x, const Axes& axes = {}, bool keep = false);
/// Floating dtypes. NaN of no entries.
Tensor mean(const Operand& x, const Axes& axes = {}, bool keep = false);
/// Floating dtypes and int32. The product of no entries is 1. The derivative is right where entries are 0, too.
Tensor product(const Operand& x, const Axes& axes = {}, bool keep = false);
/// The greatest entry; NaN where there is one. Floating dtypes and int32. Entries that share the maximum share its
/// cotangent in equal parts. ShapeError where there are no entries.
Tensor max(const Operand& x, const Axes& axes = {}, bool keep = false);
/// The least entry; everything as in max.
Tensor min(const Operand& x, const Axes& axes = {}, bool keep = false);

/// Σ(x - mean)² / (n - correction): 0 for the variance of all there is, 1 for the estimate from a sample (Bessel).
/// Floating dtypes. ShapeError unless n > correction.
Tensor variance(const Operand& x, const Axes& axes = {}, bool keep = false, int correction = 0);
/// √Σx², which does not overflow in float32 before its result does. Floating dtypes. At x = 0, where there is no
/// derivative, it is taken as 0. For Σ|x| write sum(absolute(x)).
Tensor norm(const Operand& x, const Axes& axes = {}, bool keep = false);
/// log Σe^x without overflow; the derivative is softmax. Floating dtypes. -∞ of no entries or of nothing but -∞, where
/// the derivative is taken as 0.
Tensor logsumexp(const Operand& x, const Axes& axes = {}, bool keep = false);

/// The position of the greatest entry as int32, the first one if several share it; the first NaN counts as greatest.
/// Along several axes, or all: the position among their entries in row-major order. Any dtype; no derivative.
/// ShapeError where there are no entries.
Tensor argmax(const Operand& x, const Axes& axes = {}, bool keep = false);
/// The position of the least entry; everything as in argmax.
Tensor argmin(const Operand& x, const Axes& axes = {}, bool keep = false);

/// Whether any entry is true: false of no entries. Booleans (DtypeError otherwise).
Tensor any(const Operand& x, const Axes& axes = {}, bool keep = false);
/// Whether all entries are true: true of no entries. Booleans (DtypeError otherwise).
Tensor all(const Operand& x, const Axes& axes = {}, bool keep = false);
/// How many entries are not 0, or are true, as int32. Any dtype.
Tensor count_nonzero(const Operand& x, const Axes& axes = {}, bool keep = false);

struct CumulativeOptions {
  bool exclusive = false;  ///< entry i is the sum of those before it, without itself
  bool reverse = false;    ///< of those after it
};
/// Running sums along an axis, of x's shape: y_i = x_0 + … + x_i. Floating dtypes and int32.
Tensor cumulative_sum(const Operand& x, Index axis, const CumulativeOptions& options = {});

}  // namespace gradus
