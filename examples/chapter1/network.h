#pragma once

#include <functional>
#include <vector>

#include <gradus/gradus.h>

namespace chapter1 {

using gradus::Index;
using gradus::Parameters;
using gradus::Tensor;

/// The book's Network: layers of sigmoid neurons. `Network({784, 30, 10})` has 784 inputs and two layers.
struct Network {
  Parameters weights, biases;

  /// Weights and biases from N(0, 1), drawn from the program's generator.
  explicit Network(const std::vector<Index>& sizes);

  /// a' = σ(w a + b), (22), layer by layer. `a` holds one example a row: [n, 784] → [n, 10].
  Tensor operator()(Tensor a) const;

  Parameters parameters() const;
};

/// What the network takes each image for: the neuron that fires most. int32 [n].
Tensor predictions(const Network& network, const Tensor& images);

/// How many predictions are right.
Index count_right(const Tensor& predicted, const Tensor& labels);

}  // namespace chapter1
