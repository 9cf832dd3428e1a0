#include <gradus/graph/plan/retained.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gradus {

namespace {

// A version of a parameter. Its cell may be gone, so it is only compared.
struct Version {
  const ParameterCell* cell;
  std::uint64_t number;
};
using Versions = std::vector<Version>;

struct Registry {
  std::mutex mutex;
  std::unordered_map<const ParameterCell*, std::unordered_set<Node*>> dependents;
  std::unordered_map<const Node*, Versions> parameters;  ///< that a node which remembers its inputs leads to
  std::unordered_map<const Node*, Versions> lost;        ///< that one which has forgotten them led to

  void remove(Node* node) {
    const auto found = parameters.find(node);
    if (found == parameters.end()) return;
    for (const Version& version : found->second) {
      const auto nodes = dependents.find(version.cell);
      if (nodes == dependents.end()) continue;
      nodes->second.erase(node);
      if (nodes->second.empty()) dependents.erase(nodes);
    }
    parameters.erase(found);
  }

  void lose(const Node* node, Versions versions) {
    if (!versions.empty()) lost[node] = std::move(versions);
  }
};

Registry& registry() {
  // Never destroyed: nodes with static lifetime are released late.
  static Registry* registry = new Registry;
  return *registry;
}

// The parameters that a node's graph still leads to, or led to before something in it forgot. With the registry's mutex
// held.
Versions parameters_behind(Node* root) {
  const std::uint64_t walk = next_walk();
  Versions versions;
  const auto add = [&](const Version& one) {
    const auto same = [&](const Version& other) { return other.cell == one.cell && other.number == one.number; };
    if (std::none_of(versions.begin(), versions.end(), same)) versions.push_back(one);
  };
  std::vector<Node*> open{root};
  root->walk = walk;
  while (!open.empty()) {
    Node* const node = open.back();
    open.pop_back();
    if (node->parameter) add({node->parameter.get(), node->version});
    if (const auto lost = node->severed ? registry().lost.find(node) : registry().lost.end();
        lost != registry().lost.end()) {
      std::for_each(lost->second.begin(), lost->second.end(), add);
    }
    for (Node* input : node->inputs()) {
      if (input->walk == walk || !input->needs_gradient) continue;
      input->walk = walk;
      open.push_back(input);
    }
  }
  return versions;
}

}  // namespace

void forget_retained(Node* node) {
  const std::scoped_lock lock(registry().mutex);
  registry().remove(node);
  registry().lost.erase(node);
}

bool any_way_lost() {
  const std::scoped_lock lock(registry().mutex);
  return !registry().lost.empty();
}

bool way_lost(const Node* severed, const Node* parameter) {
  const std::scoped_lock lock(registry().mutex);
  const auto found = registry().lost.find(severed);
  return found != registry().lost.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](const Version& version) {
           return version.cell == parameter->parameter.get() && version.number == parameter->version;
         });
}

namespace plan {

void retain_inputs(Node* node) {
  const std::scoped_lock lock(registry().mutex);
  Versions versions = parameters_behind(node);
  for (const Version& version : versions) registry().dependents[version.cell].insert(node);
  registry().parameters.emplace(node, std::move(versions));
  node->retained = true;
}

void note_lost(Node* node) {
  const std::scoped_lock lock(registry().mutex);
  registry().lose(node, parameters_behind(node));
  node->retained = true;
}

void forget_dependents(std::span<ParameterState* const> moved, Tensors& released) {
  if (moved.empty()) return;
  const std::scoped_lock lock(registry().mutex);
  std::vector<Node*> nodes;
  for (const ParameterState* state : moved) {
    const auto found = registry().dependents.find(state->cell.get());
    if (found != registry().dependents.end()) nodes.insert(nodes.end(), found->second.begin(), found->second.end());
  }
  for (Node* node : nodes) {
    const auto found = registry().parameters.find(node);
    if (found == registry().parameters.end()) continue;
    Versions others = found->second;
    registry().remove(node);
    std::erase_if(others, [&](const Version& version) {
      return std::ranges::any_of(moved, [&](const ParameterState* state) { return state->cell.get() == version.cell; });
    });
    registry().lose(node, std::move(others));
    forget_inputs(node, released);
  }
}

}  // namespace plan

}  // namespace gradus
