#pragma once

#include <cstdint>
#include <vector>

#include <gradus/graph/shape.h>

namespace gradus::plan {

/// Finds out whether a plan's tasks are faster at once than in order: times some runs of either kind, keeps to the
/// faster for some thousand runs, and asks again. For one thread at a time.
class Trial {
 public:
  enum class Way : std::uint8_t { in_order, at_once };

  /// How one run goes.
  struct Turn {
    Way way = Way::in_order;
    bool timed = false;
  };
  Turn next();
  /// What a timed run took, in ns. Says nothing if the trial has moved on since `next`.
  void took(Turn turn, std::int64_t ns);

 private:
  bool trying() const { return runs_left_ == 0; }
  void settle();

  Index runs_left_ = 0;  ///< before the next trial; 0 while trying
  Index pause_ = 0;      ///< runs between this trial and the last
  Way way_ = Way::in_order, settled_ = Way::in_order;
  int in_block_ = 0;  ///< runs of this block so far
  std::vector<std::int64_t> in_order_, at_once_;
};

}  // namespace gradus::plan
