#pragma once

#include <functional>

#include <gradus/graph/operation.h>

namespace gradus {

/// Replaces what a derivative rule returns, on this thread, while it lives: how the checks are checked. `mutate` gets
/// the rule's own cotangents, one an input, before broadcasting is undone and several uses are added up.
class ScopedRuleOverride {
 public:
  using Mutate = std::function<Tensors(const Call& call, const Tensor& y, const Tensor& g, Tensors original)>;
  ScopedRuleOverride(const Registered& operation, Mutate mutate);
  ~ScopedRuleOverride();
  ScopedRuleOverride(const ScopedRuleOverride&) = delete;
  ScopedRuleOverride& operator=(const ScopedRuleOverride&) = delete;

  /// The override in force for an operation on this thread; null if there is none.
  static const Mutate* find(const Registered& operation);
  /// Whether any is.
  static bool any();

 private:
  const Registered& operation_;
  Mutate mutate_;
  ScopedRuleOverride* previous_;
};

}  // namespace gradus
