#include <gradus/ops/pooling.h>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/logic.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/pooling_windows.h>
#include <gradus/ops/random.h>
#include <gradus/ops/reduction.h>

using namespace gradus;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
using Numbers = std::vector<double>;

/// What pooling says about one window, found entry by entry.
struct ByHand {
  Shape shape;
  Numbers maxima, sums, counts;
  std::vector<std::size_t> winners;  ///< positions in x
};

/// x is channels-last with three spatial axes.
ByHand by_hand(const Numbers& x, const Shape& shape, const SlidingWindow& window) {
  ByHand found;
  found.shape = shape;
  for (int i = 0; i < 3; ++i) found.shape[i + 1] = window[i].positions(shape[i + 1]);
  const Index channels = shape[4];
  for (Index result = 0; result < found.shape.count(); ++result) {
    std::array<Index, 5> at{};
    Index rest = result;
    for (int axis = 4; axis >= 0; --axis) {
      at[static_cast<std::size_t>(axis)] = rest % found.shape[axis];
      rest /= found.shape[axis];
    }
    double best = 0, sum = 0, count = 0;
    std::size_t winner = 0;
    for (Index entry = 0; entry < window.count(); ++entry) {
      const std::array<Index, 3> step = {
          entry / window[2].size / window[1].size, entry / window[2].size % window[1].size, entry % window[2].size};
      Index position = at[0];
      bool inside = true;
      for (int i = 0; i < 3; ++i) {
        const auto axis = static_cast<std::size_t>(i);
        const Index place = at[axis + 1] * window[i].stride - window[i].before + step[axis] * window[i].dilation;
        inside = inside && place >= 0 && place < shape[i + 1];
        position = position * shape[i + 1] + place;
      }
      if (!inside) continue;
      const auto k = static_cast<std::size_t>(position * channels + at[4]);
      const bool greater = x[k] > best || (std::isnan(x[k]) && !std::isnan(best));
      if (count == 0 || greater) {
        best = x[k];
        winner = k;
      }
      sum += x[k];
      ++count;
    }
    found.maxima.push_back(best);
    found.sums.push_back(sum);
    found.counts.push_back(count);
    found.winners.push_back(winner);
  }
  return found;
}

/// Bit for bit but for NaNs, which are all the same.
bool same(const Numbers& a, const Numbers& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  }
  return true;
}

Index between(Index least, Index most) {
  return *rc::gen::inRange<Index>(least, most + 1);
}

/// A window that always holds an entry of an axis of `entries`.
WindowAxis some_axis(Index entries) {
  WindowAxis axis;
  do {
    axis.size = between(1, 3);
    axis.stride = between(1, 4);
    axis.dilation = between(1, 2);
    axis.before = between(0, axis.extent() / 2);
    axis.after = between(0, axis.extent() / 2);
  } while (axis.positions(entries) == 0 || !always_holds_an_entry(axis, entries));
  return axis;
}

/// Whole numbers, so that there are ties and that sums are exact; now and then a NaN.
Numbers some_numbers(Index count, bool with_nans) {
  Numbers numbers;
  for (Index i = 0; i < count; ++i) {
    const Index drawn = between(-3, with_nans ? 4 : 3);
    numbers.push_back(drawn == 4 ? not_a_number : static_cast<double>(drawn));
  }
  return numbers;
}

Numbers added_to_zeros(const ByHand& found, const Numbers& g, std::size_t count) {
  Numbers spread(count, 0);
  for (std::size_t i = 0; i < g.size(); ++i) spread[found.winners[i]] += g[i];
  return spread;
}

Tensor in_dtype(const Numbers& values, const Shape& shape, Dtype dtype) {
  return cast(tensor(values, shape), dtype);
}

}  // namespace

