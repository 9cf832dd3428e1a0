#pragma once

#include <gradus/ops/sliding_window.h>

namespace gradus {

struct ConvolutionOptions {
  PerAxis stride = 1;
  Padding padding = 0;   ///< with zeros; Padding::same() keeps the sizes where the stride is 1
  PerAxis dilation = 1;  ///< from one entry of the window to the next
  Index groups = 1;      ///< of channels and filters: those of one group see nothing of the others
};

// Convolution (125): every filter's window slides over x and meets each patch in a dot product. x [examples, channels,
// axes…] with one axis (conv1d), two (conv2d) or three (conv3d), weights [filters, channels / groups, window…], bias
// [filters]; the result is [examples, filters, positions…] with ⌊(size + paddings − extent) / stride⌋ + 1 positions. As
// in every library of the field it is a cross-correlation: the window is not turned round. float32 and float64.
// ShapeError where shapes, options and weights do not fit together, ValueError on options outside what they may be.

Tensor conv1d(const Operand& x, const Operand& weights, const ConvolutionOptions& options = {});
Tensor conv1d(const Operand& x, const Operand& weights, const Operand& bias, const ConvolutionOptions& options = {});
Tensor conv2d(const Operand& x, const Operand& weights, const ConvolutionOptions& options = {});
Tensor conv2d(const Operand& x, const Operand& weights, const Operand& bias, const ConvolutionOptions& options = {});
Tensor conv3d(const Operand& x, const Operand& weights, const ConvolutionOptions& options = {});
Tensor conv3d(const Operand& x, const Operand& weights, const Operand& bias, const ConvolutionOptions& options = {});

struct TransposedConvolutionOptions {
  PerAxis stride = 1;
  PerAxis padding = 0;         ///< what is cut off on both sides
  PerAxis output_padding = 0;  ///< what is added behind: of the sizes that a convolution takes to x's, which one
  PerAxis dilation = 1;
  Index groups = 1;
};

// Transposed convolution: the gradient of a convolution with respect to its input, as a layer. x [examples, channels,
// axes…], weights [channels, filters / groups, window…], bias [filters]; the result has (size − 1) stride − 2 padding +
// extent + output padding entries an axis. Errors as above; ValueError unless the output padding is less than the
// stride.

Tensor conv_transpose1d(const Operand& x, const Operand& weights, const TransposedConvolutionOptions& options = {});
Tensor conv_transpose1d(
    const Operand& x, const Operand& weights, const Operand& bias, const TransposedConvolutionOptions& options = {});
Tensor conv_transpose2d(const Operand& x, const Operand& weights, const TransposedConvolutionOptions& options = {});
Tensor conv_transpose2d(
    const Operand& x, const Operand& weights, const Operand& bias, const TransposedConvolutionOptions& options = {});
Tensor conv_transpose3d(const Operand& x, const Operand& weights, const TransposedConvolutionOptions& options = {});
Tensor conv_transpose3d(
    const Operand& x, const Operand& weights, const Operand& bias, const TransposedConvolutionOptions& options = {});

}  // namespace gradus
