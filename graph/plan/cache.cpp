#include <gradus/graph/batch/cell_table.h>
#include <gradus/graph/plan/derived.h>
#include <gradus/graph/plan/plan.h>
#include <gradus/graph/plan/signature_cache.h>

namespace gradus::plan {

namespace {

constexpr std::size_t most_entries = 1024, most_bytes = std::size_t{1} << 28;

// Never destroyed: tensors with static lifetime may be evaluated late.
SignatureCache<Plan>& plans() {
  static auto* cache = new SignatureCache<Plan>(most_entries, most_bytes);
  return *cache;
}
SignatureCache<DerivedPlan>& derived_plans() {
  static auto* cache = new SignatureCache<DerivedPlan>(most_entries, most_bytes);
  return *cache;
}

// A kernel with its layouts takes about a kilobyte.
std::size_t bytes_of(const Plan& plan) {
  return plan.steps.size() * 1024;
}

}  // namespace

std::shared_ptr<const Plan> find_plan(const Recording& recording) {
  return plans().find({recording.signature, recording.hash});
}
void keep_plan(const Recording& recording, std::shared_ptr<const Plan> plan) {
  const std::size_t bytes = bytes_of(*plan);
  plans().keep({recording.signature, recording.hash}, std::move(plan), bytes);
}

std::shared_ptr<const DerivedPlan> find_derived(const Signature& signature) {
  return derived_plans().find(signature);
}
void keep_derived(const Signature& signature, std::shared_ptr<const DerivedPlan> derived) {
  std::size_t bytes = bytes_of(*derived->plan);
  for (const DerivedPlan::Leaf& leaf : derived->further_leaves) {
    if (!leaf.constant.empty()) bytes += static_cast<std::size_t>(leaf.constant.node()->bytes());
  }
  derived_plans().keep(signature, std::move(derived), bytes);
}

}  // namespace gradus::plan

namespace gradus {

PlanCacheStatistics plan_cache_statistics() {
  const auto plans = plan::plans().statistics();
  const auto derived = plan::derived_plans().statistics();
  return {
      static_cast<Index>(plans.hits + derived.hits), static_cast<Index>(plans.misses),
      static_cast<Index>(plans.entries)};
}

void clear_plan_cache() {
  plan::plans().clear();
  plan::derived_plans().clear();
  batch::CellTable::clear();
}

}  // namespace gradus