TEST_CASE("windows give what loops over their entries give, for any shape and any window") {
  CHECK(rc::check([] {
    const Shape shape{between(1, 2), between(1, 4), between(1, 6), between(1, 6), between(1, 21)};
    SlidingWindow window{.rank = 3};
    for (int i = 0; i < 3; ++i) window[i] = some_axis(shape[i + 1]);
    const Dtype dtype = between(0, 1) == 0 ? Dtype::float32 : Dtype::float64;
    const Numbers entries = some_numbers(shape.count(), between(0, 1) == 0);
    const ByHand expected = by_hand(entries, shape, window);
    const Numbers cotangents = some_numbers(expected.shape.count(), false);
    const Tensor x = in_dtype(entries, shape, dtype), g = in_dtype(cotangents, expected.shape, dtype);
    RC_ASSERT(max_pool(x, window).shape() == expected.shape);
    RC_ASSERT(same(max_pool(x, window).values(), expected.maxima));
    RC_ASSERT(same(sum_pool(x, window).values(), expected.sums));
    RC_ASSERT(same(max_pool_spread(x, g, window).values(), added_to_zeros(expected, cotangents, entries.size())));
    const Numbers positions = some_numbers(shape.count(), false);
    Numbers picked;
    for (const std::size_t winner : expected.winners) picked.push_back(positions[winner]);
    RC_ASSERT(same(max_pool_pick(x, in_dtype(positions, shape, dtype), window).values(), picked));
    // ⟨sum_pool(p), g⟩ = ⟨p, sum_pool_spread(g)⟩.
    const Tensor p = in_dtype(positions, shape, dtype);
    const Tensor back = sum_pool_spread(g, window, shape.sizes().subspan(1, 3));
    RC_ASSERT(sum(sum_pool(p, window) * g).item() == sum(p * back).item());
  }));
}

TEST_CASE(
    "windows of every size up to two along each of three axes, side by side or overlapping, cover all positions") {
  for (const Index bits : {0, 1, 2, 3, 4, 5, 6, 7}) {
    for (const Index stride : {1, 2}) {
      const Shape shape{2, 4, 4, 4, 9};
      SlidingWindow window{.rank = 3};
      for (int i = 0; i < 3; ++i) {
        window[i].size = 1 + (bits >> i & 1);
        window[i].stride = stride;
      }
      CAPTURE(bits);
      CAPTURE(stride);
      const Tensor x = uniform(shape, {.from = -1, .to = 1, .seed = 3}).detach();
      const ByHand expected = by_hand(x.values(), shape, window);
      const Tensor g = uniform(expected.shape, {.from = -1, .to = 1, .seed = 4}).detach();
      CHECK(same(max_pool(x, window).values(), expected.maxima));
      const Tensor spread = max_pool_spread(cast(x, Dtype::float64), cast(g, Dtype::float64), window);
      CHECK(same(spread.values(), added_to_zeros(expected, g.values(), static_cast<std::size_t>(shape.count()))));
    }
  }
}

TEST_CASE("of equal entries the first in row-major order gets the cotangent, as in PyTorch") {
  const auto gradient = [](const Numbers& entries) {
    const Tensor x = tensor(entries, {1, 1, 2, 2});
    return gradients(sum(max_pool2d(x, 2)), {x})[0].values();
  };
  CHECK(gradient({1, 1, 1, 1}) == Numbers{1, 0, 0, 0});
  CHECK(gradient({0, 1, 1, 0}) == Numbers{0, 1, 0, 0});
  CHECK(gradient({0, 0, 1, 1}) == Numbers{0, 0, 1, 0});
  CHECK(gradient({-infinity, -infinity, -infinity, -infinity}) == Numbers{1, 0, 0, 0});
  CHECK(gradient({5, not_a_number, not_a_number, 9}) == Numbers{0, 1, 0, 0});
  CHECK(gradient({0, 0, 0, not_a_number}) == Numbers{0, 0, 0, 1});
}

TEST_CASE("the greatest of a window with NaN is NaN") {
  for (const Index channels : {1, 8, 20}) {
    Numbers entries(static_cast<std::size_t>(4 * channels), 1);
    for (std::size_t place = 0; place < 4; ++place) {
      Numbers one = entries;
      one[place] = not_a_number;  // of the first channel
      const Numbers y = max_pool2d(tensor(one, {1, channels, 2, 2}), 2).values();
      CHECK(std::isnan(y[0]));
      for (std::size_t c = 1; c < y.size(); ++c) CHECK(y[c] == 1);
    }
  }
}

