#include <gradus/ops/cpu/sum_of_products.h>

#include <libxsmm.h>

namespace gradus::cpu {

void ProductTerms::add(Index a, Index b) {
  a_.push_back(static_cast<unsigned long long>(a) * sizeof(float));
  b_.push_back(static_cast<unsigned long long>(b) * sizeof(float));
}

// libxsmm counts columns where C++ counts rows: its A is B here.
ProductCode::ProductCode(const SumOfProducts& sizes) {
  const auto size = [](Index n) { return static_cast<libxsmm_blasint>(n); };
  const libxsmm_blasint b_leading = size(sizes.b_leading), a_leading = size(sizes.a_leading),
                        c_leading = size(sizes.c_leading);
  const float alpha = 1, beta = sizes.accumulate ? 1.0F : 0.0F;
  const int flags = sizes.a_transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE, prefetch = 0;
  const libxsmm_smmfunction_reducebatch_offs code = libxsmm_smmdispatch_reducebatch_offs(
      size(sizes.columns), size(sizes.rows), size(sizes.inner), &b_leading, &a_leading, &c_leading, &alpha, &beta,
      &flags, &prefetch);
  // Its type takes more arguments where prefetching is asked for; none is.
  code_ = reinterpret_cast<Code>(reinterpret_cast<void (*)()>(code));
}

void ProductCode::run(
    const float* a, const float* b, float* c, const ProductTerms& terms, Index sum, Index count) const {
  const std::size_t first = terms.ends_[static_cast<std::size_t>(sum)];
  const auto terms_taken = static_cast<unsigned long long>(count);
  code_(b, a, c, &terms_taken, terms.b_.data() + first, terms.a_.data() + first);
}

}  // namespace gradus::cpu
