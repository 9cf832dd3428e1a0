#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <gradus/datasets/recycled_memory.h>

using namespace gradus::datasets;

TEST_CASE("memory comes back when nobody holds it, and not before") {
  const auto pieces = std::make_shared<RecycledMemory>(100, 2);
  auto first = pieces->take();
  const std::byte* memory = first.get();
  CHECK(reinterpret_cast<std::uintptr_t>(memory) % 64 == 0);
  auto also_first = first;
  first = nullptr;
  const auto second = pieces->take();
  CHECK(second.get() != memory);
  also_first = nullptr;
  CHECK(pieces->take().get() == memory);
}

TEST_CASE("memory outlives what it came from") {
  auto pieces = std::make_shared<RecycledMemory>(100, 1);
  const auto first = pieces->take(), second = pieces->take();
  pieces = nullptr;
  first.get()[99] = second.get()[99] = std::byte{1};
  CHECK(first.get()[99] == std::byte{1});
}

TEST_CASE("several threads never get the same memory at once") {
  const auto pieces = std::make_shared<RecycledMemory>(sizeof(int), 3);
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  threads.reserve(wrong.size());
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 2000; ++i) {
        const auto memory = pieces->take();
        auto* entry = reinterpret_cast<int*>(memory.get());
        *entry = thread;
        std::this_thread::yield();
        if (*entry != thread) ++wrong[static_cast<std::size_t>(thread)];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}