TEST_CASE("windows of two by two give what loops give for any number of channels") {
  for (const Index channels : {1, 3, 7, 8, 9, 20, 40, 41, 47, 48, 100}) {
    const Shape shape{2, 1, 5, 4, channels};
    SlidingWindow window{.rank = 3};
    for (int i = 1; i < 3; ++i) window[i].size = window[i].stride = 2;
    Numbers entries, cotangents;
    for (Index i = 0; i < shape.count(); ++i) entries.push_back(static_cast<double>(i * i % 7));
    const ByHand expected = by_hand(entries, shape, window);
    for (Index i = 0; i < expected.shape.count(); ++i) cotangents.push_back(static_cast<double>(1 + i % 5));
    const SlidingWindow flat{.rank = 2, .axes = {window[1], window[2]}};
    for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
      const Tensor x = in_dtype(entries, shape.without(1), dtype);
      const Tensor g = in_dtype(cotangents, expected.shape.without(1), dtype);
      CHECK(max_pool(x, flat).values() == expected.maxima);
      CHECK(sum_pool(x, flat).values() == expected.sums);
      CHECK(max_pool_spread(x, g, flat).values() == added_to_zeros(expected, cotangents, entries.size()));
    }
  }
}

TEST_CASE("infinities and large numbers do not make a maximum NaN") {
  const double large = std::numeric_limits<double>::max();
  const Tensor x = tensor<double>({infinity, -infinity, 1, 2, large, large, -large, large}, {1, 1, 2, 4});
  CHECK(max_pool2d(x, 2).values() == Numbers{infinity, large});
  const Tensor wide = broadcast_to(x, {1, 9, 2, 4});
  for (const double y : max_pool2d(wide, 2).values()) CHECK((y == infinity || y == large));
}

TEST_CASE("pooling by hand") {
  const Tensor x = tensor<double>({1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 1, 3, 3});
  CHECK(max_pool2d(x, 2).values() == Numbers{5});
  CHECK(max_pool2d(x, 2, {.stride = 1}).values() == Numbers{5, 6, 8, 9});
  CHECK(max_pool2d(x, 2, {.stride = 1, .dilation = 2}).values() == Numbers{9});
  CHECK(max_pool2d(x, {1, 3}).values() == Numbers{3, 6, 9});
  CHECK(max_pool2d(x, 2, {.padding = Padding::same()}).values() == Numbers{5, 6, 8, 9});
  CHECK(average_pool2d(x, 2, {.stride = 1}).values() == Numbers{3, 4, 6, 7});
  CHECK(average_pool2d(x, 2, {.padding = 1}).values() == Numbers{0.25, 1.25, 2.75, 7});
  CHECK(average_pool2d(x, 2, {.padding = 1, .count_padding = false}).values() == Numbers{1, 2.5, 5.5, 7});
  const Tensor row = tensor<double>({1, 2, 3, 4, 5, 6}, {1, 2, 3});
  CHECK(max_pool1d(row, 2, {.stride = 1}).values() == Numbers{2, 3, 5, 6});
  CHECK(average_pool1d(row, 3).values() == Numbers{2, 5});
  CHECK(max_pool3d(reshape(x, {1, 1, 1, 3, 3}), {1, 2, 2}, {.stride = 1}).values() == Numbers{5, 6, 8, 9});
  CHECK(average_pool3d(reshape(x, {1, 1, 3, 3, 1}), {3, 3, 1}).values() == Numbers{5});
}

TEST_CASE("padding beyond half a window is refused") {
  const Tensor x = uniform({1, 2, 8, 8}, {.seed = 1});
  CHECK_THROWS_AS(max_pool2d(x, 3, {.padding = 2}), ValueError);
  CHECK_THROWS_AS(average_pool2d(x, 3, {.padding = {1, 2}}), ValueError);
  CHECK(max_pool2d(x, 3, {.stride = 1, .padding = 1}).shape() == Shape{1, 2, 8, 8});
  CHECK(max_pool2d(x, 4, {.stride = 2, .padding = 2}).shape() == Shape{1, 2, 5, 5});
  CHECK_THROWS_AS(max_pool2d(tensor<bool>({true}, {1, 1, 1, 1}), 1), DtypeError);
}

