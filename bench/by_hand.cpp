#include "by_hand.h"

extern "C" void omp_set_num_threads(int);  // GCC and Clang ship <omp.h> apart from the runtime
#include <oneapi/dnnl/dnnl.h>

namespace bench {

namespace {

// C ← alpha · op(A) op(B) + beta · C, all row-major and contiguous.
void product(
    char transpose_a, char transpose_b, Eigen::Index m, Eigen::Index n, Eigen::Index k, float alpha, const float* a,
    const float* b, float beta, float* c) {
  dnnl_sgemm(
      transpose_a, transpose_b, m, n, k, alpha, a, transpose_a == 'N' ? k : m, b, transpose_b == 'N' ? n : k, beta, c,
      n);
}

auto sigmoid(const auto& z) {
  return z.array().logistic();
}

}  // namespace

MlpByHand::MlpByHand(gradus::Index hidden, gradus::Index batch)
    : hidden_size_(hidden),
      batch_(batch),
      w1_(Matrix::Random(784, hidden) * 0.05F),
      w2_(Matrix::Random(hidden, 10) * 0.1F),
      b1_(Eigen::RowVectorXf::Zero(hidden)),
      b2_(Eigen::RowVectorXf::Zero(10)),
      hidden_(batch, hidden),
      output_(batch, 10),
      hidden_delta_(batch, hidden),
      output_delta_(batch, 10) {
  omp_set_num_threads(1);
}

void MlpByHand::step(const float* images, const float* targets, float learning_rate) {
  const Eigen::Index n = batch_, h = hidden_size_;
  product('N', 'N', n, h, 784, 1, images, w1_.data(), 0, hidden_.data());
  hidden_ = sigmoid((hidden_.rowwise() + b1_).eval());
  product('N', 'N', n, 10, h, 1, hidden_.data(), w2_.data(), 0, output_.data());
  output_ = sigmoid((output_.rowwise() + b2_).eval());

  const Eigen::Map<const Matrix> wanted(targets, n, 10);
  const float scale = 1.0F / static_cast<float>(n);
  output_delta_ = ((output_ - wanted).array() * scale * output_.array() * (1 - output_.array())).matrix();
  product('N', 'T', n, h, 10, 1, output_delta_.data(), w2_.data(), 0, hidden_delta_.data());
  hidden_delta_.array() *= hidden_.array() * (1 - hidden_.array());

  product('T', 'N', h, 10, n, -learning_rate, hidden_.data(), output_delta_.data(), 1, w2_.data());
  product('T', 'N', 784, h, n, -learning_rate, images, hidden_delta_.data(), 1, w1_.data());
  b2_ -= learning_rate * output_delta_.colwise().sum();
  b1_ -= learning_rate * hidden_delta_.colwise().sum();
}

}  // namespace bench
