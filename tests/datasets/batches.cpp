#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <stdexcept>
#include <thread>
#include <vector>

#include <tbb/global_control.h>

#include <gradus/datasets/dataset.h>
#include <gradus/graph/error.h>

namespace {

using namespace gradus;
using namespace gradus::datasets;

static_assert(std::ranges::input_range<Batches>);

/// Example i is `width` times the number i, of class i mod 10.
Dataset numbered(Index count, Index width) {
  std::vector<float> features(static_cast<std::size_t>(count * width));
  std::vector<std::int32_t> labels(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::size_t example = i / static_cast<std::size_t>(width);
    features[i] = static_cast<float>(example);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i % 10);
  return Dataset::from(std::move(features), {width}, std::move(labels));
}

/// All rows in the order in which they come; fails where a row is torn or parted from its label.
std::vector<int> examples_in(const Batches& batches, Index width) {
  std::vector<int> order;
  for (const auto& [images, labels] : batches) {
    REQUIRE(images.shape() == Shape{labels.size(0), width});
    const auto rows = images.view<float>();
    for (std::size_t i = 0; i < static_cast<std::size_t>(labels.size(0)); ++i) {
      const float* row = rows.data() + i * static_cast<std::size_t>(width);
      REQUIRE(std::count(row, row + width, row[0]) == width);
      order.push_back(static_cast<int>(row[0]));
      REQUIRE(labels.view<std::int32_t>()[i] == order.back() % 10);
    }
  }
  return order;
}

std::vector<Index> sizes_of(const Batches& batches) {
  std::vector<Index> sizes;
  for (const Batch& batch : batches) sizes.push_back(batch.labels.size(0));
  CHECK(static_cast<Index>(sizes.size()) == batches.size());
  return sizes;
}

}  // namespace

TEST_CASE("an epoch visits every example once, in an order that the seed decides") {
  const Dataset data = numbered(5003, 100);  // several chunks, and a last batch of three
  const auto order = examples_in(data.batches({.size = 10, .seed = 1}), 100);
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  REQUIRE(sorted.size() == 5003);
  for (int i = 0; i < 5003; ++i) CHECK(sorted[static_cast<std::size_t>(i)] == i);
  CHECK(order != sorted);
  CHECK(order == examples_in(data.batches({.size = 10, .seed = 1}), 100));
  CHECK(order != examples_in(data.batches({.size = 10, .seed = 2}), 100));
}

TEST_CASE("the order of an epoch is that of shuffled(seed), whatever the size of the batches") {
  const Dataset data = numbered(1000, 3);
  const auto order = examples_in(data.shuffled(5).batches({.shuffle = false}), 3);
  for (const Index size : {1, 7, 999, 1000, 5000})
    CHECK(examples_in(data.batches({.size = size, .seed = 5}), 3) == order);
}

TEST_CASE("an int, an epoch, is a seed") {
  const Dataset data = numbered(20, 1);
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (auto [images, labels] : data.batches({.size = 10, .seed = epoch})) CHECK(images.size(0) == labels.size(0));
  }
}

TEST_CASE("one thread and many give the same batches") {
  const Dataset data = numbered(20'000, 50);
  std::vector<std::vector<int>> orders;
  for (const std::size_t threads : {1U, 2U, 8U}) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    orders.push_back(examples_in(data.batches({.size = 16, .seed = 3}), 50));
  }
  CHECK(orders[0] == orders[1]);
  CHECK(orders[0] == orders[2]);
}

TEST_CASE("the last batch is smaller, or dropped") {
  const Dataset data = numbered(25, 4);
  for (const bool shuffle : {true, false}) {
    CHECK(sizes_of(data.batches({.size = 10, .shuffle = shuffle})) == std::vector<Index>{10, 10, 5});
    CHECK(sizes_of(data.batches({.size = 10, .shuffle = shuffle, .drop_last = true})) == std::vector<Index>{10, 10});
    CHECK(sizes_of(data.batches({.size = 5, .shuffle = shuffle, .drop_last = true})) == std::vector<Index>(5, 5));
    CHECK(sizes_of(data.batches({.size = INT64_MAX, .shuffle = shuffle})) == std::vector<Index>{25});
  }
}

