#pragma once

#include <functional>
#include <string>

#include <gradus/graph/parameter.h>
#include <gradus/ops/convolution.h>
#include <gradus/ops/random.h>

namespace gradus {

struct Convolution2dOptions {
  /// What a parameter of this shape starts with, of the dtype in the options: any of optim/initializers.h, for one.
  using Initializer = std::function<Tensor(const Shape&, const DrawOptions&, Where)>;

  Initializer initializer = {};       ///< of the weights [filters, channels / groups, rows, columns]; must be given
  Initializer bias_initializer = {};  ///< of the biases [filters]; none: they start at 0
  bool bias = true;                   ///< false: there are none
  ConvolutionOptions window = {};     ///< stride, padding, dilation, groups
  Dtype dtype = Dtype::float32;
  std::string name = {};  ///< "conv1" names the parameters "conv1.weights" and "conv1.bias"
};

/// conv2d with its parameters: one feature map a filter, the book's (125) without the σ.
///
///     Convolution2d convolution(1, 20, 5, {.initializer = initializers::book_new});
///     Tensor maps = sigmoid(max_pool2d(convolution(images), 2));   // [n, 1, 28, 28] → [n, 20, 12, 12]
class Convolution2d {
 public:
  /// `size` is that of the filters, rows and columns. Throws ValueError unless all numbers are positive, the groups
  /// divide channels and filters, and there is an initialiser, and ShapeError or DtypeError where that gives something
  /// else than it was asked for.
  Convolution2d(
      Index channels, Index filters, const PerAxis& size, const Convolution2dOptions& options,
      Where where = Where::current());

  /// [n, channels, rows, columns] → [n, filters, positions, positions]. Throws as conv2d.
  Tensor operator()(const Operand& x) const;

  const Parameter& weights() const { return parameters_[0]; }
  /// weights, bias; or the weights alone.
  const Parameters& parameters() const { return parameters_; }

 private:
  Parameters parameters_;
  ConvolutionOptions window_;
};

}  // namespace gradus
