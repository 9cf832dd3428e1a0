#include <gradus/graph/plan/crew.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <thread>

#include <gradus/graph/plan/task_order.h>
#include <gradus/graph/plan/threads.h>

namespace gradus::plan {

namespace {

using Clock = std::chrono::steady_clock;

// How long somebody without work stays awake: while a run may have more of it, and until the next run.
constexpr std::chrono::microseconds patience_in_run{1000}, patience_after_run{200};

void help_crew();

class Crew {
 public:
  /// False if another run has the crew.
  bool begin_shift() {
    if (taken_.exchange(true)) return false;
    dismissed_ = false;
    return true;
  }
  void end_shift() { taken_ = false; }
  void dismiss() { dismissed_ = true; }

  void share(Index parts, const std::function<void(Index)>& work) {
    call_in();
    work_ = &work;
    parts_ = parts;
    failure_ = nullptr;
    failed_ = false;
    next_ = 0;
    ++jobs_;  // odd: open
    take_parts();
    ++jobs_;  // even: closed
    while (inside_ > 0) std::this_thread::yield();
    if (failure_) std::rethrow_exception(failure_);
  }

  /// Takes parts of one kernel after another until none has come for a while.
  void help() {
    begins_after(this);
    std::uint64_t seen = 0;
    auto idle_since = Clock::now();
    while (true) {
      const std::uint64_t job = jobs_;
      if (job % 2 == 1 && job != seen) {
        seen = job;
        // Whoever closes a job looks who is inside after closing; whoever enters looks whether it is open after that.
        ++inside_;
        if (jobs_ == job) take_parts();
        --inside_;
        idle_since = Clock::now();
      } else if (has_waited_enough(Clock::now() - idle_since)) {
        break;
      } else {
        std::this_thread::yield();
      }
    }
    --awake_;
  }

 private:
  void call_in() {
    while (awake_ < threads() - 1) {
      ++awake_;
      ended(this);
      enqueue_in_worker_arena(help_crew);
    }
  }

  bool has_waited_enough(Clock::duration waited) const {
    if (awake_ >= threads()) return true;  // fewer are wanted than before
    return taken_ ? waited > patience_in_run : dismissed_ || waited > patience_after_run;
  }

  void take_parts() {
    for (Index part = next_++; part < parts_ && !failed_; part = next_++) {
      try {
        (*work_)(part);
      } catch (...) {
        if (!failed_.exchange(true)) failure_ = std::current_exception();
      }
    }
  }

  std::atomic<bool> taken_{false}, dismissed_{false}, failed_{false};
  std::atomic<int> awake_{0}, inside_{0};
  std::atomic<std::uint64_t> jobs_{0};
  std::atomic<Index> next_{0};
  // Of the open job.
  const std::function<void(Index)>* work_ = nullptr;
  Index parts_ = 0;
  std::exception_ptr failure_;
};

// Never destroyed: somebody may be awake when the program ends.
Crew& crew() {
  static auto* crew = new Crew;
  return *crew;
}

void help_crew() {
  crew().help();
}

}  // namespace

Shift::Shift() : has_crew_(crew().begin_shift()) {}
Shift::~Shift() {
  if (has_crew_) crew().end_shift();
}
void Shift::share(Index parts, const std::function<void(Index)>& work) {
  crew().share(parts, work);
}

void dismiss_crew() {
  crew().dismiss();
}

}  // namespace gradus::plan
