#pragma once

#include <functional>
#include <span>

#include <gradus/graph/evaluate.h>

namespace gradus {

/// New values for parameters that follow from the structure of a cost's graph alone: its gradients, put through an
/// update rule. Costs of the same structure have them built once.
struct Derivation {
  /// One for each rule and set of parameters, never used again for others. 0: build anew each time.
  std::uint64_t identity = 0;
  /// The cost is differentiated by these.
  const Parameters& with_respect_to;
  /// What gets new values, in the order in which `update` returns them.
  const Parameters& assigned;
  /// What enters as values, such as a learning rate.
  std::span<const double> numbers;
  /// The new values from the gradients. `numbers` are scalars, each once as float32 and once as float64: number i is at
  /// 2i and 2i + 1. If `identity` is not 0 it must depend on nothing but its arguments.
  const std::function<Tensors(const Tensors& gradients, const Tensors& numbers)>& update;
};

std::uint64_t new_identity();

/// Computes the cost and the new values in one plan, then moves every parameter on, as `assign` does.
void assign_derived(const Tensor& cost, const Derivation& derivation, Where where);

}  // namespace gradus
