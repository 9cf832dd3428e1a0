#include "tree_by_hand.h"

#include <utility>

#include <gradus/ops/cpu/pointwise.h>

namespace bench {

using gradus::Index;

TreeByHand::TreeByHand(Index width, Weights weights)
    : width_(width),
      weights_(std::move(weights)),
      inputs_(padded(Tree::joins * 2 * width)),
      values_(padded(width)),
      input_gradients_(padded(Tree::joins * 2 * width)),
      deltas_(padded(Tree::joins * width)),
      w_transposed_(padded(2 * width * width)),
      ones_(Entries::Ones(Tree::joins)),
      join_({.rows = 1, .inner = 2 * width, .columns = width, .accumulate = true}),
      join_gradient_({.rows = 1, .inner = width, .columns = 2 * width}),
      w_update_({.rows = 2 * width, .inner = Tree::joins, .columns = width, .a_transposed = true, .accumulate = true}),
      b_update_({.rows = 1, .inner = Tree::joins, .columns = width, .accumulate = true}) {}

void TreeByHand::step(const Tree& tree, const Entries& target, float learning_rate) {
  for (int join = 0; join < Tree::joins; ++join) {
    const auto [left, right] = tree.children[static_cast<std::size_t>(join)];
    slots_[static_cast<std::size_t>(left)] = join * 2 * width_;
    slots_[static_cast<std::size_t>(right)] = join * 2 * width_ + width_;
  }
  forward(tree);
  backward(tree, target, learning_rate);
}

void TreeByHand::forward(const Tree& tree) {
  for (int leaf = 0; leaf < Tree::leaves; ++leaf) {
    const Index word = tree.words[static_cast<std::size_t>(leaf)];
    std::copy_n(weights_.table.data() + word * width_, width_, slot(inputs_, leaf));
  }
  for (int join = 0; join < Tree::joins; ++join) {
    values_ = weights_.b;
    join_(inputs_.data() + join * 2 * width_, weights_.w.data(), values_.data());
    values_ = gradus::cpu::tanh(values_);
    if (join + 1 < Tree::joins) std::copy_n(values_.data(), width_, slot(inputs_, Tree::leaves + join));
  }
}

// Gradients carry the factor −η from the root on. A node's gradient lies where its value lies among the inputs.
void TreeByHand::backward(const Tree& tree, const Entries& target, float learning_rate) {
  transpose(weights_.w.data(), 2 * width_, width_, w_transposed_.data());
  const auto delta = [&](int join) { return deltas_.segment(join * width_, width_); };
  const auto root = values_.head(width_);
  delta(Tree::joins - 1) = -learning_rate * (root - target.head(width_)) * (1 - root.square());
  for (int join = Tree::joins - 1; join >= 0; --join) {
    if (join + 1 < Tree::joins) {
      const Eigen::Map<const Entries> value(slot(inputs_, Tree::leaves + join), width_);
      const Eigen::Map<const Entries> gradient(slot(input_gradients_, Tree::leaves + join), width_);
      delta(join) = gradient * (1 - value.square());
    }
    join_gradient_(deltas_.data() + join * width_, w_transposed_.data(), input_gradients_.data() + join * 2 * width_);
  }
  w_update_(inputs_.data(), deltas_.data(), weights_.w.data());
  b_update_(ones_.data(), deltas_.data(), weights_.b.data());
  for (int leaf = 0; leaf < Tree::leaves; ++leaf) {
    const Index word = tree.words[static_cast<std::size_t>(leaf)];
    weights_.table.segment(word * width_, width_) += Eigen::Map<const Entries>(slot(input_gradients_, leaf), width_);
  }
}

}  // namespace bench
