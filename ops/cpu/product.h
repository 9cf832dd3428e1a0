#pragma once

#include <algorithm>
#include <vector>

#include <gradus/graph/kernel.h>
#include <gradus/ops/cpu/matrix_product.h>

namespace gradus::cpu {

/// A product of matrices, C ← αAB + βC for every batch, worked out once a plan and cut into parts. float32 runs in
/// oneDNN, float64 (and the smallest float32 products) in Eigen. A kernel that does more in one go multiplies a part
/// and then works on `block(part)` of C while it is warm.
struct ProductSpec {
  /// How the matrices of one operand lie.
  struct Factor {
    bool transposed = false;    ///< columns are contiguous instead of rows
    Index leading = 1;          ///< from one row (column, if transposed) to the next, in entries
    std::vector<Index> starts;  ///< first entry of each batch's matrix
  };

  /// Rows and columns of C that one part computes, all batches' rows counted as one matrix of `columns` columns.
  struct Block {
    Index row = 0, rows = 0;
    Index column = 0, columns = 0;
  };

  Dtype dtype = Dtype::float32;
  Index rows = 0, inner = 0, columns = 0;  ///< of one batch: A [rows, inner], B [inner, columns], C [rows, columns]
  Factor a, b;                             ///< C is dense, one batch after another
  Index batch_block = 1, row_block = 1, column_block = 1;  ///< what one part computes, at most

  /// For inputs and output as matmul has them: vectors, matrices, batches that broadcast.
  explicit ProductSpec(const KernelRequest& request);

  Index batches() const { return static_cast<Index>(a.starts.size()); }
  Index parts() const;
  Block block(Index part) const;
  EntryRuns entries(Index part) const;
  /// Estimated time on one thread, in nanoseconds.
  double cost() const;
  /// A product of matrices within a part: where its factors and its result begin, in entries.
  struct Piece {
    Index a, b, c, rows, columns;
  };
  /// Calls visit(piece) for every batch that a part works on.
  template <class Visit>
  void each_piece(Index part, Visit visit) const {
    const Block whole = block(part);
    if (whole.rows == 0 || whole.columns == 0) return;
    const Index first = whole.row / rows, row = whole.row % rows;
    const Index batch_count = std::max<Index>(whole.rows / rows, 1);
    const Index a_start = row * (a.transposed ? 1 : a.leading);
    const Index b_start = whole.column * (b.transposed ? b.leading : 1);
    for (Index batch = first; batch < first + batch_count; ++batch) {
      const auto at = static_cast<std::size_t>(batch);
      visit(Piece{
          .a = a.starts[at] + a_start,
          .b = b.starts[at] + b_start,
          .c = (batch * rows + row) * columns + whole.column,
          .rows = std::min(whole.rows, rows),
          .columns = whole.columns});
    }
  }
  /// The product of the first batch as it goes to a library, without its pointers.
  Multiplication whole() const;
  /// Computes one part. The bits of a part depend on shapes and layouts alone.
  void multiply(const void* a, const void* b, void* c, Index part, double alpha = 1, double beta = 0) const;

 private:
  void fold_batches();
  void choose_blocks();
};

/// matmul's kernel.
KernelPointer product(const KernelRequest& request);
/// The same in oneDNN, of float32 factors that are given as bfloat16; null where it has no code for them.
KernelPointer product_of_bfloat16(const KernelRequest& request);

/// Whether the kernel takes an input as it lies: rows or columns contiguous and apart far enough, batches anyhow.
bool product_accepts(int input, const KernelRequest& request);

}  // namespace gradus::cpu