TEST_CASE("without shuffling, batches come as stored and are not copied") {
  const Dataset data = numbered(100, 8);
  const float* memory = data.features().view<float>().data();
  for (const auto& [images, labels] : data.batches({.size = 30, .shuffle = false})) {
    CHECK(images.view<float>().data() == memory);
    memory += 30 * 8;
    CHECK(labels.view<std::int32_t>()[0] == static_cast<std::int32_t>(images.view<float>()[0]) % 10);
  }
}

TEST_CASE("sizes that give no batch are refused") {
  const Dataset data = numbered(5, 1);
  CHECK_THROWS_WITH_AS(data.batches({.size = 0}), doctest::Contains("batches of 0; expected at least 1"), ValueError);
  CHECK_THROWS_AS(data.batches({.size = -1}), ValueError);
  CHECK_THROWS_WITH_AS(
      data.batches({.size = 10, .drop_last = true}), doctest::Contains("there are 5 examples"), ValueError);
}

TEST_CASE("a loop may be left early, by break or by an exception, at any batch") {
  const Dataset data = numbered(2000, 1000);
  for (int stop = 0; stop < 60; ++stop) {
    int seen = 0;
    for (const Batch& batch : data.batches({.size = 10, .seed = stop})) {
      CHECK(batch.labels.size(0) == 10);
      if (seen++ == stop) break;
    }
    seen = 0;
    const auto stumble = [&] {
      for (const Batch& batch : data.batches({.size = 10, .seed = stop})) {
        if (seen++ == stop) throw std::runtime_error(batch.labels.shape().text());
      }
    };
    CHECK_THROWS_AS(stumble(), std::runtime_error);
  }
}

TEST_CASE("batches outlive the loop, the range and the data set") {
  std::vector<Batch> kept;
  for (const Batch& batch : numbered(3000, 100).batches({.size = 100, .seed = 1})) kept.push_back(batch);
  std::vector<int> times(3000);
  for (const auto& [images, labels] : kept) {
    for (std::size_t i = 0; i < 100; ++i) ++times[static_cast<std::size_t>(images.view<float>()[100 * i + 99])];
  }
  CHECK(times == std::vector<int>(3000, 1));
}

TEST_CASE("a range may be gone through twice, and by several threads at once") {
  const Batches batches = numbered(3000, 100).batches({.size = 7, .seed = 9});
  const auto order = examples_in(batches, 100);
  CHECK(order == examples_in(batches, 100));
  std::vector<std::vector<int>> orders(8);
  std::vector<std::thread> threads;
  threads.reserve(orders.size());
  for (auto& own : orders) {
    threads.emplace_back([&own, &batches] {
      for (const auto& [images, labels] : batches) {
        for (Index row = 0; row < labels.size(0); ++row) {
          own.push_back(static_cast<int>(images.view<float>()[static_cast<std::size_t>(100 * row)]));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& other : orders) CHECK(other == order);
}

TEST_CASE("examples without numbers, and float64, go through batches too") {
  const Dataset bare = Dataset::from(std::vector<float>{}, {0}, {0, 1, 2});
  for (const auto& [images, labels] : bare.batches({.size = 3})) CHECK(images.shape() == Shape{3, 0});
  const Dataset wide = Dataset::from(std::vector<double>{1, 2, 3, 4}, {1}, {1, 2, 3, 4});
  for (const auto& [images, labels] : wide.batches({.size = 2})) {
    CHECK(images.dtype() == Dtype::float64);
    CHECK(images.values<double>()[1] == labels.values<std::int32_t>()[1]);
  }
}
