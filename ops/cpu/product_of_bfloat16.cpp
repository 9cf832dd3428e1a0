#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <gradus/graph/alignment.h>
#include <gradus/ops/cpu/accumulation.h>
#include <gradus/ops/cpu/bfloat16.h>
#include <gradus/ops/cpu/onednn.h>
#include <gradus/ops/cpu/product.h>
#include <gradus/ops/cpu/threading.h>

namespace gradus::cpu {

namespace {

using Description = dnnl::memory::desc;

Description matrix(dnnl::memory::data_type type, Index rows, Index columns, bool transposed, Index leading) {
  const dnnl::memory::dims strides = transposed ? dnnl::memory::dims{1, leading} : dnnl::memory::dims{leading, 1};
  return {{rows, columns}, type, strides};
}

// oneDNN's product of one block: bfloat16 factors as they lie, a dense float32 result.
struct BlockProduct {
  Description a, b, c, scratchpad;
  dnnl::matmul primitive;

  BlockProduct(const ProductSpec& spec, Index rows, Index columns)
      : a(matrix(dnnl::memory::data_type::bf16, rows, spec.inner, spec.a.transposed, spec.a.leading)),
        b(matrix(dnnl::memory::data_type::bf16, spec.inner, columns, spec.b.transposed, spec.b.leading)),
        c(matrix(dnnl::memory::data_type::f32, rows, columns, false, columns)) {
    const SingleThreadedOpenMP single_threaded;
    dnnl::primitive_attr user_scratchpad;
    user_scratchpad.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::matmul::primitive_desc choice(dnnl::matmul::desc(a, b, c), user_scratchpad, onednn::processor());
    scratchpad = choice.scratchpad_desc();
    primitive = dnnl::matmul(choice);
  }

  Index scratch_bytes() const { return static_cast<Index>(scratchpad.get_size()); }

  void run(const std::uint16_t* a_data, const std::uint16_t* b_data, float* c_data, void* scratch) const {
    const SingleThreadedOpenMP single_threaded;
    const auto memory = [](const Description& description, const void* data) {
      return dnnl::memory(description, onednn::processor(), const_cast<void*>(data));
    };
    primitive.execute(
        onednn::stream_of_this_thread(), {{DNNL_ARG_SRC, memory(a, a_data)},
                                          {DNNL_ARG_WEIGHTS, memory(b, b_data)},
                                          {DNNL_ARG_DST, memory(c, c_data)},
                                          {DNNL_ARG_SCRATCHPAD, memory(scratchpad, scratch)}});
  }
};

// Scratch memory: for each part a block's result, then oneDNN's scratchpad.
class ProductOfBfloat16 final : public Kernel {
 public:
  explicit ProductOfBfloat16(const KernelRequest& request) : spec_(request), accumulation_(request.accumulation) {
    for (Index part = 0; part < spec_.parts(); ++part) {
      spec_.each_piece(part, [&](const ProductSpec::Piece& piece) { prepare(piece.rows, piece.columns); });
    }
  }

  Index parts() const override { return spec_.parts(); }
  double cost() const override { return spec_.cost(); }
  std::optional<EntryRuns> entries(Index part) const override { return spec_.entries(part); }
  Index scratch_bytes() const override { return parts() * (result_bytes_ + scratchpad_bytes_); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    for (Index part = begin; part < end; ++part) {
      auto* const scratch = static_cast<std::byte*>(outputs[1]) + part * (result_bytes_ + scratchpad_bytes_);
      spec_.each_piece(part, [&](const ProductSpec::Piece& piece) { run_piece(inputs, outputs[0], piece, scratch); });
    }
  }

 private:
  void prepare(Index rows, Index columns) {
    const auto [made, is_new] = blocks_.try_emplace({rows, columns}, spec_, rows, columns);
    if (!is_new) return;
    result_bytes_ = std::max(result_bytes_, aligned_bytes(rows * columns * static_cast<Index>(sizeof(float))));
    scratchpad_bytes_ = std::max(scratchpad_bytes_, aligned_bytes(made->second.scratch_bytes()));
  }

  void run_piece(const void* const* inputs, void* output, const ProductSpec::Piece& piece, std::byte* scratch) const {
    auto* const result = reinterpret_cast<float*>(scratch);
    blocks_.at({piece.rows, piece.columns})
        .run(
            static_cast<const std::uint16_t*>(inputs[0]) + piece.a,
            static_cast<const std::uint16_t*>(inputs[1]) + piece.b, result, scratch + result_bytes_);
    const auto by = accumulation_ ? std::optional(AccumulationScales<float>(*accumulation_, inputs)) : std::nullopt;
    for (Index r = 0; r < piece.rows; ++r) {
      float* const to = static_cast<float*>(output) + piece.c + r * spec_.columns;
      const float* const from = result + r * piece.columns;
      if (!by) {
        std::copy_n(from, piece.columns, to);
        continue;
      }
      const float* const addend = static_cast<const float*>(inputs[2]) + piece.c + r * spec_.columns;
      for (Index c = 0; c < piece.columns; ++c) to[c] = by->addend_scale * addend[c] + by->scale * from[c];
    }
  }

  ProductSpec spec_;
  std::optional<KernelRequest::Accumulation> accumulation_;
  std::map<std::pair<Index, Index>, BlockProduct> blocks_;  // by rows and columns
  Index result_bytes_ = 0, scratchpad_bytes_ = 0;
};

}  // namespace

KernelPointer product_of_bfloat16(const KernelRequest& request) {
  if (request.output.shape.count() == 0 || ProductSpec(request).inner == 0) return nullptr;
  try {
    return std::make_unique<ProductOfBfloat16>(request);
  } catch (const dnnl::error&) {
    return nullptr;
  }
}

}  // namespace gradus::cpu
