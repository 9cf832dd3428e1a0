#pragma once

#include <Eigen/Core>

#include "product.h"

namespace bench {

/// Entries by rows, with some more at the end, so that a loop over all of them works on whole vectors only.
using Entries = Eigen::ArrayXf;
Entries padded(gradus::Index entries);
/// Even over ±bound.
Entries random(gradus::Index entries, float bound);

/// The training step of 784-H-10 as one writes it when nothing else is wanted: a kernel for each product, whole vectors
/// for the rest, every buffer allocated once, the learning rate in the errors, so that the products update the weights.
class MlpByHand {
 public:
  MlpByHand(gradus::Index hidden, gradus::Index batch);
  /// images: batch × 784, targets: batch × 10, row-major.
  void step(const float* images, const float* targets, float learning_rate);

 private:
  gradus::Index hidden_size_, batch_;
  Entries w1_, b1_, w2_, b2_, w2_transposed_;
  Entries hidden_, output_, hidden_delta_, output_delta_, ones_;
  Product hidden_product_, output_product_, hidden_delta_product_;
  Product w1_update_, w2_update_, b1_update_, b2_update_;
};

}  // namespace bench
