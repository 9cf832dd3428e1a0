#include <gradus/ops/cpu/bfloat16.h>

#include <algorithm>
#include <array>
#include <atomic>

#include <oneapi/dnnl/dnnl.hpp>

#include <gradus/graph/alignment.h>

namespace gradus::cpu {

namespace {

// The stretch of memory over which a factor's entries are spread: that is copied as it lies.
struct Stretch {
  Index first = 0, length = 0;  // the first entry from where the input points

  explicit Stretch(const Layout& layout) {
    if (layout.shape.count() == 0) return;
    Index last = 0;
    for (int axis = 0; axis < layout.shape.rank(); ++axis) {
      const Index reach = (layout.shape[axis] - 1) * layout.stride(axis);
      (reach < 0 ? first : last) += reach;
    }
    length = last - first + 1;
  }
};

void round(const float* from, Index count, float* to) {
  for (Index i = 0; i < count; ++i) to[i] = from_bfloat16(to_bfloat16(from[i]));
}
void round(const float* from, Index count, std::uint16_t* to) {
  for (Index i = 0; i < count; ++i) to[i] = to_bfloat16(from[i]);
}

// Scratch memory: the inner kernel's, then the two factors, rounded.
template <class Entry>
class RoundedFactors final : public Kernel {
 public:
  RoundedFactors(const KernelRequest& request, KernelPointer inner)
      : inner_(std::move(inner)),
        factors_{Stretch(request.inputs[0]), Stretch(request.inputs[1])},
        input_count_(
            request.inputs.size() +
            static_cast<std::size_t>(request.accumulation ? request.accumulation->inputs() : 0)) {}

  Index parts() const override { return inner_->parts(); }
  double cost() const override {
    return inner_->cost() + static_cast<double>(factors_[0].length + factors_[1].length) / 4;
  }
  std::optional<EntryRuns> entries(Index part) const override { return inner_->entries(part); }
  Index scratch_bytes() const override {
    return std::max(memory_alignment, inner_bytes() + factor_bytes(0) + factor_bytes(1));
  }

  void start(const void* const* inputs, void* const* outputs) const override {
    for (std::size_t i = 0; i < factors_.size(); ++i) {
      round(static_cast<const float*>(inputs[i]) + factors_[i].first, factors_[i].length, rounded(i, outputs));
    }
    if (inner_bytes() > 0) inner_->start(inner_inputs(inputs, outputs).data(), outputs);
  }
  void finish(const void* const* inputs, void* const* outputs) const override {
    if (inner_bytes() > 0) inner_->finish(inner_inputs(inputs, outputs).data(), outputs);
  }
  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    inner_->run(inner_inputs(inputs, outputs).data(), outputs, begin, end);
  }

 private:
  Index inner_bytes() const { return aligned_bytes(inner_->scratch_bytes()); }
  Index factor_bytes(std::size_t factor) const {
    return aligned_bytes(factors_[factor].length * static_cast<Index>(sizeof(Entry)));
  }
  Entry* rounded(std::size_t factor, void* const* outputs) const {
    const Index before = inner_bytes() + (factor == 0 ? 0 : factor_bytes(0));
    return reinterpret_cast<Entry*>(static_cast<std::byte*>(outputs[1]) + before);
  }
  std::vector<const void*> inner_inputs(const void* const* inputs, void* const* outputs) const {
    std::vector<const void*> result(inputs, inputs + input_count_);
    for (std::size_t i = 0; i < factors_.size(); ++i) result[i] = rounded(i, outputs) - factors_[i].first;
    return result;
  }

  KernelPointer inner_;
  std::array<Stretch, 2> factors_;
  std::size_t input_count_;
};

std::atomic<int> pretended_to_multiply{-1};

}  // namespace

bool multiplies_bfloat16() {
  static const bool does = [] {
    const auto best = dnnl::get_effective_cpu_isa();
    return best == dnnl::cpu_isa::avx512_core_bf16 || best == dnnl::cpu_isa::avx512_core_amx;
  }();
  const int pretended = pretended_to_multiply;
  return pretended < 0 ? does : pretended != 0;
}

void pretend_to_multiply_bfloat16(std::optional<bool> pretended) {
  pretended_to_multiply = pretended ? int{*pretended} : -1;
}

KernelPointer of_rounded_factors(
    const KernelRequest& request, KernelPointer (*prepare)(const KernelRequest&),
    KernelPointer (*prepare_float32)(const KernelRequest&)) {
  KernelRequest inner = request;
  inner.bfloat16 = false;
  if (request.dtype != Dtype::float32) return prepare_float32(inner);
  if (multiplies_bfloat16()) {
    if (KernelPointer made = prepare(inner)) {
      return std::make_unique<RoundedFactors<std::uint16_t>>(request, std::move(made));
    }
  }
  return std::make_unique<RoundedFactors<float>>(request, prepare_float32(inner));
}

}  // namespace gradus::cpu
