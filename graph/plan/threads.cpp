#include <gradus/graph/plan/threads.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/task_arena.h>

#include <gradus/graph/error.h>

namespace gradus {

namespace {

int default_threads() {
  if (const char* given = std::getenv("GRADUS_THREADS")) {
    const int count = std::atoi(given);
    if (count > 0) return count;
  }
  return tbb::info::default_concurrency();
}

struct Workers {
  std::mutex mutex;
  std::atomic<int> count{default_threads()};
  std::shared_ptr<tbb::task_arena> arena;  // of `count` slots; made when first needed
  // TBB keeps as many workers as there are cores; whoever asks for more threads means it.
  std::unique_ptr<tbb::global_control> more_than_cores;
};

Workers& workers() {
  static Workers* workers = new Workers;
  return *workers;
}

std::shared_ptr<tbb::task_arena> current_arena() {
  const std::scoped_lock lock(workers().mutex);
  auto& arena = workers().arena;
  if (!arena || arena->max_concurrency() != workers().count)
    arena = std::make_shared<tbb::task_arena>(workers().count.load());
  return arena;
}

}  // namespace

void set_threads(int count) {
  if (count < 0)
    throw ValueError(fmt::format("set_threads: {} threads are impossible; 0 means all that the machine has", count));
  const std::scoped_lock lock(workers().mutex);
  workers().count = count == 0 ? default_threads() : count;
  workers().more_than_cores.reset();
  if (workers().count > tbb::info::default_concurrency()) {
    workers().more_than_cores = std::make_unique<tbb::global_control>(
        tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(workers().count.load()));
  }
}

int threads() {
  return workers().count.load(std::memory_order_relaxed);
}

namespace plan {

void in_worker_arena(const std::function<void()>& function) {
  current_arena()->execute(function);
}

}  // namespace plan

}  // namespace gradus
