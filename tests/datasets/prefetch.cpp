#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <tbb/global_control.h>

#include <gradus/datasets/prefetch.h>

using namespace gradus::datasets;

TEST_CASE("prefetched work is done once, by the time it is needed, with one thread or many") {
  for (const std::size_t threads : {1U, 2U, 8U}) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    for (int repeat = 0; repeat < 500; ++repeat) {
      std::atomic<int> times = 0;
      int result = 0;
      Prefetch work([&] { result = 42, ++times; });
      if (repeat % 2 == 0) std::this_thread::yield();
      work.finish();
      CHECK(result == 42);
      work.finish();
      CHECK(times == 1);
    }
  }
}

TEST_CASE("what prefetched work throws arrives where it is needed") {
  for (int repeat = 0; repeat < 100; ++repeat) {
    Prefetch work([] { throw std::runtime_error("no memory"); });
    if (repeat % 2 == 0) std::this_thread::yield();
    CHECK_THROWS_WITH_AS(work.finish(), "no memory", std::runtime_error);
  }
  const Prefetch nobody_asks([] { throw std::runtime_error("not seen"); });
}

TEST_CASE("work that is given up is over when its Prefetch is gone, and lets go of its data") {
  for (int repeat = 0; repeat < 500; ++repeat) {
    auto data = std::make_shared<std::vector<int>>(1000);
    std::atomic<bool> running = false;
    {
      const Prefetch work([&running, data] {
        running = true;
        for (int& entry : *data) ++entry;
        running = false;
      });
      if (repeat % 2 == 0) std::this_thread::yield();
    }
    CHECK_FALSE(running);
    CHECK(data.use_count() == 1);
  }
}

TEST_CASE("needing prefetched work under a lock that other work wants is no deadlock") {
  std::mutex mutex;
  std::vector<Prefetch> others;
  others.reserve(16);
  for (int i = 0; i < 16; ++i) others.emplace_back([&mutex] { const std::scoped_lock lock(mutex); });
  {
    const std::scoped_lock lock(mutex);
    Prefetch work([] {});
    work.finish();
  }
  for (Prefetch& other : others) other.finish();
}

TEST_CASE("a Prefetch that takes over another's work gives its own up") {
  int done = 0;
  Prefetch nothing;
  nothing.finish();
  Prefetch work([] {});
  work = Prefetch([&done] { done = 1; });
  work.finish();
  CHECK(done == 1);
}
