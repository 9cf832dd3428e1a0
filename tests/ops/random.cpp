#include <gradus/ops/random.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <thread>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/operators.h>
#include <gradus/ops/cpu/philox.h>
#include <gradus/ops/reduction.h>

#include "graph/scoped_threads.h"

using namespace gradus;

namespace {

// Bounds on moments are five standard errors wide: one seed in a million fails, and the seeds are fixed.
constexpr double sigmas = 5;

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0;
};

Moments moments_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Moments moments;
  for (const double x : values) moments.mean += x / n;
  double second = 0, third = 0, fourth = 0;
  for (const double x : values) {
    const double d = x - moments.mean;
    second += d * d / n;
    third += d * d * d / n;
    fourth += d * d * d * d / n;
  }
  moments.variance = second;
  moments.skewness = third / std::pow(second, 1.5);
  moments.kurtosis = fourth / (second * second);
  return moments;
}

}  // namespace

TEST_CASE("Philox gives the known answers that Random123 publishes") {
  using cpu::philox;
  using cpu::PhiloxBlock;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(
      philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
      PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(
      philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
      PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("Philox in batches is Philox block by block, also where the block number passes 32 bits") {
  const std::int32_t key[] = {1, -2, 3, -4};
  const cpu::PhiloxStream stream(key, cpu::Draw::normal);
  const std::uint64_t first = (1ull << 32) - 5;
  const cpu::PhiloxBatch<64> batch(stream, first);
  int equal = 0;
  for (std::size_t b = 0; b < 64; ++b) {
    for (std::size_t w = 0; w < 4; ++w) equal += batch.words[w][b] == stream.block(first + b)[w];
  }
  CHECK(equal == 256);
}

TEST_CASE("uniform's entries are Philox's words, in order") {
  const std::int32_t key[] = {7, 0, -1, -1};  // seed 7, the stream of explicit seeds
  const cpu::PhiloxStream stream(key, cpu::Draw::uniform);
  const auto u = uniform({3, 5}, {.seed = 7}).values<float>();
  for (std::size_t i = 0; i < u.size(); ++i) {
    const std::uint32_t word = stream.block(i / 4)[i % 4];
    CHECK(u[i] == std::ldexp(static_cast<float>(word >> 8), -24));
  }
}

TEST_CASE("uniform numbers fill their range evenly") {
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    const auto u = uniform({1000, 200}, {.dtype = dtype, .seed = 3}).values();
    const auto n = static_cast<double>(u.size());
    CHECK(*std::min_element(u.begin(), u.end()) >= 0);
    CHECK(*std::max_element(u.begin(), u.end()) < 1);
    const Moments moments = moments_of(u);
    CHECK(std::abs(moments.mean - 0.5) < sigmas * std::sqrt(1 / (12 * n)));
    CHECK(std::abs(moments.variance - 1.0 / 12) < sigmas * std::sqrt(1 / (180 * n)));
    std::vector<int> bins(100);
    for (const double x : u) ++bins[static_cast<std::size_t>(100 * x)];
    double chi_squared = 0;
    for (const int count : bins) chi_squared += std::pow(count - n / 100, 2) / (n / 100);
    CHECK(chi_squared > 99 - 5 * std::sqrt(2 * 99.0));
    CHECK(chi_squared < 99 + 5 * std::sqrt(2 * 99.0));
  }
  const auto shifted = uniform({1000}, {.from = -3, .to = 5, .seed = 1}).values();
  CHECK(*std::min_element(shifted.begin(), shifted.end()) >= -3);
  CHECK(*std::min_element(shifted.begin(), shifted.end()) < -2.9);
  CHECK(*std::max_element(shifted.begin(), shifted.end()) < 5);
  CHECK(*std::max_element(shifted.begin(), shifted.end()) > 4.9);
}

TEST_CASE("normal numbers have a Gaussian's moments, tails and independence") {
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    const auto x = normal({500, 400}, {.dtype = dtype, .seed = 11}).values();
    const auto n = static_cast<double>(x.size());
    const Moments moments = moments_of(x);
    CHECK(std::abs(moments.mean) < sigmas / std::sqrt(n));
    CHECK(std::abs(moments.variance - 1) < sigmas * std::sqrt(2 / n));
    CHECK(std::abs(moments.skewness) < sigmas * std::sqrt(6 / n));
    CHECK(std::abs(moments.kurtosis - 3) < sigmas * std::sqrt(24 / n));
    for (const double bound : {-2.0, -1.0, 0.0, 0.5, 1.5, 2.5}) {
      const double expected = 0.5 * std::erfc(-bound / std::sqrt(2.0));
      const auto below = std::count_if(x.begin(), x.end(), [=](double v) { return v < bound; });
      CHECK(std::abs(static_cast<double>(below) / n - expected) < sigmas * std::sqrt(expected * (1 - expected) / n));
    }
    // Two entries that share a transform, and those of neighbours.
    for (const std::size_t lag : {1u, 2u, 3u, 4u, 256u}) {
      double product = 0;
      for (std::size_t i = 0; i + lag < x.size(); ++i) product += x[i] * x[i + lag] / n;
      CHECK(std::abs(product) < sigmas / std::sqrt(n));
    }
  }
  const Moments shifted = moments_of(normal({100000}, {.mean = -4, .deviation = 0.5, .seed = 2}).values());
  CHECK(std::abs(shifted.mean + 4) < sigmas * 0.5 / std::sqrt(1e5));
  CHECK(std::abs(shifted.variance - 0.25) < sigmas * 0.25 * std::sqrt(2 / 1e5));
}

TEST_CASE("a seed gives the same numbers in both dtypes, and a shorter draw is the beginning of a longer one") {
  const auto single = normal({5000}, {.seed = 5}).values();
  const auto twice = normal({5000}, {.dtype = Dtype::float64, .seed = 5}).values();
  double worst = 0;
  for (std::size_t i = 0; i < single.size(); ++i) worst = std::max(worst, std::abs(single[i] - twice[i]));
  CHECK(worst < 2e-5);
  CHECK(worst > 0);
  const auto long_draw = normal({100, 70}, {.seed = 5}).values<float>();
  for (const Index n : {0, 1, 3, 255, 257, 4097}) {
    const auto short_draw = normal({n}, {.seed = 5}).values<float>();
    CHECK(std::equal(short_draw.begin(), short_draw.end(), long_draw.begin()));
  }
}

TEST_CASE("draws do not depend on the number of threads") {
  const auto draw = [] {
    return std::pair(
        normal({300, 301}, {.seed = 1}).values<float>(),
        random_integers({300, 301}, -7, 1000, {.seed = 1}).values<std::int32_t>());
  };
  const tests::ScopedThreads one(1);
  const auto serial = draw();
  for (const int count : {2, 5}) {
    const tests::ScopedThreads many(count);
    CHECK(draw() == serial);
  }
}

TEST_CASE("the program's generator repeats after seed, and never gives a stream twice") {
  const auto three = [] {
    std::vector<std::vector<float>> draws;
    for (int i = 0; i < 3; ++i) draws.push_back(normal({8}).values<float>());
    return draws;
  };
  seed(42);
  const auto first = three();
  const auto later = three();
  seed(42);
  uniform({2}, {.seed = 9}).values();  // a seed of its own takes no stream
  CHECK(three() == first);
  CHECK(later != first);
  CHECK(first[0] != first[1]);
  seed(43);
  CHECK(three() != first);
  // What has its own seed differs from the generator's first stream of that seed, and uniform from normal.
  seed(42);
  CHECK(normal({8}).values() != normal({8}, {.seed = 42}).values());
  CHECK(uniform({4}, {.seed = -1}).values() != uniform({4}, {.seed = 1}).values());
}

TEST_CASE("streams are given out once also to several threads") {
  seed(1);
  std::vector<std::vector<float>> draws(4 * 50);
  std::vector<std::thread> workers;
  for (std::size_t worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&draws, worker] {
      for (std::size_t i = 0; i < 50; ++i) draws[50 * worker + i] = uniform({4}).values<float>();
    });
  }
  for (std::thread& worker : workers) worker.join();
  CHECK(std::set<std::vector<float>>(draws.begin(), draws.end()).size() == draws.size());
}