TEST_CASE("global pooling is the mean and the maximum over the spatial axes") {
  for (const Shape& shape : {Shape{2, 3, 7}, Shape{2, 3, 4, 5}, Shape{1, 2, 3, 2, 4}}) {
    const Tensor x = uniform(shape, {.dtype = Dtype::float64, .seed = 2});
    const Tensor flat = flatten(x, 2);
    CHECK(global_average_pool(x).shape().count() == shape[0] * shape[1]);
    CHECK(global_average_pool(x).rank() == shape.rank());
    CHECK(global_max_pool(x).values() == max(flat, 2).values());
    const Numbers means = global_average_pool(x).values(), expected = mean(flat, 2).values();
    for (std::size_t i = 0; i < means.size(); ++i) CHECK(std::abs(means[i] - expected[i]) < 1e-15);
    CHECK(adaptive_max_pool(x, 1).values() == max(flat, 2).values());
  }
}

TEST_CASE("adaptive pooling puts bins where PyTorch does") {
  // Five entries in three bins: 0 … 1, 1 … 3, 3 … 4.
  const Tensor x = tensor<double>({1, 2, 6, 4, 5}, {1, 1, 5});
  CHECK(adaptive_average_pool(x, 3).values() == Numbers{1.5, 4, 4.5});
  CHECK(adaptive_max_pool(x, 3).values() == Numbers{2, 6, 5});
  CHECK(adaptive_average_pool(x, 5).values() == x.values());
  // More bins than entries: 0, 0 … 1, 1 … 2, 2 of three entries in four.
  const Tensor few = tensor<double>({1, 2, 4}, {1, 1, 3});
  CHECK(adaptive_average_pool(few, 4).values() == Numbers{1, 1.5, 3, 4});
  CHECK(adaptive_max_pool(few, 4).values() == Numbers{1, 2, 4, 4});
  // Rows in equal bins, columns not.
  const Tensor image = reshape(tensor<double>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), {1, 1, 4, 3});
  CHECK(adaptive_average_pool(image, {2, 2}).values() == Numbers{3, 4, 9, 10});
  CHECK(adaptive_max_pool(image, {2, 2}).values() == Numbers{5, 6, 11, 12});
  CHECK(adaptive_average_pool(image, {2, 3}).values() == average_pool2d(image, {2, 1}).values());
}

TEST_CASE("of equal entries in uneven bins, too, the first in row-major order gets the cotangent") {
  // Rows 0 … 1 and 1 … 2, columns 0 … 1 and 1 … 2.
  const Tensor x = tensor<double>({0, 7, 0, 7, 0, 0, 0, 0, 1}, {1, 1, 3, 3});
  CHECK(gradients(sum(adaptive_max_pool(x, 2)), {x})[0].values() == Numbers{0, 2, 0, 1, 0, 0, 0, 0, 1});
}

TEST_CASE("pooling in one part or many, in float32 or float64, gives the same") {
  const Numbers entries = floor(uniform({6, 20, 24, 24}, {.seed = 3}) * 50).values();
  const Tensor x = tensor(std::vector<float>(entries.begin(), entries.end()), {6, 20, 24, 24});
  const Tensor twice = tensor(entries, {6, 20, 24, 24});
  for (const MaxPoolOptions& options : {MaxPoolOptions{}, MaxPoolOptions{.stride = 1, .padding = 1}}) {
    const Index size = options.padding.sizes()[0] == 0 ? 2 : 3;
    const auto both = [&](const Tensor& images) {
      const Tensor y = max_pool2d(images, size, options);
      const Tensor slope = gradients(sum(y), {images})[0];
      return std::pair(y.values(), slope.values());
    };
    const auto all = both(x);
    CHECK(both(twice) == all);
    Numbers values, slopes;
    for (Index example = 0; example < 6; ++example) {
      const auto one = both(tensor(slice(x, 0, example, example + 1).values<float>(), {1, 20, 24, 24}));
      values.insert(values.end(), one.first.begin(), one.first.end());
      slopes.insert(slopes.end(), one.second.begin(), one.second.end());
    }
    CHECK(values == all.first);
    CHECK(slopes == all.second);
  }
}
