#include <gradus/graph/plan/retained.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gradus {

namespace {

struct Registry {
  std::mutex mutex;
  std::unordered_map<const ParameterCell*, std::unordered_set<Node*>> dependents;
  std::unordered_map<Node*, std::vector<const ParameterCell*>> parameters;

  void remove(Node* node) {
    const auto found = parameters.find(node);
    if (found == parameters.end()) return;
    for (const ParameterCell* cell : found->second) {
      const auto nodes = dependents.find(cell);
      nodes->second.erase(node);
      if (nodes->second.empty()) dependents.erase(nodes);
    }
    parameters.erase(found);
  }
};

Registry& registry() {
  // Never destroyed: nodes with static lifetime are released late.
  static Registry* registry = new Registry;
  return *registry;
}

// The parameters that a node's graph still leads to.
std::vector<const ParameterCell*> parameters_behind(Node* root) {
  const std::uint64_t walk = next_walk();
  std::vector<const ParameterCell*> cells;
  std::vector<Node*> open{root};
  root->walk = walk;
  while (!open.empty()) {
    Node* const node = open.back();
    open.pop_back();
    if (node->parameter && std::find(cells.begin(), cells.end(), node->parameter.get()) == cells.end()) {
      cells.push_back(node->parameter.get());
    }
    for (Node* input : node->inputs()) {
      if (input->walk == walk || !input->needs_gradient) continue;
      input->walk = walk;
      open.push_back(input);
    }
  }
  return cells;
}

}  // namespace

void forget_retained(Node* node) {
  const std::scoped_lock lock(registry().mutex);
  registry().remove(node);
}

namespace plan {

void retain_inputs(Node* node) {
  const std::vector<const ParameterCell*> cells = parameters_behind(node);
  const std::scoped_lock lock(registry().mutex);
  for (const ParameterCell* cell : cells) registry().dependents[cell].insert(node);
  registry().parameters.emplace(node, cells);
  node->retained = true;
}

void forget_dependents(const ParameterCell* cell, Tensors& released) {
  const std::scoped_lock lock(registry().mutex);
  const auto found = registry().dependents.find(cell);
  if (found == registry().dependents.end()) return;
  const std::vector<Node*> nodes(found->second.begin(), found->second.end());
  for (Node* node : nodes) {
    registry().remove(node);
    forget_inputs(node, released);
  }
}

}  // namespace plan

}  // namespace gradus
