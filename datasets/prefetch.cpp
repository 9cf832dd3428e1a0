#include <gradus/datasets/prefetch.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

namespace gradus::datasets {
namespace {

enum Phase { waiting, running, done };

bool one_thread_only() {
  return tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism) <= 1 ||
         tbb::this_task_arena::max_concurrency() <= 1;
}

}  // namespace

struct Prefetch::State {
  std::function<void()> work;
  std::exception_ptr error;
  // A mutex, not an atomic: locked before the task is spawned, it also shows ThreadSanitizer the order that oneTBB
  // keeps.
  std::mutex mutex;
  std::condition_variable over;
  Phase phase = waiting;
  std::shared_ptr<State> held_by_task;

  explicit State(std::function<void()> todo) : work(std::move(todo)) {}
  void hold(const std::shared_ptr<State>& self) {
    const std::scoped_lock lock(mutex);
    held_by_task = self;
  }
  static void begin(State* state) {
    std::shared_ptr<State> self;
    {
      const std::scoped_lock lock(state->mutex);
      self = std::move(state->held_by_task);
    }
    if (self->claim()) self->run();
  }
  /// Whoever gets true, once, does the work or drops it.
  bool claim() {
    const std::scoped_lock lock(mutex);
    if (phase != waiting) return false;
    phase = running;
    return true;
  }
  void run() noexcept {
    try {
      work();
    } catch (...) {
      error = std::current_exception();
    }
    drop();
  }
  void drop() noexcept {
    work = nullptr;  // a task that comes too late must not keep the data alive
    {
      const std::scoped_lock lock(mutex);
      phase = done;
    }
    over.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex);
    over.wait(lock, [this] { return phase == done; });
  }
};

/// What oneTBB is given. Trivial, and read unseen by ThreadSanitizer, because it does not see how oneTBB hands it over.
struct Prefetch::Task {
  State* state;

  __attribute__((no_sanitize("thread"))) void operator()() const { State::begin(state); }
};

Prefetch::Prefetch(std::function<void()> work) : state_(std::make_shared<State>(std::move(work))) {
  if (one_thread_only()) return;  // an enqueued task would be given a thread of its own all the same
  state_->hold(state_);
  // Not a task_group: waiting for one may pick up any other task meanwhile, under whatever locks the caller holds.
  tbb::this_task_arena::enqueue(Task{state_.get()});
}

Prefetch& Prefetch::operator=(Prefetch&& other) noexcept {
  if (this != &other) {
    abandon();
    state_ = std::move(other.state_);
  }
  return *this;
}

Prefetch::~Prefetch() {
  abandon();
}

void Prefetch::finish() {
  if (!state_) return;
  if (state_->claim()) {
    state_->run();
  } else {
    state_->wait();
  }
  if (state_->error) std::rethrow_exception(state_->error);
}

void Prefetch::abandon() noexcept {
  if (!state_) return;
  if (state_->claim()) {
    state_->drop();
  } else {
    state_->wait();
  }
}

}  // namespace gradus::datasets
