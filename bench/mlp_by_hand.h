#pragma once

#include "entries.h"
#include "product.h"

namespace bench {

/// The training step of 784-H-10 as one writes it when nothing else is wanted: a kernel for each product, whole vectors
/// for the rest, every buffer allocated once, the learning rate in the errors, so that the products update the weights.
class MlpByHand {
 public:
  struct Weights {
    Entries w1, b1, w2, b2;
  };

  /// Weights as they are at first: 784 × hidden, hidden, hidden × 10, 10.
  MlpByHand(gradus::Index hidden, gradus::Index batch, Weights weights);
  /// images: batch × 784, targets: batch × 10, row-major.
  void step(const float* images, const float* targets, float learning_rate);
  const Weights& weights() const { return weights_; }

 private:
  gradus::Index hidden_size_, batch_;
  Weights weights_;
  Entries w2_transposed_;
  Entries hidden_, output_, hidden_delta_, output_delta_, ones_;
  Product hidden_product_, output_product_, hidden_delta_product_;
  Product w1_update_, w2_update_, b1_update_, b2_update_;
};

}  // namespace bench
