#include <gradus/graph/lost_gradient.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include <gradus/graph/node.h>

namespace gradus {

namespace {

// Everything behind some outputs, each with the reader through which it was found (null for the outputs themselves).
std::unordered_map<Node*, Node*> readers_behind(const Tensors& outputs) {
  std::unordered_map<Node*, Node*> reader_of;
  std::vector<Node*> open;
  const std::scoped_lock lock(graph_mutex());
  for (const Tensor& output : outputs) {
    if (reader_of.try_emplace(output.node(), nullptr).second) open.push_back(output.node());
  }
  while (!open.empty()) {
    Node* const node = open.back();
    open.pop_back();
    for (Node* input : node->inputs()) {
      if (reader_of.try_emplace(input, node).second) open.push_back(input);
    }
  }
  return reader_of;
}

std::string label(const Node* node) {
  return describe(share(const_cast<Node*>(node)));
}

[[noreturn]] void broken_path(const std::unordered_map<Node*, Node*>& reader_of, const Tensor& target, Where where) {
  Node* below = target.node();
  for (Node* reader = reader_of.at(below); reader; below = reader, reader = reader_of.at(reader)) {
    const Operation& operation = *reader->operation;
    if (operation.differentiable() && is_floating(reader->dtype)) continue;
    const std::string_view reason = operation.differentiable() ? "its result is not floating" : operation.no_derivative;
    throw GradientError(fmt::format(
        "{}gradients: {} is reached only through '{}' ({}), which passes no gradient: {}; pass Missing::zeros if zeros "
        "are meant",
        at(where), describe(target), operation.name,
        at(reader->where).empty() ? "built elsewhere" : at(reader->where).substr(0, at(reader->where).size() - 2),
        reason));
  }
  throw GradientError(fmt::format(
      "{}gradients: no rule on the way to {} passes a gradient to it; pass Missing::zeros if zeros are meant",
      at(where), describe(target)));
}

[[noreturn]] void independent(const std::unordered_map<Node*, Node*>& reader_of, const Tensor& target, Where where) {
  const Node* wanted = target.node();
  for (const auto& [node, reader] : reader_of) {
    if (!wanted->parameter || node->parameter != wanted->parameter) continue;
    throw StaleError(fmt::format(
        "{}gradients: the cost was built on version {} of parameter {}, which has moved on to version {}; build the "
        "cost again",
        at(where), node->version, describe(target), wanted->parameter->version.load()));
  }
  for (const auto& [node, reader] : reader_of) {
    if (!wanted->parameter || !node->severed) continue;
    throw StaleError(fmt::format(
        "{}gradients: {} was evaluated before its parameters moved on, and forgot how it was made, so nothing leads to "
        "{}; "
        "build the cost again",
        at(where), label(node), describe(target)));
  }
  throw GradientError(fmt::format(
      "{}gradients: the cost does not depend on {}, or only through what was detached; pass "
      "Missing::zeros if zeros are meant",
      at(where), describe(target)));
}

bool is_current(const Node* node) {
  return node->kind == NodeKind::parameter && !node->is_stale();
}

// The ways to a parameter's current version are known one by one.
void check_ways(const std::unordered_map<Node*, Node*>& reader_of, const Tensor& target, Where where) {
  for (const auto& [node, reader] : reader_of) {
    if (!node->severed || !way_lost(node, target.node())) continue;
    throw StaleError(fmt::format(
        "{}gradients: {} was evaluated, and forgot how it was made when a parameter that it depends on moved on; its "
        "part of the gradient with respect to {} is lost; build it again, or detach it if it is meant as a constant",
        at(where), label(node), describe(target)));
  }
}

// Of other targets: a node that forgot its inputs after the target was made may have depended on it.
void check_forgotten(const std::unordered_map<Node*, Node*>& reader_of, const Tensor& target, Where where) {
  for (const auto& [node, reader] : reader_of) {
    if (!node->severed || target.node()->born >= node->version) continue;
    throw GradientError(fmt::format(
        "{}gradients: {} was evaluated and, depending on no current parameter, forgot how it was made; part of the "
        "gradient "
        "with respect to {} may be lost; ask for gradients before values, or make it a Parameter",
        at(where), label(node), describe(target)));
  }
}

}  // namespace

void check_nothing_forgotten(const Tensors& outputs, const Tensor& target, Where where) {
  if (!is_current(target.node())) {
    check_forgotten(readers_behind(outputs), target, where);
  } else if (any_way_lost()) {
    check_ways(readers_behind(outputs), target, where);
  }
}

void check_not_lost(const Tensors& outputs, const Tensor& target, bool found, Where where) {
  check_nothing_forgotten(outputs, target, where);
  if (found) return;
  const auto reader_of = readers_behind(outputs);
  if (reader_of.contains(target.node())) broken_path(reader_of, target, where);
  independent(reader_of, target, where);
}

}  // namespace gradus
