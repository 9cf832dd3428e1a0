#include <gradus/ops/cpu/softmax.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>

#include <gradus/ops/cpu/pointwise.h>

namespace gradus::cpu {
namespace {

// Exponentials go through a block on the stack, padded to whole vectors, so that an entry's bits depend on its value
// alone.
constexpr Index block_entries = 1024;
constexpr int lanes = 16;
constexpr Index part_blocks = 8;

template <class T>
struct Block {
  alignas(64) T entries[block_entries];

  void exponentials(const T* z, Index count) {
    using Values = Eigen::Array<T, Eigen::Dynamic, 1>;
    Eigen::Map<Values, Eigen::Aligned64>(entries, count) = cpu::exp(Eigen::Map<const Values>(z, count));
  }
};

// Sums and maxima keep one number a lane, in an order that depends on the count alone.
template <class T>
T sum(const T* x, Index count) {
  T sums[lanes] = {};
  Index i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (int k = 0; k < lanes; ++k) sums[k] += x[i + k];
  }
  T rest = 0;
  for (; i < count; ++i) rest += x[i];
  for (int width = lanes / 2; width > 0; width /= 2) {
    for (int k = 0; k < width; ++k) sums[k] += sums[k + width];
  }
  return sums[0] + rest;
}

template <class T>
T largest(const T* x, Index count) {
  T best[lanes];
  std::fill(best, best + lanes, -std::numeric_limits<T>::infinity());
  Index i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (int k = 0; k < lanes; ++k) best[k] = x[i + k] > best[k] ? x[i + k] : best[k];
  }
  for (; i < count; ++i) best[0] = x[i] > best[0] ? x[i] : best[0];
  return *std::max_element(best, best + lanes);
}

template <class T>
void shift_by_largest(const T* z, T* y, Index columns) {
  const T shift = largest(z, columns);
  for (Index j = 0; j < columns; ++j) y[j] = z[j] - shift;
}

// As many rows as fit a block.
template <class T>
void softmax_narrow(const T* z, T* y, Index rows, Index columns) {
  Block<T> block;
  for (Index r = 0; r < rows; ++r) shift_by_largest(z + r * columns, y + r * columns, columns);
  block.exponentials(y, rows * columns);
  for (Index r = 0; r < rows; ++r) {
    const T* e = block.entries + r * columns;
    const T total = sum(e, columns);
    for (Index j = 0; j < columns; ++j) y[r * columns + j] = e[j] / total;
  }
}

// One row of several blocks.
template <class T>
void softmax_wide(const T* z, T* y, Index, Index columns) {
  Block<T> block;
  shift_by_largest(z, y, columns);
  T total = 0;
  for (Index j = 0; j < columns; j += block_entries) {
    const Index count = std::min(block_entries, columns - j);
    block.exponentials(y + j, count);
    total += sum(block.entries, count);
    std::copy_n(block.entries, count, y + j);
  }
  for (Index j = 0; j < columns; ++j) y[j] /= total;
}

template <class T>
void log_softmax_narrow(const T* z, T* y, Index rows, Index columns) {
  Block<T> block;
  for (Index r = 0; r < rows; ++r) shift_by_largest(z + r * columns, y + r * columns, columns);
  block.exponentials(y, rows * columns);
  for (Index r = 0; r < rows; ++r) {
    const T log_total = std::log(sum(block.entries + r * columns, columns));
    for (Index j = 0; j < columns; ++j) y[r * columns + j] -= log_total;
  }
}

template <class T>
void log_softmax_wide(const T* z, T* y, Index, Index columns) {
  Block<T> block;
  shift_by_largest(z, y, columns);
  T total = 0;
  for (Index j = 0; j < columns; j += block_entries) {
    const Index count = std::min(block_entries, columns - j);
    block.exponentials(y + j, count);
    total += sum(block.entries, count);
  }
  const T log_total = std::log(total);
  for (Index j = 0; j < columns; ++j) y[j] -= log_total;
}

template <class T>
using Rows = void (*)(const T* z, T* y, Index rows, Index columns);

template <class T>
KernelPointer along_rows(const Shape& shape, Rows<T> narrow, Rows<T> wide) {
  const Index columns = shape[shape.rank() - 1];
  const Index rows = columns == 0 ? 0 : shape.count() / columns;
  const Index block_rows = columns == 0 ? 1 : std::max<Index>(1, block_entries / columns);
  const Index part_rows = columns > block_entries ? 1 : block_rows * part_blocks;
  const Rows<T> run_rows = columns > block_entries ? wide : narrow;
  const double nanoseconds = static_cast<double>(shape.count()) * static_cast<double>(sizeof(T)) * 0.4;
  return make_kernel(
      (rows + part_rows - 1) / part_rows, nanoseconds + 10 * static_cast<double>(rows),
      [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
        const T* z = static_cast<const T*>(inputs[0]);
        T* y = static_cast<T*>(outputs[0]);
        const Index last = std::min(end * part_rows, rows);
        for (Index r = begin * part_rows; r < last; r += block_rows) {
          run_rows(z + r * columns, y + r * columns, std::min(block_rows, last - r), columns);
        }
      });
}

}  // namespace

KernelPointer softmax(const KernelRequest& request) {
  const Shape& shape = request.output.shape;
  if (request.dtype == Dtype::float64) return along_rows<double>(shape, softmax_narrow, softmax_wide);
  return along_rows<float>(shape, softmax_narrow, softmax_wide);
}

KernelPointer log_softmax(const KernelRequest& request) {
  const Shape& shape = request.output.shape;
  if (request.dtype == Dtype::float64) return along_rows<double>(shape, log_softmax_narrow, log_softmax_wide);
  return along_rows<float>(shape, log_softmax_narrow, log_softmax_wide);
}

}  // namespace gradus::cpu
