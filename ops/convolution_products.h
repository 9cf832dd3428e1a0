#pragma once

#include <gradus/ops/sliding_window.h>

namespace gradus {

// The three products of a convolution, each linear in both factors, so that their derivatives are one another. Tensors
// are channels-last: x [examples, axes…, channels], weights w [filters, channels / groups, window…], y [examples,
// positions…, filters]. As in every library of the field, no window is turned round: y is the correlation of x and w.

/// How the products of one convolution fit together.
struct ConvolutionGeometry {
  SlidingWindow window;
  Index groups = 1;  ///< of channels and of filters: those of one group see nothing of the others
};

/// y_pf = Σ over window and channels of x_{p·stride + q·dilation − padding, c} w_fcq. float32 and float64. ShapeError
/// where the shapes do not fit.
Tensor convolution(const Operand& x, const Operand& w, const ConvolutionGeometry& geometry);
/// The gradient with respect to x, whose spatial axes have the sizes `entries`: Σ g_pf w_fcq where x_c contributed.
Tensor convolution_data_gradient(
    const Operand& g, const Operand& w, const ConvolutionGeometry& geometry,
    const std::array<Index, max_spatial_axes>& entries);
/// The gradient with respect to w: Σ over examples and positions of x g.
Tensor convolution_weight_gradient(const Operand& x, const Operand& g, const ConvolutionGeometry& geometry);

}  // namespace gradus
