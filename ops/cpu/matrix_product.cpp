#include <gradus/ops/cpu/matrix_product.h>

#include <algorithm>
#include <new>
#include <string>
#include <vector>

// GCC 12's own AVX-512 intrinsics start from an undefined register and warn about it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <Eigen/Core>
#pragma GCC diagnostic pop
#include <libxsmm.h>
#include <oneapi/dnnl/dnnl.h>

#include <gradus/graph/error.h>
#include <gradus/ops/cpu/threading.h>

namespace gradus::cpu {

namespace {

// Below so many multiplications Eigen's loops do, and no code need be made for the size.
constexpr Index multiplications_for_eigen = 128;
// libxsmm does not block for the caches: beyond this size of B oneDNN overtakes it, the sooner if A is transposed.
constexpr Index largest_b_for_xsmm = Index{1} << 17, largest_b_by_transposed_a = 10'000;
// It computes whole vectors of a row of C: narrower ones waste it.
constexpr Index least_columns_for_xsmm = 4;
// What transposing B first may cost: this many entries, or any number if each is used by this many rows.
constexpr Index entries_to_transpose = 2048, rows_worth_transposing = 32;
// A large transposed B stays as it is if so many rows or fewer are multiplied by it: Cᵀ = BᵀAᵀ transposes those.
constexpr Index least_b_as_it_is = Index{1} << 15, most_rows_to_transpose = 64;
// So few rows use each entry of a large B so seldom that fetching it is what takes time: whole rows of it, some at a
// time.
constexpr Index few_rows = 16, rows_at_a_time = 32;

libxsmm_blasint size(Index n) {
  return static_cast<libxsmm_blasint>(n);
}

template <class T>
void run_in_eigen(const Multiplication& m) {
  using ByRows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using ByColumns = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
  using Stride = Eigen::OuterStride<>;
  const auto multiply = [&]<class A, class B>(const A*, const B*) {
    const Eigen::Map<const A, Eigen::Unaligned, Stride> a(
        static_cast<const T*>(m.a), m.rows, m.inner, Stride(m.a_leading));
    const Eigen::Map<const B, Eigen::Unaligned, Stride> b(
        static_cast<const T*>(m.b), m.inner, m.columns, Stride(m.b_leading));
    Eigen::Map<ByRows, Eigen::Unaligned, Stride> c(static_cast<T*>(m.c), m.rows, m.columns, Stride(m.c_leading));
    if (m.beta == 0 && m.alpha == 1) {
      c.noalias() = a * b;
      return;
    }
    // One more form for β = 0 would compile all of Eigen's loops once more.
    if (m.beta == 0) c.setZero();
    if (m.beta != 0 && m.beta != 1) c *= static_cast<T>(m.beta);
    c.noalias() += static_cast<T>(m.alpha) * (a * b);
  };
  const ByRows* by_rows = nullptr;
  const ByColumns* by_columns = nullptr;
  if (m.a_transposed) {
    m.b_transposed ? multiply(by_columns, by_columns) : multiply(by_columns, by_rows);
  } else {
    m.b_transposed ? multiply(by_rows, by_columns) : multiply(by_rows, by_rows);
  }
}

void run_in_onednn(const Multiplication& m) {
  const SingleThreadedOpenMP single_threaded;
  const dnnl_status_t status = dnnl_sgemm(
      m.a_transposed ? 'T' : 'N', m.b_transposed ? 'T' : 'N', m.rows, m.columns, m.inner, static_cast<float>(m.alpha),
      static_cast<const float*>(m.a), m.a_leading, static_cast<const float*>(m.b), m.b_leading,
      static_cast<float>(m.beta), static_cast<float*>(m.c), m.c_leading);
  if (status == dnnl_out_of_memory) throw std::bad_alloc();
  if (status != dnnl_success) throw Error("matmul: oneDNN's sgemm failed with status " + std::to_string(status));
}

// An empty sum is 0, and αAB + βC then βC.
template <class T>
void run_empty(const Multiplication& m) {
  for (Index i = 0; i < m.rows; ++i) {
    T* row = static_cast<T*>(m.c) + i * m.c_leading;
    if (m.beta == 0) {
      std::fill_n(row, m.columns, T{0});
    } else {
      std::for_each_n(row, m.columns, [&](T& entry) { entry *= static_cast<T>(m.beta); });
    }
  }
}

float* scratch_of_this_thread(std::size_t entries) {
  thread_local std::vector<float> scratch;
  if (scratch.size() < entries) scratch.resize(entries);
  return scratch.data();
}

bool fits_by_columns(const Multiplication& m) {
  return m.b_transposed && !m.a_transposed && m.alpha == 1 && m.beta == 0 && m.inner * m.columns >= least_b_as_it_is &&
         m.rows >= least_columns_for_xsmm && m.rows <= most_rows_to_transpose;
}

bool fits_by_slices(const Multiplication& m) {
  return !m.a_transposed && !m.b_transposed && m.alpha == 1 && m.beta == 0 && m.rows <= few_rows &&
         m.columns >= least_columns_for_xsmm && m.inner * m.columns > largest_b_for_xsmm;
}

bool fits_xsmm(const Multiplication& m) {
  const Index largest_b = m.a_transposed ? largest_b_by_transposed_a : largest_b_for_xsmm;
  if (m.columns < least_columns_for_xsmm || m.inner * m.columns > largest_b) return false;
  if ((m.beta != 0 && m.beta != 1) || fits_by_columns(m)) return false;
  return !m.b_transposed || m.inner * m.columns <= entries_to_transpose || m.rows >= rows_worth_transposing;
}

void transpose(const float* from, Index rows, Index columns, Index from_leading, float* to, Index to_leading) {
  libxsmm_otrans(to, from, sizeof(float), size(columns), size(rows), size(from_leading), size(to_leading));
}

// B as libxsmm wants it: by rows, and with α in it.
const float* prepared_b(const Multiplication& m) {
  const auto* b = static_cast<const float*>(m.b);
  if (!m.b_transposed && m.alpha == 1) return b;
  Index leading = m.b_leading;
  float* prepared = scratch_of_this_thread(static_cast<std::size_t>(m.inner * m.columns));
  if (m.b_transposed) {
    transpose(b, m.columns, m.inner, m.b_leading, prepared, m.columns);
    b = prepared;
    leading = m.columns;
  }
  if (m.alpha != 1) {
    using Entries = Eigen::Array<float, Eigen::Dynamic, 1>;
    const float alpha = static_cast<float>(m.alpha);
    for (Index row = 0; row < m.inner; ++row) {
      Eigen::Map<Entries>(prepared + row * m.columns, m.columns) =
          Eigen::Map<const Entries>(b + row * leading, m.columns) * alpha;
    }
  }
  return prepared;
}

}  // namespace

// libxsmm keeps the code, and counts columns where C++ counts rows: its A is B here. It has none where the processor
// has no vectors that it knows.
MatrixCode matrix_code(Dtype dtype, const Multiplication& m) {
  const bool small = m.rows * m.inner * m.columns <= multiplications_for_eigen;
  if (dtype != Dtype::float32 || small || !fits_xsmm(m)) return nullptr;
  // A transposed or scaled B is a dense copy.
  const libxsmm_blasint b_leading = size(m.b_transposed || m.alpha != 1 ? m.columns : m.b_leading);
  const libxsmm_blasint a_leading = size(m.a_leading), c_leading = size(m.c_leading);
  const float alpha = 1, beta = static_cast<float>(m.beta);
  const int flags = m.a_transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE, prefetch = 0;
  const libxsmm_smmfunction code = libxsmm_smmdispatch(
      size(m.columns), size(m.rows), size(m.inner), &b_leading, &a_leading, &c_leading, &alpha, &beta, &flags,
      &prefetch);
  // It takes more arguments where prefetching is asked for; none is.
  return reinterpret_cast<MatrixCode>(reinterpret_cast<void (*)()>(code));
}

namespace {

// Cᵀ = BᵀAᵀ, where Bᵀ lies by rows. False if libxsmm has no code for it.
bool run_by_columns(const Multiplication& m) {
  const Multiplication transposed = {
      .rows = m.columns,
      .inner = m.inner,
      .columns = m.rows,
      .a = m.b,
      .a_transposed = false,
      .a_leading = m.b_leading,
      .b = nullptr,
      .b_transposed = false,
      .b_leading = m.rows,
      .c = nullptr,
      .c_leading = m.rows,
      .alpha = 1,
      .beta = 0};
  const MatrixCode code = matrix_code(Dtype::float32, transposed);
  if (code == nullptr) return false;
  float* a = scratch_of_this_thread(static_cast<std::size_t>((m.inner + m.columns) * m.rows));
  float* c = a + m.inner * m.rows;
  transpose(static_cast<const float*>(m.a), m.rows, m.inner, m.a_leading, a, m.rows);
  code(a, static_cast<const float*>(m.b), c);
  transpose(c, m.columns, m.rows, m.rows, static_cast<float*>(m.c), m.c_leading);
  return true;
}

// AB as the sum over slices of A's columns and B's rows. False if libxsmm has no code for it.
bool run_by_slices(const Multiplication& m) {
  Multiplication slice = m;
  for (Index row = 0; row < m.inner; row += rows_at_a_time) {
    slice.inner = std::min(rows_at_a_time, m.inner - row);
    slice.beta = row == 0 ? 0 : 1;
    const MatrixCode code = matrix_code(Dtype::float32, slice);
    if (code == nullptr && row == 0) return false;
    slice.a = static_cast<const float*>(m.a) + row;
    slice.b = static_cast<const float*>(m.b) + row * m.b_leading;
    code ? multiply_matrices(code, slice) : run_in_onednn(slice);
  }
  return true;
}

}  // namespace

void multiply_matrices(MatrixCode code, const Multiplication& m) {
  code(prepared_b(m), static_cast<const float*>(m.a), static_cast<float*>(m.c));
}

void multiply_matrices(Dtype dtype, const Multiplication& m) {
  const bool doubles = dtype == Dtype::float64;
  if (m.inner == 0) return doubles ? run_empty<double>(m) : run_empty<float>(m);
  if (doubles) return run_in_eigen<double>(m);
  if (m.rows * m.inner * m.columns <= multiplications_for_eigen) return run_in_eigen<float>(m);
  if (fits_by_columns(m) && run_by_columns(m)) return;
  if (fits_by_slices(m) && run_by_slices(m)) return;
  if (const MatrixCode code = matrix_code(dtype, m)) return multiply_matrices(code, m);
  run_in_onednn(m);
}

}  // namespace gradus::cpu
