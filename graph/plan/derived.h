#pragma once

#include <memory>
#include <vector>

#include <gradus/graph/number_watch.h>
#include <gradus/graph/plan/plan.h>
#include <gradus/graph/plan/signature_cache.h>

namespace gradus::plan {

/// The plan of a cost and of all that a derivation made from it, for every cost whose graph has the same signature:
/// neither is differentiated nor recorded again.
struct DerivedPlan {
  /// A leaf of the plan that the graph behind the cost does not have.
  struct Leaf {
    enum class Source : std::uint8_t { assigned, number, constant } source = Source::constant;
    std::uint32_t index = 0;  ///< which assigned parameter, or which number of the derivation
    Tensor constant;
  };
  std::shared_ptr<const Plan> plan;
  std::vector<Leaf> further_leaves;  ///< the plan's leaves beyond those of the recording, in order
};

/// Whether the structure behind a recorded cost says all that its gradients depend on: not where a value hides the
/// graph that it came from.
bool is_derivable(const Recording& cost);

/// The signature of a cost's recording and of who derives: whose words live in `words`.
Signature derived_signature(const Recording& cost, std::uint64_t identity, std::vector<std::uint64_t>& words);

/// The derived plan of a cost, from the recordings of the cost alone and of all. Null where it would not hold for
/// another cost of the same structure.
std::shared_ptr<const DerivedPlan> learn(
    const Recording& cost, const Recording& all, std::shared_ptr<const Plan> plan, const Parameters& assigned,
    const Tensors& numbers, const NumberWatch& watch);

std::shared_ptr<const DerivedPlan> find_derived(const Signature& signature);
void keep_derived(const Signature& signature, std::shared_ptr<const DerivedPlan> derived);

}  // namespace gradus::plan
