#include <algorithm>
#include <numeric>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/graph/plan/grouping.h>

using namespace gradus;
using namespace gradus::plan;

namespace {

// Every step waits for up to three of the steps shortly before it.
StepGraph drawn_steps(const std::vector<std::uint32_t>& bits) {
  StepGraph steps;
  for (std::uint32_t i = 0; i < bits.size(); ++i) {
    std::vector<std::uint32_t> before;
    for (std::uint32_t k = 0; k < bits[i] % 4 && i > 0; ++k) {
      const std::uint32_t distance = 1 + (bits[i] >> (8 + 4 * k)) % 12;
      if (distance <= i) before.push_back(i - distance);
    }
    std::sort(before.begin(), before.end());
    before.erase(std::unique(before.begin(), before.end()), before.end());
    steps.add(20.0 + (bits[i] >> 20) % 5 * 3000, before);
  }
  return steps;
}

// `width` chains of `length` steps from one step to one that waits for all of them; one chain after another.
StepGraph chains(std::uint32_t width, std::uint32_t length, double cost) {
  StepGraph steps;
  steps.add(10, {});
  std::vector<std::uint32_t> ends;
  for (std::uint32_t chain = 0; chain < width; ++chain) {
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < length; ++i) {
      const auto next = static_cast<std::uint32_t>(steps.size());
      steps.add(cost, std::span(&last, 1));
      last = next;
    }
    ends.push_back(last);
  }
  steps.add(10, ends);
  return steps;
}

}  // namespace

TEST_CASE("tasks never wait for each other in a circle, and edges say all that steps wait for") {
  CHECK(rc::check([](const std::vector<std::uint32_t>& bits) {
    const StepGraph steps = drawn_steps(bits);
    const Grouping grouping = group(steps, {});
    RC_ASSERT(grouping.task_of.size() == steps.size());
    for (std::size_t step = 0; step < steps.size(); ++step) {
      for (const std::uint32_t before : steps.before_of(step)) {
        const std::pair edge{grouping.task_of[before], grouping.task_of[step]};
        RC_ASSERT(edge.first <= edge.second);
        RC_ASSERT(edge.first == edge.second || std::binary_search(grouping.edges.begin(), grouping.edges.end(), edge));
      }
    }
    const double costs = std::accumulate(steps.costs.begin(), steps.costs.end(), 0.0);
    RC_ASSERT(std::abs(grouping.work - costs) <= 1e-9 * costs);
    RC_ASSERT(!(grouping.span > grouping.work + TaskCosts{}.task * static_cast<double>(grouping.costs.size())));
  }));
}

TEST_CASE("a chain is one task") {
  CHECK(group(chains(1, 100, 5000), {}).costs.size() == 1);
}

TEST_CASE("long chains beside each other are a task each") {
  const Grouping grouping = group(chains(8, 20, 5000), {});
  CHECK(grouping.width == 8);
  CHECK(grouping.costs.size() <= 10);
  CHECK(grouping.span < 1.05 * (20 * 5000 + 20) + 3 * TaskCosts{}.task);
}

TEST_CASE("two steps between two others run at once where both are long, and as one task where both are short") {
  CHECK(group(chains(2, 1, 50000), {}).width == 2);
  CHECK(group(chains(2, 1, 100), {}).costs.size() == 1);
}

TEST_CASE("thousands of tiny steps become few tasks") {
  const Grouping grouping = group(chains(10000, 1, 50), {});
  CHECK(grouping.costs.size() < 300);
  CHECK(grouping.width > 2);
}

TEST_CASE("a chain of narrow diamonds keeps its width") {
  StepGraph steps;
  steps.add(10, {});
  for (std::uint32_t i = 0; i < 200; i += 3) {
    for (int side = 0; side < 2; ++side) steps.add(20000, std::span(&i, 1));
    const std::uint32_t sides[] = {i + 1, i + 2};
    steps.add(10, sides);
  }
  const Grouping grouping = group(steps, {});
  CHECK(grouping.width == 2);
  CHECK(grouping.work > 1.8 * grouping.span);
}
