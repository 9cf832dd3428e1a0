#include <gradus/graph/plan/trial.h>

#include <algorithm>

namespace gradus::plan {

namespace {

// Blocks of either kind alternate, so that a clock that changes its rate favours neither. The first runs of a block
// wake a worker, or find another core's values in the cache.
constexpr int uncounted = 3, block = 8;
constexpr std::size_t counted_of_each = 15;
constexpr double least_gain = 1.05;
// A trial on a busy machine may be slow: the longer its outcome has stood, the rarer it is.
constexpr Index first_pause = 2000, longest_pause = 64000;

std::int64_t take_median(std::vector<std::int64_t>& durations) {
  const auto middle = durations.begin() + static_cast<std::ptrdiff_t>(durations.size() / 2);
  std::nth_element(durations.begin(), middle, durations.end());
  const std::int64_t median = *middle;
  durations.clear();
  return median;
}

}  // namespace

Trial::Turn Trial::next() {
  if (trying()) return {.way = way_, .timed = true};
  --runs_left_;
  return {.way = settled_, .timed = false};
}

void Trial::took(Turn turn, std::int64_t ns) {
  if (!trying() || turn.way != way_) return;
  if (++in_block_ > uncounted) (way_ == Way::in_order ? in_order_ : at_once_).push_back(ns);
  if (in_block_ < block) return;
  in_block_ = 0;
  way_ = way_ == Way::in_order ? Way::at_once : Way::in_order;
  if (std::min(in_order_.size(), at_once_.size()) >= counted_of_each) settle();
}

void Trial::settle() {
  const auto in_order = static_cast<double>(take_median(in_order_));
  const auto at_once = static_cast<double>(take_median(at_once_));
  const Way faster = least_gain * at_once <= in_order ? Way::at_once : Way::in_order;
  const bool confirmed = pause_ > 0 && faster == settled_;
  pause_ = confirmed ? std::min(2 * pause_, longest_pause) : first_pause;
  settled_ = faster;
  runs_left_ = pause_;
}

}  // namespace gradus::plan
