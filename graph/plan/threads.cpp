#include <gradus/graph/plan/threads.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/task_arena.h>

#include <gradus/graph/error.h>
#include <gradus/graph/plan/task_order.h>

namespace gradus {

namespace {

int default_threads() {
  const char* const given = std::getenv("GRADUS_THREADS");
  const std::string_view number = given ? given : "";
  int count = 0;
  if (!number.empty()) {
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
    if (error != std::errc() || end != number.data() + number.size() || count < 0) {
      throw ValueError(fmt::format(
          "GRADUS_THREADS is '{}', but must be a number of threads; 0 means all that the machine has", number));
    }
  }
  return count == 0 ? tbb::info::default_concurrency() : count;
}

// Arenas and limits are kept once made: taking them away while TBB's workers move between them can leave an arena
// without any.
struct Workers {
  std::mutex mutex;
  std::atomic<int> count{default_threads()};
  std::atomic<tbb::task_arena*> current{nullptr};          // for that count; null until it is needed
  std::map<int, std::unique_ptr<tbb::task_arena>> arenas;  // by number of threads
  // TBB has as many threads as there are cores; whoever asks for more means it.
  int most = tbb::info::default_concurrency();
  std::unique_ptr<tbb::global_control> limit;

  void allow(int threads) {
    if (threads <= most) return;
    most = threads;
    limit = std::make_unique<tbb::global_control>(
        tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
  }
};

Workers& workers() {
  static Workers* workers = new Workers;
  return *workers;
}

tbb::task_arena& current_arena() {
  if (auto* arena = workers().current.load(std::memory_order_acquire)) return *arena;
  const std::scoped_lock lock(workers().mutex);
  const int count = workers().count;
  workers().allow(count);
  auto& arena = workers().arenas[count];
  if (!arena) arena = std::make_unique<tbb::task_arena>(count);
  workers().current.store(arena.get(), std::memory_order_release);
  return *arena;
}

}  // namespace

void set_threads(int count) {
  if (count < 0)
    throw ValueError(fmt::format("set_threads: {} threads are impossible; 0 means all that the machine has", count));
  const std::scoped_lock lock(workers().mutex);
  workers().count = count == 0 ? default_threads() : count;
  workers().current = nullptr;
}

int threads() {
  return workers().count.load(std::memory_order_relaxed);
}

namespace plan {

void in_worker_arena(const std::function<void()>& function) {
  const void* const key = &function;
  // Where all places of the arena are taken, another thread calls the function for this one.
  ended(key);
  current_arena().execute([&]() GRADUS_CALLED_BY_TBB {
    begins_after(key);
    function();
    ended(key);
  });
  begins_after(key);
}

void enqueue_in_worker_arena(void (*function)()) {
  current_arena().enqueue([function]() GRADUS_CALLED_BY_TBB { function(); });
}

}  // namespace plan

}  // namespace gradus
