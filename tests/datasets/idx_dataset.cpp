#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <gradus/datasets/idx_dataset.h>

#include "files.h"

namespace {

using namespace gradus;
using namespace gradus::datasets;
using namespace gradus::tests;

const Idx pixels{IdxType::unsigned_byte, {2, 1, 2}, {0, 51, 102, 255}};
const Idx digits{IdxType::unsigned_byte, {2}, {7, 2}};

}  // namespace

TEST_CASE("bytes become features, divided and flat unless asked otherwise") {
  const Dataset flat = dataset_from_idx(pixels, digits);
  CHECK(flat.feature_shape() == Shape{2});
  CHECK(flat.features().values<float>() == std::vector<float>{0, 0.2F, 0.4F, 1});
  CHECK(flat.labels().values<std::int32_t>() == std::vector<std::int32_t>{7, 2});
  CHECK(flat.class_count() == 8);
  const Dataset images = dataset_from_idx(pixels, digits, {.divisor = 256, .flat = false, .dtype = Dtype::float64});
  CHECK(images.feature_shape() == Shape{1, 2});
  CHECK(images.features().values<double>() == std::vector<double>{0, 51.0 / 256, 102.0 / 256, 255.0 / 256});
}

TEST_CASE("entries of other types become features too") {
  const TemporaryFolder folder;
  const std::string path = write_bytes(folder / "f", {0, 0, 0x0B, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0xFF, 0xFE, 1, 0});
  const Dataset data = dataset_from_idx(read_idx(path), digits, {.divisor = 2});
  CHECK(data.features().values<float>() == std::vector<float>{-1, 128});
}

TEST_CASE("two files that do not fit together are named, with how much each holds") {
  const TemporaryFolder folder;
  const std::string images = folder / "images.idx", labels = folder / "labels.idx";
  write_idx(images, pixels);
  write_idx(labels, {IdxType::unsigned_byte, {3}, {1, 2, 3}});
  const std::string text = data_error([&] { dataset_from_idx(images, labels); });
  CHECK_MESSAGE(holds(text, "'" + images + "' holds 2 examples, '" + labels + "' 3 labels"), text);
  CHECK(holds(data_error([&] { dataset_from_idx(labels, images); }), "expected [n, ...] and [n]"));
  CHECK(dataset_from_idx(labels, labels).feature_shape() == Shape{1});
}

TEST_CASE("labels that are no classes and options that make no sense are refused") {
  CHECK(holds(
      data_error([] {
        dataset_from_idx(pixels, {IdxType::signed_byte, {2}, {1, 0xFF}});
      }),
      "label -1 of example 1"));
  CHECK_THROWS_AS(dataset_from_idx(pixels, digits, {.divisor = 0}), ValueError);
  CHECK_THROWS_AS(dataset_from_idx(pixels, digits, {.divisor = std::nan("")}), ValueError);
  CHECK_THROWS_AS(dataset_from_idx(pixels, digits, {.dtype = Dtype::int32}), DtypeError);
}
