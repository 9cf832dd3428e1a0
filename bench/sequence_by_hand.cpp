#include "sequence_by_hand.h"

#include <utility>

#include <gradus/ops/cpu/pointwise.h>

namespace bench {

using gradus::Index;

SequenceByHand::SequenceByHand(Index inputs, Index hidden, Index longest, Weights weights)
    : hidden_(hidden),
      weights_(std::move(weights)),
      recur_({.rows = 1, .inner = hidden, .columns = hidden, .accumulate = true}),
      recur_gradient_({.rows = 1, .inner = hidden, .columns = hidden}),
      states_(padded((longest + 1) * hidden)),
      projected_(padded(longest * hidden)),
      value_(padded(hidden)),
      gradient_(padded(hidden)),
      deltas_(padded(longest * hidden)),
      u_transposed_(padded(hidden * hidden)),
      ones_(Entries::Ones(longest)) {
  for (Index length = 1; length <= longest; ++length) {
    products_.push_back(
        {.inputs = Product({.rows = length, .inner = inputs, .columns = hidden, .accumulate = true}),
         .w_update =
             Product({.rows = inputs, .inner = length, .columns = hidden, .a_transposed = true, .accumulate = true}),
         .u_update =
             Product({.rows = hidden, .inner = length, .columns = hidden, .a_transposed = true, .accumulate = true}),
         .b_update = Product({.rows = 1, .inner = length, .columns = hidden, .accumulate = true})});
  }
}

void SequenceByHand::step(const float* x, Index length, const Entries& target, float learning_rate) {
  auto& [w, u, b] = weights_;
  const Products& products = products_[static_cast<std::size_t>(length - 1)];
  fill_rows(b, hidden_, length, projected_);
  products.inputs(x, w.data(), projected_.data());
  for (Index t = 0; t < length; ++t) {
    value_.head(hidden_) = projected_.segment(t * hidden_, hidden_);
    recur_(states_.data() + t * hidden_, u.data(), value_.data());
    value_ = gradus::cpu::tanh(value_);
    states_.segment((t + 1) * hidden_, hidden_) = value_.head(hidden_);
  }

  // Gradients carry the factor −η from the last state on.
  transpose(u.data(), hidden_, hidden_, u_transposed_.data());
  gradient_ = -learning_rate * (value_ - target);
  for (Index t = length - 1; t >= 0; --t) {
    const auto state = states_.segment((t + 1) * hidden_, hidden_);
    deltas_.segment(t * hidden_, hidden_) = gradient_.head(hidden_) * (1 - state.square());
    recur_gradient_(deltas_.data() + t * hidden_, u_transposed_.data(), gradient_.data());
  }
  products.w_update(x, deltas_.data(), w.data());
  products.u_update(states_.data(), deltas_.data(), u.data());
  products.b_update(ones_.data(), deltas_.data(), b.data());
}

}  // namespace bench
