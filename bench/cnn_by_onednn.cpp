#include "cnn_by_onednn.h"

#include <cstring>
#include <unordered_map>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#include <gradus/ops/cpu/threading.h>

namespace bench {

namespace {

using dnnl::memory;

struct Layer {
  long channels, filters, size;  // of the square image; windows are 5 by 5
};

}  // namespace

class CnnByOnednn::Convolutions {
 public:
  explicit Convolutions(long batch) : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    const gradus::cpu::SingleThreadedOpenMP single_threaded;
    add({1, 20, 28}, batch, false);
    add({20, 40, 12}, batch, true);
  }

  void step() {
    const gradus::cpu::SingleThreadedOpenMP single_threaded;
    for (const auto& [primitive, arguments] : calls_) primitive.execute(stream_, arguments);
    stream_.wait();
  }

 private:
  void add(const Layer& layer, long batch, bool has_data_gradient) {
    const auto any = [](const memory::dims& dimensions) {
      return memory::desc(dimensions, memory::data_type::f32, memory::format_tag::any);
    };
    const long positions = layer.size - 4;
    const memory::desc x = any({batch, layer.channels, layer.size, layer.size}),
                       w = any({layer.filters, layer.channels, 5, 5}),
                       y = any({batch, layer.filters, positions, positions});
    const memory::dims one{1, 1}, none{0, 0};
    constexpr auto direct = dnnl::algorithm::convolution_direct;
    const dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, direct, x, w, y, one, none, none}, engine_);
    const memory images = filled(forward.src_desc()), result = filled(forward.dst_desc());
    calls_.push_back(
        {dnnl::convolution_forward(forward),
         {{DNNL_ARG_SRC, images}, {DNNL_ARG_WEIGHTS, filled(forward.weights_desc())}, {DNNL_ARG_DST, result}}});
    const dnnl::convolution_backward_weights::primitive_desc weights(
        {direct, x, w, y, one, none, none}, engine_, forward);
    calls_.push_back(
        {dnnl::convolution_backward_weights(weights),
         {{DNNL_ARG_SRC, filled(weights.src_desc())},
          {DNNL_ARG_DIFF_DST, filled(weights.diff_dst_desc())},
          {DNNL_ARG_DIFF_WEIGHTS, filled(weights.diff_weights_desc())}}});
    if (!has_data_gradient) return;
    const dnnl::convolution_backward_data::primitive_desc data({direct, x, w, y, one, none, none}, engine_, forward);
    calls_.push_back(
        {dnnl::convolution_backward_data(data),
         {{DNNL_ARG_DIFF_DST, filled(data.diff_dst_desc())},
          {DNNL_ARG_WEIGHTS, filled(data.weights_desc())},
          {DNNL_ARG_DIFF_SRC, filled(data.diff_src_desc())}}});
  }

  memory filled(const memory::desc& description) {
    memory made(description, engine_);
    auto* entries = static_cast<float*>(made.get_data_handle());
    for (std::size_t i = 0; i < description.get_size() / sizeof(float); ++i) {
      entries[i] = static_cast<float>(i % 7) * 0.01F - 0.03F;
    }
    return made;
  }

  struct Call {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
  };
  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Call> calls_;
};

CnnByOnednn::CnnByOnednn(long batch) : convolutions_(std::make_unique<Convolutions>(batch)) {}
CnnByOnednn::~CnnByOnednn() = default;

void CnnByOnednn::step() {
  convolutions_->step();
}

}  // namespace bench