TEST_CASE("another key needs no other plan") {
  sum(normal({33, 7})).item();
  const Index before = plan_cache_statistics().misses;
  for (int i = 0; i < 5; ++i) sum(normal({33, 7})).item();
  CHECK(plan_cache_statistics().misses == before);
}

TEST_CASE("bernoulli is 1 as often as asked") {
  const auto draws = bernoulli({100000}, 0.3, {.seed = 4}).values();
  const auto ones = std::count(draws.begin(), draws.end(), 1.0);
  CHECK(ones + std::count(draws.begin(), draws.end(), 0.0) == 100000);
  CHECK(std::abs(static_cast<double>(ones) / 1e5 - 0.3) < sigmas * std::sqrt(0.21 / 1e5));
  CHECK(sum(bernoulli({1000}, 0)).item() == 0);
  CHECK(sum(bernoulli({1000}, 1)).item() == 1000);
  CHECK(bernoulli({3}, 0.5, {.dtype = Dtype::boolean}).dtype() == Dtype::boolean);
  CHECK(bernoulli({3}, 0.5, {.dtype = Dtype::float64}).dtype() == Dtype::float64);
}

TEST_CASE("random integers take every value of their range equally often") {
  const auto draws = random_integers({60000}, -2, 4, {.seed = 8}).values<std::int32_t>();
  std::map<std::int32_t, int> counts;
  for (const std::int32_t k : draws) ++counts[k];
  CHECK(counts.size() == 6);
  CHECK(counts.begin()->first == -2);
  CHECK(counts.rbegin()->first == 3);
  for (const auto& [value, count] : counts) CHECK(std::abs(count - 10000) < sigmas * std::sqrt(60000 * 5 / 36.0));
  const auto wide = random_integers({1000}, -2147483648ll, 2147483648ll, {.seed = 8}).values<std::int32_t>();
  CHECK(*std::min_element(wide.begin(), wide.end()) < -2000000000);
  CHECK(*std::max_element(wide.begin(), wide.end()) > 2000000000);
}

