#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include <gradus/datasets/shuffle.h>

using namespace gradus;
using namespace gradus::datasets;

TEST_CASE("a permutation holds every index once, and is the same for the same seed") {
  for (const Index count : {0, 1, 2, 3, 10, 1000}) {
    auto order = permutation(count, 7);
    CHECK(order == permutation(count, 7));
    std::sort(order.begin(), order.end());
    REQUIRE(static_cast<Index>(order.size()) == count);
    for (Index i = 0; i < count; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  }
  CHECK(permutation(1000, 7) != permutation(1000, 8));
  CHECK(permutation(1000, -1) != permutation(1000, 1));
}

TEST_CASE("a seed gives these very permutations on every machine, in every version") {
  CHECK(permutation(10, 0) == std::vector<Index>{1, 2, 5, 7, 0, 8, 4, 3, 9, 6});
  CHECK(permutation(10, 1) == std::vector<Index>{6, 4, 7, 2, 9, 1, 5, 0, 8, 3});
}

TEST_CASE("all orders of four things are about equally frequent over consecutive seeds") {
  std::map<std::vector<Index>, int> seen;
  constexpr int orders = 24, each = 1000;
  for (int seed = 0; seed < orders * each; ++seed) ++seen[permutation(4, seed)];
  CHECK(seen.size() == orders);
  double chi_squared = 0;
  for (const auto& [order, times] : seen) chi_squared += std::pow(times - each, 2) / each;
  CHECK(chi_squared < 49.7);  // 23 degrees of freedom: exceeded once in a thousand
}

TEST_CASE("SplitMix draws below a bound without favour, and normal numbers of mean 0 and variance 1") {
  SplitMix random(3);
  constexpr int draws = 100'000;
  std::vector<int> times(7);
  for (int i = 0; i < draws; ++i) ++times[random.below(7)];
  for (const int t : times) CHECK(std::abs(t - draws / 7) < 600);  // 5.4 standard deviations
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t bound = (std::uint64_t{3} << 62) + 5;  // half of all products would be uneven here
    CHECK(random.below(bound) < bound);
  }
  double sum = 0, squares = 0;
  for (int i = 0; i < draws; ++i) {
    const double uniform = random.uniform();
    CHECK((uniform >= 0 && uniform < 1));
    const double normal = random.normal();
    sum += normal;
    squares += normal * normal;
  }
  CHECK(std::abs(sum / draws) < 0.016);
  CHECK(std::abs(squares / draws - 1) < 0.023);
}

TEST_CASE("a key of several parts gives numbers of its own for every part, in every place") {
  CHECK(SplitMix({4}).next() == SplitMix(4).next());
  std::set<std::uint64_t> seen;
  for (const std::int64_t a : {0, 1, 2}) {
    for (const std::int64_t b : {0, 1, 2}) {
      for (const std::int64_t c : {0, 1, 2}) seen.insert(SplitMix({a, b, c}).next());
    }
  }
  CHECK(seen.size() == 27);
}
