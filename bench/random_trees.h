#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace bench {

/// A binary tree over words, as a list of joins: nodes 0 … 49 are the leaves, join i makes node 50 + i, the last is the
/// root.
struct Tree {
  static constexpr int leaves = 50, joins = leaves - 1;
  std::array<std::int32_t, leaves> words;
  std::array<std::pair<int, int>, joins> children;  ///< left and right of each join
};

/// The same trees every time, and the same as peers.py makes: neighbours drawn at random are joined until one is left.
inline std::vector<Tree> random_trees(std::size_t count, int words) {
  std::minstd_rand random(1);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  std::vector<Tree> trees(count);
  for (Tree& tree : trees) {
    std::vector<int> open;
    for (int leaf = 0; leaf < Tree::leaves; ++leaf) {
      tree.words[static_cast<std::size_t>(leaf)] = static_cast<std::int32_t>(below(static_cast<std::size_t>(words)));
      open.push_back(leaf);
    }
    for (int join = 0; join < Tree::joins; ++join) {
      const std::size_t left = below(open.size() - 1);
      tree.children[static_cast<std::size_t>(join)] = {open[left], open[left + 1]};
      open[left] = Tree::leaves + join;
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(left) + 1);
    }
  }
  return trees;
}

}  // namespace bench
