#pragma once

#include <functional>

#include <gradus/graph/shape.h>

namespace gradus::plan {

/// Threads of the worker arena that stay awake between the kernels of a run, and for a moment after it: waking one
/// takes longer than many a kernel. One run at a time has them.
class Shift {
 public:
  /// Takes the crew for this thread's run, if it is free.
  Shift();
  ~Shift();
  Shift(const Shift&) = delete;
  Shift& operator=(const Shift&) = delete;

  bool has_crew() const { return has_crew_; }
  /// Calls the function for every part from 0 on, here and wherever somebody is awake, and returns when all are done.
  /// Passes on one of the exceptions thrown; parts that had not begun by then are left out.
  void share(Index parts, const std::function<void(Index part)>& work);

 private:
  bool has_crew_;
};

/// Lets those go who are still awake after a run, for others need their threads.
void dismiss_crew();

}  // namespace gradus::plan
