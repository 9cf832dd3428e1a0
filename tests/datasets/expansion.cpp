#include <gradus/datasets/expansion.h>

#include <algorithm>
#include <map>
#include <vector>

#include <doctest/doctest.h>

#include <gradus/datasets/idx_dataset.h>
#include <gradus/graph/error.h>

#include "files.h"

namespace {

using namespace gradus;
using namespace gradus::datasets;
using namespace gradus::tests;

/// Images of 3 × 2 bytes, divided by 256 as the book does.
Dataset images() {
  std::vector<float> features;
  for (const int byte : {1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 255}) features.push_back(static_cast<float>(byte) / 256);
  return Dataset::from(std::move(features), {3, 2}, {7, 3});
}

struct Expanded {
  Idx images, labels;
};

template <class Expand>
Expanded expanded(const Expand& expand) {
  const TemporaryFolder folder;
  expand(folder / "images", folder / "labels");
  return {read_idx(folder / "images"), read_idx(folder / "labels")};
}

Expanded by_shifts(const Dataset& data, const ExpansionOptions& options) {
  return expanded([&](const std::string& i, const std::string& l) { expand_by_shifts(data, i, l, options); });
}

}  // namespace

TEST_CASE("each image is followed by itself shifted down, up, right and left, as in the book") {
  const auto [pixels, labels] = by_shifts(images(), {.divisor = 256, .shuffle = false});
  CHECK(pixels.shape == Shape{10, 3, 2});
  CHECK(labels.bytes == Bytes{7, 7, 7, 7, 7, 3, 3, 3, 3, 3});
  const Bytes first(pixels.bytes.begin(), pixels.bytes.begin() + 30);
  CHECK(first == Bytes{1, 2, 3, 4, 5, 6, 0, 0, 1, 2, 3, 4, 3, 4, 5, 6, 0, 0, 0, 1, 0, 3, 0, 5, 2, 0, 4, 0, 6, 0});
  const Bytes second(pixels.bytes.begin() + 30, pixels.bytes.begin() + 36);
  CHECK(second == Bytes{10, 20, 30, 40, 50, 255});
}

TEST_CASE("shuffled, the same images with the same labels come in an order that the seed decides") {
  const auto pairs = [](const Expanded& from) {
    std::vector<Bytes> all;
    for (std::size_t i = 0; i < from.labels.bytes.size(); ++i) {
      const auto begin = from.images.bytes.begin() + static_cast<std::ptrdiff_t>(6 * i);
      all.emplace_back(begin, begin + 6).push_back(from.labels.bytes[i]);
    }
    return all;
  };
  auto ordered = pairs(by_shifts(images(), {.divisor = 256, .shuffle = false}));
  auto one = pairs(by_shifts(images(), {.divisor = 256, .seed = 1}));
  CHECK(one == pairs(by_shifts(images(), {.divisor = 256, .seed = 1})));
  CHECK(one != pairs(by_shifts(images(), {.divisor = 256, .seed = 2})));
  CHECK(one != ordered);
  std::sort(ordered.begin(), ordered.end());
  std::sort(one.begin(), one.end());
  CHECK(one == ordered);
}

TEST_CASE("an expanded data set is read again, and its copies are those of the epochs of the augmentation") {
  const TemporaryFolder folder;
  const Augmentation augmentation{.shift = 1, .seed = 4};
  expand_by_augmentation(
      images(), augmentation, 2, folder / "images", folder / "labels", {.divisor = 256, .shuffle = false});
  const Dataset read = dataset_from_idx(folder / "images", folder / "labels", {.divisor = 256, .flat = false});
  CHECK(read.labels().values<std::int32_t>() == std::vector<std::int32_t>{7, 7, 7, 3, 3, 3});
  const auto pixels = read.features().values<float>();
  const auto image = [&](std::size_t i) {
    return std::vector<float>(pixels.begin() + 6 * i, pixels.begin() + 6 * (i + 1));
  };
  const auto originals = images().features().values<float>();
  CHECK(image(3) == std::vector<float>(originals.begin() + 6, originals.end()));
  for (const int epoch : {0, 1}) {
    const auto batches = images().batches({.size = 2, .seed = epoch, .shuffle = false, .augmentation = augmentation});
    const auto distorted = batches.begin()->images.values<float>();
    CHECK(image(1 + static_cast<std::size_t>(epoch)) == std::vector<float>(distorted.begin(), distorted.begin() + 6));
    CHECK(image(4 + static_cast<std::size_t>(epoch)) == std::vector<float>(distorted.begin() + 6, distorted.end()));
  }
}

TEST_CASE("channels, float64 and more than 256 classes have their place in the files") {
  const Dataset data = Dataset::from(std::vector<double>{0, 0.2, 0.4, 1, 0.6, 0.8}, {3, 1, 2}, {300});
  const auto [pixels, labels] = by_shifts(data, {.shuffle = false});
  CHECK(pixels.shape == Shape{5, 3, 1, 2});
  CHECK(Bytes(pixels.bytes.begin(), pixels.bytes.begin() + 6) == Bytes{0, 51, 102, 255, 153, 204});
  CHECK(labels.type == IdxType::int32);
  CHECK(labels.number(4) == 300);
}

TEST_CASE("what has been written when an expansion fails is no IDX file") {
  const TemporaryFolder folder;
  const Dataset data = Dataset::from(std::vector<float>{0, 0, 0, 0, 0, 2}, {1, 1}, {0, 0, 0, 0, 0, 0});
  const ExpansionOptions options{.shuffle = false};
  CHECK_THROWS_WITH_AS(
      expand_by_shifts(data, folder / "images", folder / "labels", options),
      doctest::Contains("pixel 0 of example 5 is 2, times the divisor 255 no byte; expected 0 to 1"), ValueError);
  CHECK(holds(data_error([&] { read_idx(folder / "images"); }), "the file ends"));
}
