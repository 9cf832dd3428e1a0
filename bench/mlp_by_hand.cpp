#include "mlp_by_hand.h"

#include <utility>

#include <gradus/ops/cpu/pointwise.h>

namespace bench {

using gradus::Index;

namespace {

constexpr Index pixels = 784, digits = 10;

}  // namespace

MlpByHand::MlpByHand(Index hidden, Index batch, Weights weights)
    : hidden_size_(hidden),
      batch_(batch),
      weights_(std::move(weights)),
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
  auto& [w1, b1, w2, b2] = weights_;
  fill_rows(b1, hidden_size_, batch_, hidden_);
  hidden_product_(images, w1.data(), hidden_.data());
  hidden_ = gradus::cpu::sigmoid(hidden_);
  fill_rows(b2, digits, batch_, output_);
  output_product_(hidden_.data(), w2.data(), output_.data());
  output_ = gradus::cpu::sigmoid(output_);

  const auto output = output_.head(batch_ * digits);
  const Eigen::Map<const Entries> wanted(targets, batch_ * digits);
  const float scale = -learning_rate / static_cast<float>(batch_);
  output_delta_.head(batch_ * digits) = scale * (output - wanted) * output * (1 - output);
  transpose(w2.data(), hidden_size_, digits, w2_transposed_.data());
  hidden_delta_product_(output_delta_.data(), w2_transposed_.data(), hidden_delta_.data());
  hidden_delta_ *= hidden_ * (1 - hidden_);

  w2_update_(hidden_.data(), output_delta_.data(), w2.data());
  w1_update_(images, hidden_delta_.data(), w1.data());
  b2_update_(ones_.data(), output_delta_.data(), b2.data());
  b1_update_(ones_.data(), hidden_delta_.data(), b1.data());
}

}  // namespace bench
