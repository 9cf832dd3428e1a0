#pragma once

#include <gradus/gradus.h>

namespace chapter1 {

using gradus::Index;
using gradus::Tensor;

/// The book's perceptron (2): 1 where w·x + b > 0, else 0, for each row of x. x: [n, inputs]; w: [inputs] for one
/// neuron, [inputs, neurons] for a layer.
Tensor fires(const Tensor& x, const Tensor& w, const Tensor& b);

/// The sigmoid neuron (3) with the same weights and bias.
Tensor softly_fires(const Tensor& x, const Tensor& w, const Tensor& b);

/// Every input of `bits` bits, one a row, counting up: [2^bits, bits] in float64.
Tensor all_inputs(Index bits);

/// A vector in float64.
Tensor vector(std::initializer_list<double> entries);

/// How many entries are the same.
Index count_equal(const Tensor& a, const Tensor& b);

}  // namespace chapter1
