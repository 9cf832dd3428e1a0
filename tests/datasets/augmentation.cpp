#include <gradus/datasets/augmentation.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <gradus/datasets/dataset.h>
#include <gradus/datasets/shuffle.h>
#include <gradus/graph/error.h>

namespace {

using namespace gradus;
using namespace gradus::datasets;

constexpr Index side = 28;

/// Images whose pixels are their own coordinates: a plane of columns (x) and a plane of rows (y). Distorted, they show
/// where each pixel comes from, since bilinear interpolation is exact for them.
Dataset coordinates(Index count) {
  std::vector<double> features;
  for (Index example = 0; example < count; ++example) {
    for (const bool columns : {true, false}) {
      for (Index row = 0; row < side; ++row) {
        for (Index column = 0; column < side; ++column) features.push_back(static_cast<double>(columns ? column : row));
      }
    }
  }
  return Dataset::from(
      std::move(features), {2, side, side}, std::vector<std::int32_t>(static_cast<std::size_t>(count), 0));
}

struct Point {
  double x, y;
};

/// For each image, where its pixels come from, relative to the centre of the image.
class Sources {
 public:
  Sources(Index count, Augmentation augmentation) {
    augmentation.background = outside;
    for (const auto& batch :
         coordinates(count).batches({.size = count, .shuffle = false, .augmentation = augmentation})) {
      values_ = batch.images.values<double>();
    }
  }
  /// The source of the pixel at (x, y) from the centre, both of them halves.
  Point at(Index image, double x, double y) const {
    const auto pixel = static_cast<std::size_t>((y + centre) * side + x + centre);
    const std::size_t first = static_cast<std::size_t>(image * 2 * side * side) + pixel;
    const Point source{values_[first] - centre, values_[first + side * side] - centre};
    REQUIRE(source.x > -side);  // not beyond the edges
    REQUIRE(source.y > -side);
    return source;
  }

 private:
  static constexpr double centre = (side - 1) / 2.0, outside = -1e6;
  std::vector<double> values_;
};

/// Noise in all pixels, to tell images apart.
Dataset noise(Index count, const Shape& shape = {side, side}) {
  SplitMix random(7);
  std::vector<float> features(static_cast<std::size_t>(count * shape.count()));
  for (float& pixel : features) pixel = static_cast<float>(random.uniform());
  std::vector<std::int32_t> labels(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i);
  return Dataset::from(std::move(features), shape, std::move(labels));
}

const Augmentation everything{.shift = 2, .rotation = 15, .skew = 0.2, .elastic = {.alpha = 34, .sigma = 4}};

/// All images as they come, sorted by their labels.
std::vector<std::vector<float>> by_label(const Dataset& data, const BatchOptions& options) {
  std::vector<std::vector<float>> images(static_cast<std::size_t>(data.size()));
  const auto pixels = data.feature_shape().count();
  for (const auto& batch : data.batches(options)) {
    const auto view = batch.images.view<float>();
    for (Index i = 0; i < batch.labels.size(0); ++i) {
      const auto label = static_cast<std::size_t>(batch.labels.view<std::int32_t>()[static_cast<std::size_t>(i)]);
      images[label].assign(view.begin() + i * pixels, view.begin() + (i + 1) * pixels);
    }
  }
  return images;
}

}  // namespace

TEST_CASE("images are shifted by whole pixels, every shift within the limit as often as others") {
  const Sources sources(1000, {.shift = 1});
  std::vector<int> times(9);
  for (Index image = 0; image < 1000; ++image) {
    const Point source = sources.at(image, 0.5, 0.5);
    const double right = 0.5 - source.x, down = 0.5 - source.y;
    REQUIRE(right == std::round(right));
    REQUIRE(std::abs(right) <= 1);
    REQUIRE(std::abs(down) <= 1);
    REQUIRE(sources.at(image, -10.5, 7.5).x == -10.5 - right);
    ++times[static_cast<std::size_t>(3 * (down + 1) + right + 1)];
  }
  // 111 each on average; 40 is four deviations.
  for (const int count : times) CHECK(std::abs(count - 111) < 40);
}

TEST_CASE("rotation turns an image about its centre, by angles spread over the limit and no more") {
  const Sources sources(300, {.rotation = 20});
  double least = 0, most = 0;
  for (Index image = 0; image < 300; ++image) {
    const Point source = sources.at(image, 6.5, 0.5), opposite = sources.at(image, -6.5, -0.5);
    CHECK(std::hypot(source.x, source.y) == doctest::Approx(std::hypot(6.5, 0.5)));
    CHECK(opposite.x == doctest::Approx(-source.x));
    const double angle = (std::atan2(source.y, source.x) - std::atan2(0.5, 6.5)) * 180 / std::numbers::pi;
    least = std::min(least, angle);
    most = std::max(most, angle);
  }
  CHECK(least > -20.0001);
  CHECK(least < -18);
  CHECK(most > 18);
  CHECK(most < 20.0001);
}

TEST_CASE("skew moves rows in proportion to their distance from the centre, up to the limit") {
  const Sources sources(300, {.skew = 0.5});
  double most = 0;
  for (Index image = 0; image < 300; ++image) {
    const double slope = 0.5 - sources.at(image, 0.5, 1.5).x;
    CHECK(sources.at(image, 0.5, 1.5).y == doctest::Approx(1.5));
    CHECK(0.5 - sources.at(image, 0.5, -7.5).x == doctest::Approx(-5 * slope));
    most = std::max(most, std::abs(slope / 1.5));
  }
  CHECK(most > 0.45);
  CHECK(most < 0.5001);
}

