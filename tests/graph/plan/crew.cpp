#include <gradus/graph/plan/crew.h>

#include <array>
#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

#include "../scoped_threads.h"

using namespace gradus;

TEST_CASE("every part is done once, whoever does it") {
  for (const int count : {1, 2, 4, 2, 8}) {
    const tests::ScopedThreads those(count);
    plan::Shift shift;
    REQUIRE(shift.has_crew());
    for (Index parts = 0; parts < 300; ++parts) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(parts));
      shift.share(parts, [&](Index part) { ++done[static_cast<std::size_t>(part)]; });
      for (const auto& times : done) REQUIRE(times == 1);
    }
  }
}

TEST_CASE("what one part throws arrives, and the crew is there for the next kernel") {
  const tests::ScopedThreads four(4);
  plan::Shift shift;
  for (Index bad = 0; bad < 40; ++bad) {
    const auto work = [&](Index part) {
      if (part == bad) throw std::runtime_error("part");
    };
    CHECK_THROWS_WITH_AS(shift.share(40, work), "part", std::runtime_error);
    std::atomic<Index> sum = 0;
    shift.share(40, [&](Index part) { sum += part; });
    CHECK(sum == 780);
  }
}

TEST_CASE("a run that comes while another has the crew does without") {
  std::optional<plan::Shift> first(std::in_place);
  CHECK(first->has_crew());
  std::thread([] { CHECK_FALSE(plan::Shift().has_crew()); }).join();
  first.reset();
  std::thread([] { CHECK(plan::Shift().has_crew()); }).join();
}

TEST_CASE("several threads evaluate graphs with shared kernels at once, with the bits of one thread") {
  const Tensor images = uniform({12, 8, 14, 14}, {.from = -1, .to = 1, .seed = 1}).detach();
  const Parameter filters(uniform({24, 8, 5, 5}, {.from = -1, .to = 1, .seed = 2}).detach());
  const auto computed = [&] {
    const Tensor y = sum(square(conv2d(images, filters)));
    return gradients(y, {filters})[0].values<float>();
  };
  std::vector<float> alone;
  {
    const tests::ScopedThreads one(1);
    alone = computed();
  }
  const tests::ScopedThreads four(4);
  std::array<int, 3> equal{};
  std::vector<std::thread> users;
  for (int& own : equal) {
    users.emplace_back([&] {
      for (int i = 0; i < 20; ++i) own += computed() == alone ? 1 : 0;
    });
  }
  for (std::thread& user : users) user.join();
  CHECK(equal == std::array<int, 3>{20, 20, 20});
}