TEST_CASE("a permutation holds every number once, and every order is as likely as the others") {
  auto order = permutation(1000, {.seed = 1}).values<std::int32_t>();
  CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::int32_t i = 0; i < 1000; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  CHECK(permutation(0).values<std::int32_t>().empty());
  CHECK(permutation(1).item<std::int32_t>() == 0);
  std::map<std::vector<std::int32_t>, int> orders;
  for (int i = 0; i < 6000; ++i) ++orders[permutation(3, {.seed = i}).values<std::int32_t>()];
  CHECK(orders.size() == 6);
  for (const auto& [three, count] : orders) CHECK(std::abs(count - 1000) < sigmas * std::sqrt(6000 * 5 / 36.0));
}

TEST_CASE("dropout zeroes as many entries as asked and keeps the mean") {
  const Tensor x = full({400, 250}, 2);
  const auto y = dropout(x, 0.25, {.seed = 6}).values<float>();
  const auto zeros = std::count(y.begin(), y.end(), 0.0f);
  CHECK(std::abs(static_cast<double>(zeros) / 1e5 - 0.25) < sigmas * std::sqrt(0.1875 / 1e5));
  for (const float entry : y) CHECK((entry == 0 || entry == doctest::Approx(2 / 0.75)));
  seed(1);
  CHECK(dropout(x, 0.5).values() != dropout(x, 0.5).values());
}

TEST_CASE("dropout's gradient passes where x did, and x alone is left in evaluation") {
  const Parameter x = full({50, 4}, 1, Dtype::float64);
  const Tensor y = dropout(x, 0.5, {.seed = 3});
  const Tensor slope = gradients(sum(y), {x})[0];
  evaluate({y, slope});
  CHECK(slope.values() == y.values());
  CHECK(dropout(x, 0.5, {.training = false}).node() == x.tensor().node());
  CHECK(dropout(x, 0).node() == x.tensor().node());
}

TEST_CASE("arguments that no draw can have are refused") {
  CHECK_THROWS_AS(uniform({2}, {.from = 1, .to = 0}), ValueError);
  CHECK_THROWS_AS(uniform({2}, {.to = NAN}), ValueError);
  CHECK_THROWS_AS(uniform({2}, {.dtype = Dtype::int32}), DtypeError);
  CHECK_THROWS_AS(normal({2}, {.deviation = -1}), ValueError);
  CHECK_THROWS_AS(normal({2}, {.mean = INFINITY}), ValueError);
  CHECK_THROWS_AS(bernoulli({2}, 1.5), ValueError);
  CHECK_THROWS_AS(random_integers({2}, 3, 3), ValueError);
  CHECK_THROWS_AS(random_integers({2}, 0, 1ll << 32), ValueError);
  CHECK_THROWS_AS(permutation(-1), ValueError);
  CHECK_THROWS_AS(dropout(full({2}, 1), 1), ValueError);
  CHECK_THROWS_AS(dropout(full({2}, 1), NAN), ValueError);
}
