#pragma once

#include <libxsmm.h>

#include <gradus/graph/dtype.h>

namespace bench {

/// C ← AB, or C ← C + AB: float32, row-major, dense. The sizes are fixed when it is made, and libxsmm compiles a kernel
/// for just these; measured for the sizes of these benchmarks, it beats oneDNN's sgemm and Eigen at every one.
class Product {
 public:
  struct Sizes {
    gradus::Index rows, inner, columns;
    bool a_transposed = false;  ///< A lies in memory as [inner, rows]
    bool accumulate = false;
  };

  /// Throws std::runtime_error where libxsmm has no kernel for this processor.
  explicit Product(const Sizes& sizes);

  void operator()(const float* a, const float* b, float* c) const { kernel_(b, a, c); }

 private:
  libxsmm_smmfunction kernel_;
};

/// The rows of `from` [rows, columns] become the columns of `to` [columns, rows].
void transpose(const float* from, gradus::Index rows, gradus::Index columns, float* to);

}  // namespace bench
