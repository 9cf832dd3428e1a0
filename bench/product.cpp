#include "product.h"

#include <stdexcept>
#include <string>

namespace bench {

// libxsmm counts by columns, where a row-major matrix is its transpose: it gets Cᵀ = BᵀAᵀ.
Product::Product(const Sizes& sizes) {
  const auto m = static_cast<libxsmm_blasint>(sizes.columns), n = static_cast<libxsmm_blasint>(sizes.rows),
             k = static_cast<libxsmm_blasint>(sizes.inner);
  const libxsmm_blasint a_leading = sizes.a_transposed ? n : k;
  const float alpha = 1, beta = sizes.accumulate ? 1 : 0;
  const int flags = sizes.a_transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  kernel_ = libxsmm_smmdispatch(m, n, k, &m, &a_leading, &m, &alpha, &beta, &flags, nullptr);
  if (kernel_ == nullptr) {
    throw std::runtime_error(
        "libxsmm has no kernel here for a product of " + std::to_string(sizes.rows) + " × " +
        std::to_string(sizes.inner) + " × " + std::to_string(sizes.columns));
  }
}

void transpose(const float* from, gradus::Index rows, gradus::Index columns, float* to) {
  const auto m = static_cast<libxsmm_blasint>(columns), n = static_cast<libxsmm_blasint>(rows);
  libxsmm_otrans(to, from, sizeof(float), m, n, m, n);
}

}  // namespace bench
