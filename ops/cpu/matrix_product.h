#pragma once

#include <gradus/graph/dtype.h>

namespace gradus::cpu {

/// One product of matrices given by pointers: C ← αAB + βC, with C [rows, columns] and `c_leading` entries from row to
/// row. A transposed factor has contiguous columns instead of rows.
struct Multiplication {
  Index rows, inner, columns;
  const void* a;
  bool a_transposed;
  Index a_leading;
  const void* b;
  bool b_transposed;
  Index b_leading;
  void* c;
  Index c_leading;
  double alpha, beta;
};

/// Code made for one size, layout and β: C ← AB + βC. Null where another library does better.
using MatrixCode = void (*)(const float* b, const float* a, float* c);
MatrixCode matrix_code(Dtype dtype, const Multiplication& multiplication);

/// Computes it on this thread. Which library does, and so the bits, depends on sizes, layouts, α and β alone. Throws
/// std::bad_alloc.
void multiply_matrices(Dtype dtype, const Multiplication& multiplication);
/// The same with the code that was made for it.
void multiply_matrices(MatrixCode code, const Multiplication& multiplication);

}  // namespace gradus::cpu
