#pragma once

#include <Eigen/Core>

#include <gradus/graph/dtype.h>

namespace bench {

/// The training step of 784-H-10 as one writes it when nothing else is wanted: oneDNN's sgemm for the products, Eigen
/// loops for the rest, every buffer allocated once, the weight update accumulated by the product itself.
class MlpByHand {
 public:
  MlpByHand(gradus::Index hidden, gradus::Index batch);
  /// images: batch × 784, targets: batch × 10, row-major.
  void step(const float* images, const float* targets, float learning_rate);

 private:
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  gradus::Index hidden_size_, batch_;
  Matrix w1_, w2_;
  Eigen::RowVectorXf b1_, b2_;
  Matrix hidden_, output_, hidden_delta_, output_delta_;
};

}  // namespace bench
