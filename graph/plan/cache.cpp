#include <list>
#include <mutex>
#include <unordered_map>

#include <gradus/graph/plan/plan.h>

namespace gradus::plan {

namespace {

// Least recently used plans go when there are too many, or when together they hold too much memory.
class PlanCache {
 public:
  std::shared_ptr<const Plan> find(const Recording& recording) {
    const std::scoped_lock lock(mutex_);
    auto [first, last] = by_hash_.equal_range(recording.hash);
    for (; first != last; ++first) {
      if ((*first->second)->signature != recording.signature) continue;
      by_use_.splice(by_use_.begin(), by_use_, first->second);
      ++hits_;
      return by_use_.front();
    }
    ++misses_;
    return nullptr;
  }

  void keep(const Recording& recording, std::shared_ptr<const Plan> plan) {
    const std::scoped_lock lock(mutex_);
    // A plan that would push out all others is not worth keeping.
    if (size_of(*plan) > most_bytes) return;
    bytes_ += size_of(*plan);
    by_use_.push_front(std::move(plan));
    by_hash_.emplace(recording.hash, by_use_.begin());
    hash_of_.emplace(by_use_.front().get(), recording.hash);
    while (by_use_.size() > most_plans || bytes_ > most_bytes) forget_oldest();
  }

  PlanCacheStatistics statistics() {
    const std::scoped_lock lock(mutex_);
    return {hits_, misses_, static_cast<Index>(by_use_.size())};
  }

  void clear() {
    const std::scoped_lock lock(mutex_);
    by_use_.clear();
    by_hash_.clear();
    hash_of_.clear();
    bytes_ = 0;
  }

 private:
  using List = std::list<std::shared_ptr<const Plan>>;
  static constexpr std::size_t most_plans = 1024, most_bytes = std::size_t{1} << 28;

  // A kernel with its layouts takes about a kilobyte.
  static std::size_t size_of(const Plan& plan) { return plan.signature.size() * 8 + plan.steps.size() * 1024; }

  void forget_oldest() {
    const auto oldest = std::prev(by_use_.end());
    auto [first, last] = by_hash_.equal_range(hash_of_.at(oldest->get()));
    while (first != last && first->second != oldest) ++first;
    by_hash_.erase(first);
    hash_of_.erase(oldest->get());
    bytes_ -= size_of(**oldest);
    by_use_.erase(oldest);
  }

  std::mutex mutex_;
  List by_use_;
  std::unordered_multimap<std::uint64_t, List::iterator> by_hash_;
  std::unordered_map<const Plan*, std::uint64_t> hash_of_;
  std::size_t bytes_ = 0;
  Index hits_ = 0, misses_ = 0;
};

PlanCache& cache() {
  // Never destroyed: tensors with static lifetime may be evaluated late.
  static PlanCache* cache = new PlanCache;
  return *cache;
}

}  // namespace

std::shared_ptr<const Plan> find_plan(const Recording& recording) {
  return cache().find(recording);
}
void keep_plan(const Recording& recording, std::shared_ptr<const Plan> plan) {
  cache().keep(recording, std::move(plan));
}

}  // namespace gradus::plan

namespace gradus {

PlanCacheStatistics plan_cache_statistics() {
  return plan::cache().statistics();
}
void clear_plan_cache() {
  plan::cache().clear();
}

}  // namespace gradus
