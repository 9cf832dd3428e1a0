#pragma once

#include "entries.h"
#include "product.h"

namespace bench {

/// A training step on one sequence of up to `longest` vectors: h ← tanh(x W + h U + b) from h = 0, half the squared
/// distance of the last h from a target, gradient descent. The arithmetic alone: no graph, and whatever need not wait
/// for the step before (inputs, updates) is one product over the sequence.
class SequenceByHand {
 public:
  struct Weights {
    Entries w, u, b;
  };

  /// Weights as they are at first: inputs × hidden, hidden × hidden, hidden.
  SequenceByHand(gradus::Index inputs, gradus::Index hidden, gradus::Index longest, Weights weights);
  /// x: length × inputs.
  void step(const float* x, gradus::Index length, const Entries& target, float learning_rate);
  const Weights& weights() const { return weights_; }

 private:
  /// The products over a whole sequence, for one length.
  struct Products {
    Product inputs, w_update, u_update, b_update;
  };

  gradus::Index hidden_;
  Weights weights_;
  std::vector<Products> products_;  ///< of length 1, 2, …
  Product recur_, recur_gradient_;
  Entries states_;  ///< h before the first input, after it, …
  Entries projected_, value_, gradient_, deltas_, u_transposed_, ones_;
};

}  // namespace bench