TEST_CASE("elastic displacements have the deviation of smoothed noise, and neighbours stay beside each other") {
  for (const auto& [alpha, sigma] : {std::pair{34.0, 4.0}, {8.0, 2.0}}) {
    const Sources sources(400, {.elastic = {.alpha = alpha, .sigma = sigma}});
    double squares = 0, differences = 0, products = 0;
    int count = 0;
    for (Index image = 0; image < 400; ++image) {
      for (const double y : {-6.5, 0.5, 5.5}) {
        const Point source = sources.at(image, 0.5, y), beside = sources.at(image, 1.5, y);
        const double x = source.x - 0.5;
        squares += x * x + (source.y - y) * (source.y - y);
        products += x * (source.y - y);
        differences += (beside.x - 1.5 - x) * (beside.x - 1.5 - x);
        ++count;
      }
    }
    const double variance = alpha * alpha / (12 * std::numbers::pi * sigma * sigma);
    CHECK(squares / (2 * count) == doctest::Approx(variance).epsilon(0.15));
    CHECK(std::abs(products / count) < 0.15 * variance);  // Δx and Δy have nothing to do with each other
    // The field's correlation over a distance d is exp(-d²/4σ²).
    CHECK(
        differences / count == doctest::Approx(2 * variance * (1 - std::exp(-1 / (4 * sigma * sigma)))).epsilon(0.15));
  }
}

TEST_CASE("pixels at the edge are displaced as far as others") {
  const Sources sources(3000, {.elastic = {.alpha = 0.6, .sigma = 2}});
  double squares = 0;
  for (Index image = 0; image < 3000; ++image) {
    // The last row but one, and displacements that do not reach beyond the last.
    const Point source = sources.at(image, 0.5, 12.5);
    squares += (source.x - 0.5) * (source.x - 0.5);
  }
  CHECK(squares / 3000 == doctest::Approx(0.36 / (12 * std::numbers::pi * 4)).epsilon(0.1));
}

TEST_CASE("how an example is distorted depends on the seeds and its place alone, not on threads, batches or order") {
  const Dataset data = noise(400);  // more than one chunk
  const BatchOptions usual{.size = 10, .seed = 5, .augmentation = everything};
  const auto images = by_label(data, usual);
  for (const std::size_t threads : {1U, 2U, 8U}) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    CHECK(by_label(data, usual) == images);
  }
  for (const Index size : {1, 7, 400})
    CHECK(by_label(data, {.size = size, .seed = 5, .augmentation = everything}) == images);
  CHECK(by_label(data, {.seed = 5, .shuffle = false, .augmentation = everything}) == images);
}

TEST_CASE("every epoch, every seed and every example has distortions of its own") {
  const Dataset one = noise(1, {8, 8});
  const auto features = one.features().values<float>();
  std::vector<float> repeated;
  for (int i = 0; i < 20; ++i) repeated.insert(repeated.end(), features.begin(), features.end());
  std::vector<std::int32_t> labels(20);
  for (std::size_t i = 0; i < 20; ++i) labels[i] = static_cast<std::int32_t>(i);
  const Dataset same = Dataset::from(repeated, {8, 8}, labels);
  std::set<std::vector<float>> seen;
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (const std::int64_t seed : {0, 1}) {
      Augmentation augmentation = everything;
      augmentation.seed = seed;
      for (auto& image : by_label(same, {.seed = epoch, .augmentation = augmentation})) seen.insert(std::move(image));
    }
  }
  CHECK(seen.size() == 20 * 3 * 2);
}

TEST_CASE("one kind of distortion more leaves the others as they were") {
  const Sources shifted(50, {.shift = 3}), both(50, {.shift = 3, .skew = 0.1});
  for (Index image = 0; image < 50; ++image) {
    const Point a = shifted.at(image, 0.5, 0.5), b = both.at(image, 0.5, 0.5);
    CHECK(a.y == doctest::Approx(b.y));
    CHECK(std::abs(a.x - b.x) < 0.36);  // what skew adds at most, 3.5 rows from the centre
  }
}

TEST_CASE("float32 and float64 are distorted alike, flat and with channels too") {
  const Dataset flat = noise(20, {16}), square = noise(20, {4, 4});
  CHECK(by_label(flat, {.augmentation = everything}) == by_label(square, {.augmentation = everything}));
  const Dataset wide = Dataset::from(flat.features().values<double>(), {2, 4, 2}, flat.labels().values<std::int32_t>());
  const Dataset narrow = noise(20, {2, 4, 2});
  const BatchOptions options{.size = 20, .shuffle = false, .augmentation = {.shift = 1, .rotation = 30}};
  const auto expected = wide.batches(options).begin()->images.values<double>();
  const auto found = narrow.batches(options).begin()->images.values<double>();
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-5));
  CHECK_FALSE(found == narrow.features().values<double>());
}

TEST_CASE("without distortions, batches are the memory of the data set as ever") {
  const Dataset data = noise(10);
  const Batches batches = data.batches({.size = 10, .shuffle = false, .augmentation = {.seed = 3}});
  CHECK(batches.begin()->images.view<float>().data() == data.features().view<float>().data());
}

TEST_CASE("no examples and no pixels are distorted without harm") {
  for (const auto& batch : noise(0).batches({.augmentation = everything})) FAIL(batch.images.shape().text());
  int batches = 0;
  for (const auto& batch : noise(3, {0, 4}).batches({.size = 3, .augmentation = {.shift = 1}})) {
    CHECK(batch.images.shape() == Shape{3, 0, 4});
    ++batches;
  }
  CHECK(batches == 1);
}
