#pragma once

#include <vector>

#include <gradus/graph/shape.h>

namespace gradus::cpu {

/// The sizes of C ← Σ AᵢBᵢ, or C ← C + Σ AᵢBᵢ: all Aᵢ [rows, inner] and all Bᵢ [inner, columns] lie alike, float32.
struct SumOfProducts {
  Index rows, inner, columns;
  bool a_transposed = false;  ///< Aᵢ lie as [inner, rows]
  Index a_leading, b_leading, c_leading;
  bool accumulate = false;
};

/// Which blocks of A and of B each of several sums takes, in entries from where A and B begin.
class ProductTerms {
 public:
  /// To the sum that was begun last.
  void add(Index a, Index b);
  void begin_sum() { ends_.push_back(a_.size()); }

  Index count(Index sum) const { return static_cast<Index>(end(sum) - ends_[static_cast<std::size_t>(sum)]); }

 private:
  friend class ProductCode;
  std::size_t end(Index sum) const {
    const auto next = static_cast<std::size_t>(sum) + 1;
    return next < ends_.size() ? ends_[next] : a_.size();
  }

  std::vector<unsigned long long> a_, b_;  // bytes
  std::vector<std::size_t> ends_;          // of the sums before
};

/// Code of libxsmm's for one SumOfProducts; it lives as long as the process.
class ProductCode {
 public:
  ProductCode() = default;
  /// Empty where libxsmm has none for this processor.
  explicit ProductCode(const SumOfProducts& sizes);

  explicit operator bool() const { return code_ != nullptr; }
  void run(const float* a, const float* b, float* c, const ProductTerms& terms, Index sum) const {
    run(a, b, c, terms, sum, terms.count(sum));
  }
  /// The first `count` terms of a sum alone; at least one.
  void run(const float* a, const float* b, float* c, const ProductTerms& terms, Index sum, Index count) const;

 private:
  using Code = void (*)(
      const float* b, const float* a, float* c, const unsigned long long* count, const unsigned long long* b_offsets,
      const unsigned long long* a_offsets);
  Code code_ = nullptr;
};

}  // namespace gradus::cpu
