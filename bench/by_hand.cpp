#include "by_hand.h"

#include <gradus/ops/cpu/pointwise.h>

namespace bench {

using Eigen::Index;

Entries padded(Index entries) {
  constexpr Index vector = EIGEN_MAX_STATIC_ALIGN_BYTES / sizeof(float);
  return Entries::Zero((entries + vector - 1) / vector * vector);
}

Entries random(Index entries, float bound) {
  return Entries::Random(entries) * bound;
}

namespace {

constexpr Index pixels = 784, digits = 10;

// The bias in every row, for the product to add to.
void fill_rows(const Entries& bias, Index columns, Index rows, Entries& matrix) {
  for (Index row = 0; row < rows; ++row) matrix.segment(row * columns, columns) = bias.head(columns);
}

}  // namespace

MlpByHand::MlpByHand(Index hidden, Index batch)
    : hidden_size_(hidden),
      batch_(batch),
      w1_(random(pixels * hidden, 0.05F)),
      b1_(padded(hidden)),
      w2_(random(hidden * digits, 0.1F)),
      b2_(padded(digits)),
      w2_transposed_(padded(hidden * digits)),
      hidden_(padded(batch * hidden)),
      output_(padded(batch * digits)),
      hidden_delta_(padded(batch * hidden)),
      output_delta_(padded(batch * digits)),
      ones_(Entries::Ones(batch)),
      hidden_product_({.rows = batch, .inner = pixels, .columns = hidden, .accumulate = true}),
      output_product_({.rows = batch, .inner = hidden, .columns = digits, .accumulate = true}),
      hidden_delta_product_({.rows = batch, .inner = digits, .columns = hidden}),
      w1_update_({.rows = pixels, .inner = batch, .columns = hidden, .a_transposed = true, .accumulate = true}),
      w2_update_({.rows = hidden, .inner = batch, .columns = digits, .a_transposed = true, .accumulate = true}),
      b1_update_({.rows = 1, .inner = batch, .columns = hidden, .accumulate = true}),
      b2_update_({.rows = 1, .inner = batch, .columns = digits, .accumulate = true}) {}

void MlpByHand::step(const float* images, const float* targets, float learning_rate) {
  fill_rows(b1_, hidden_size_, batch_, hidden_);
  hidden_product_(images, w1_.data(), hidden_.data());
  hidden_ = gradus::cpu::sigmoid(hidden_);
  fill_rows(b2_, digits, batch_, output_);
  output_product_(hidden_.data(), w2_.data(), output_.data());
  output_ = gradus::cpu::sigmoid(output_);

  const auto output = output_.head(batch_ * digits);
  const Eigen::Map<const Entries> wanted(targets, batch_ * digits);
  const float scale = -learning_rate / static_cast<float>(batch_);
  output_delta_.head(batch_ * digits) = scale * (output - wanted) * output * (1 - output);
  transpose(w2_.data(), hidden_size_, digits, w2_transposed_.data());
  hidden_delta_product_(output_delta_.data(), w2_transposed_.data(), hidden_delta_.data());
  hidden_delta_ *= hidden_ * (1 - hidden_);

  w2_update_(hidden_.data(), output_delta_.data(), w2_.data());
  w1_update_(images, hidden_delta_.data(), w1_.data());
  b2_update_(ones_.data(), output_delta_.data(), b2_.data());
  b1_update_(ones_.data(), hidden_delta_.data(), b1_.data());
}

}  // namespace bench
