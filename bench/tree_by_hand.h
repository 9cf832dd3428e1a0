#pragma once

#include "entries.h"
#include "product.h"
#include "random_trees.h"

namespace bench {

/// A training step on one tree: y = tanh([left; right] W + b) at every join, half the squared distance of the root from
/// a target, gradient descent. The arithmetic alone: no graph, a loop over the joins, the update of W one product over
/// all of them, and only the words that occur are touched in the table.
class TreeByHand {
 public:
  struct Weights {
    Entries table, w, b;
  };

  /// Weights as they are at first: words × width, 2 width × width, width.
  TreeByHand(gradus::Index width, Weights weights);
  void step(const Tree& tree, const Entries& target, float learning_rate);
  const Weights& weights() const { return weights_; }

 private:
  void forward(const Tree& tree);
  void backward(const Tree& tree, const Entries& target, float learning_rate);
  /// A node's value goes where its parent reads it: row `join` of the inputs, left half or right.
  float* slot(Entries& inputs, int node) const { return inputs.data() + slots_[static_cast<std::size_t>(node)]; }

  gradus::Index width_;
  Weights weights_;
  std::array<gradus::Index, Tree::leaves + Tree::joins> slots_{};
  Entries inputs_, values_, input_gradients_, deltas_, w_transposed_, ones_;
  Product join_, join_gradient_, w_update_, b_update_;
};

}  // namespace bench
