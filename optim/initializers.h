#pragma once

#include <gradus/ops/random.h>

namespace gradus::initializers {

// Values to start a parameter with: Parameter w1 = initializers::book_new({784, 30}). Weights of a layer are
// [inputs, outputs]. With more axes they are a convolution's, [outputs, inputs, window…], whose every output sees
// inputs · window entries and whose every input reaches outputs · window. Each call without a seed draws other numbers.

/// What network.py of the book starts with, `large_weight_initializer` of network2.py: N(0, 1) for weights and biases.
/// Neurons with many inputs saturate.
Tensor book_large(const Shape& shape, const DrawOptions& options = {}, Where where = Where::current());
/// What network2.py of the book starts with: N(0, 1) for biases (rank 1 or less), deviation 1/√inputs for weights, so
/// that weighted inputs stay near 1.
Tensor book_new(const Shape& shape, const DrawOptions& options = {}, Where where = Where::current());

// For weights; biases then start at zeros(…). All throw ShapeError on less than two axes, which have no inputs to
// count.

/// Even over ±√(6/(inputs + outputs)): variance 2/(inputs + outputs). X. Glorot, Y. Bengio, "Understanding the
/// difficulty of training deep feedforward neural networks", 2010.
Tensor glorot_uniform(const Shape& shape, const DrawOptions& options = {}, Where where = Where::current());
/// N(0, 2/(inputs + outputs)).
Tensor glorot_normal(const Shape& shape, const DrawOptions& options = {}, Where where = Where::current());
/// Even over ±√(6/inputs): variance 2/inputs, for rectified linear neurons. K. He et al., "Delving deep into
/// rectifiers", 2015.
Tensor he_uniform(const Shape& shape, const DrawOptions& options = {}, Where where = Where::current());
/// N(0, 2/inputs).
Tensor he_normal(const Shape& shape, const DrawOptions& options = {}, Where where = Where::current());

}  // namespace gradus::initializers
