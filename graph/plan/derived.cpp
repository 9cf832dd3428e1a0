#include <gradus/graph/plan/derived.h>

#include <algorithm>
#include <utility>

namespace gradus {

namespace {

thread_local NumberWatch* watching = nullptr;

}  // namespace

NumberWatch::NumberWatch() : previous_(std::exchange(watching, this)) {}
NumberWatch::~NumberWatch() {
  watching = previous_;
}
bool NumberWatch::copied(const Node* number) const {
  return std::find(copied_.begin(), copied_.end(), number) != copied_.end();
}
void NumberWatch::note(const Node* number) {
  if (watching) watching->copied_.push_back(number);
}

namespace plan {

bool is_derivable(const Recording& cost) {
  return std::none_of(cost.leaves.begin(), cost.leaves.end(), [&](std::uint32_t leaf) {
    const Node* node = cost.nodes[leaf];
    return node->kind == NodeKind::operation && (node->needs_gradient || node->severed);
  });
}

Signature derived_signature(const Recording& cost, std::uint64_t identity, std::vector<std::uint64_t>& words) {
  words.assign(cost.signature.begin(), cost.signature.end());
  words.push_back(identity);
  std::uint64_t hash = cost.hash + identity * 0x9e3779b97f4a7c15;
  for (const std::uint32_t leaf : cost.leaves) {
    const Node* node = cost.nodes[leaf];
    if (!node->parameter) continue;
    words.push_back(reinterpret_cast<std::uintptr_t>(node->parameter.get()));
    hash = hash * 0xd6e8feb86659fd93 + words.back();
  }
  return {words, hash};
}

namespace {

// Nothing if the leaf's value may differ from one cost of the same structure to the next.
std::optional<DerivedPlan::Leaf> further_leaf(const Node* node, const Parameters& assigned, const Tensors& numbers) {
  using Source = DerivedPlan::Leaf::Source;
  const auto index = [](auto found, const auto& list) { return static_cast<std::uint32_t>(found - list.begin()); };
  if (node->kind == NodeKind::parameter) {
    const auto found = std::find_if(assigned.begin(), assigned.end(), [&](const Parameter& parameter) {
      return parameter.state()->cell == node->parameter;
    });
    if (found == assigned.end()) return std::nullopt;
    return DerivedPlan::Leaf{.source = Source::assigned, .index = index(found, assigned), .constant = {}};
  }
  const auto is_this = [&](const Tensor& number) { return number.node() == node; };
  const auto found = std::find_if(numbers.begin(), numbers.end(), is_this);
  if (found != numbers.end()) {
    return DerivedPlan::Leaf{.source = Source::number, .index = index(found, numbers) / 2, .constant = {}};
  }
  if (node->kind != NodeKind::number && node->kind != NodeKind::constant) return std::nullopt;
  return DerivedPlan::Leaf{.source = Source::constant, .constant = share(const_cast<Node*>(node))};
}

}  // namespace

std::shared_ptr<const DerivedPlan> learn(
    const Recording& cost, const Recording& all, std::shared_ptr<const Plan> plan, const Parameters& assigned,
    const Tensors& numbers, const NumberWatch& watch) {
  const std::size_t shared = cost.leaves.size();
  const auto starts_with = [](const auto& list, const auto& start) {
    return list.size() >= start.size() && std::equal(start.begin(), start.end(), list.begin());
  };
  if (!starts_with(all.nodes, cost.nodes) || !starts_with(all.leaves, cost.leaves) || all.kept != cost.kept) return {};
  for (const std::uint32_t leaf : cost.leaves) {
    if (watch.copied(cost.nodes[leaf])) return nullptr;
  }
  auto derived = std::make_shared<DerivedPlan>();
  derived->plan = std::move(plan);
  for (std::size_t i = shared; i < all.leaves.size(); ++i) {
    auto leaf = further_leaf(all.nodes[all.leaves[i]], assigned, numbers);
    if (!leaf) return nullptr;
    derived->further_leaves.push_back(std::move(*leaf));
  }
  return derived;
}

}  // namespace plan

}  // namespace gradus
