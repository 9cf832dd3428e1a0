#pragma once

#include <gradus/graph/kernel.h>
#include <gradus/ops/convolution_products.h>

namespace gradus::cpu {

// Kernels of the products in convolution_products.h, channels-last, all inputs dense. float32 runs row by row in code
// of libxsmm's or, where that is faster, in oneDNN, whose primitives are made once a plan; which one, and so the bits,
// depends on sizes alone. float64, and what has no entries, runs as products of patches with Eigen. Parts are examples.

KernelPointer convolution(const KernelRequest& request);
KernelPointer convolution_data_gradient(const KernelRequest& request);
KernelPointer convolution_weight_gradient(const KernelRequest& request);  ///< honours request.accumulation

/// The sizes of one convolution, whichever of its three tensors is computed.
struct ConvolutionSizes {
  SlidingWindow window;
  Index groups = 1;
  Index examples = 0, channels = 0, filters = 0;
  std::array<Index, max_spatial_axes> entries{}, positions{};

  /// From x, weights and y as shapes.
  ConvolutionSizes(const Shape& x, const Shape& w, const Shape& y, const Attributes& attributes);

  Index entry_count() const;     ///< of one example and channel of x
  Index position_count() const;  ///< the same of y
  Index x_example() const { return entry_count() * channels; }
  Index y_example() const { return position_count() * filters; }
  Index weight_count() const { return filters * (channels / groups) * window.count(); }
  /// Multiplications for one example.
  Index multiplications() const { return position_count() * weight_count(); }
  /// Which entry of x's first `axes` spatial axes a position meets under entry `tap` of the window; −1: padding.
  Index met(Index position, Index tap, int axes) const;
  bool empty() const { return examples * channels * filters * entry_count() * position_count() == 0; }
};

enum class ConvolutionProduct : std::uint8_t { result, data_gradient, weight_gradient };

/// float32 that is not empty. By rows: null where oneDNN does better, or libxsmm has no code for this processor.
KernelPointer convolution_by_rows(
    ConvolutionProduct product, const ConvolutionSizes& sizes,
    const std::optional<KernelRequest::Accumulation>& accumulation);
KernelPointer convolution_in_onednn(
    ConvolutionProduct product, const ConvolutionSizes& sizes,
    const std::optional<KernelRequest::Accumulation>& accumulation);
/// The same of factors in bfloat16; null where oneDNN has no code for them.
KernelPointer convolution_of_bfloat16(
    ConvolutionProduct product, const ConvolutionSizes& sizes,
    const std::optional<KernelRequest::Accumulation>& accumulation);

}  // namespace gradus::cpu
