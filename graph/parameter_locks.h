#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include <gradus/graph/node.h>

namespace gradus {

/// Locks on parameters, taken in the order of their addresses so that two evaluations cannot wait for each other.
class ParameterLocks {
 public:
  void add(ParameterCell* cell, bool alone) { wanted_.push_back({cell, alone}); }

  void lock() {
    // A cell that is both read and assigned is locked alone: that request sorts first.
    std::sort(wanted_.begin(), wanted_.end(), [](const Wanted& a, const Wanted& b) {
      return a.cell != b.cell ? std::less<>()(a.cell, b.cell) : a.alone > b.alone;
    });
    const auto same = [](const Wanted& a, const Wanted& b) { return a.cell == b.cell; };
    wanted_.erase(std::unique(wanted_.begin(), wanted_.end(), same), wanted_.end());
    for (; locked_ < wanted_.size(); ++locked_) {
      const Wanted& next = wanted_[locked_];
      next.alone ? next.cell->access.lock() : next.cell->access.lock_shared();
    }
  }

  void unlock() {
    while (locked_ > 0) {
      const Wanted& last = wanted_[--locked_];
      last.alone ? last.cell->access.unlock() : last.cell->access.unlock_shared();
    }
    wanted_.clear();
  }

 private:
  struct Wanted {
    ParameterCell* cell;
    bool alone;
  };
  std::vector<Wanted> wanted_;
  std::size_t locked_ = 0;
};

}  // namespace gradus
