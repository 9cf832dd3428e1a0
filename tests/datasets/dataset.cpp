#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

#include <gradus/datasets/dataset.h>
#include <gradus/graph/error.h>

#include "files.h"

namespace {

using namespace gradus;
using namespace gradus::datasets;
using namespace gradus::tests;

/// Example i is (10 i, 10 i + 1), of class i mod 3.
Dataset numbered(int count) {
  std::vector<float> features;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < count; ++i) {
    features.insert(features.end(), {10.0F * static_cast<float>(i), 10.0F * static_cast<float>(i) + 1});
    labels.push_back(i % 3);
  }
  return Dataset::from(std::move(features), {2}, std::move(labels));
}

template <class E, class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("a data set shows its examples as tensors") {
  const Dataset data = Dataset::from({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2}, {0, 4});
  CHECK(data.size() == 2);
  CHECK_FALSE(data.empty());
  CHECK(data.feature_shape() == Shape{2, 2});
  CHECK(data.dtype() == Dtype::float32);
  CHECK(data.class_count() == 5);
  CHECK(data.features().shape() == Shape{2, 2, 2});
  CHECK(data.features().dtype() == Dtype::float32);
  CHECK(data.features().values<float>() == std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(data.labels().shape() == Shape{2});
  CHECK(data.labels().values<std::int32_t>() == std::vector<std::int32_t>{0, 4});
}

TEST_CASE("features may be float64, and an example may be a single number") {
  const Dataset data = Dataset::from(std::vector<double>{0.1, 0.2}, {}, {1, 0});
  CHECK(data.dtype() == Dtype::float64);
  CHECK(data.features().shape() == Shape{2});
  CHECK(data.features().values<double>() == std::vector<double>{0.1, 0.2});
}

TEST_CASE("a data set can be made of tensors") {
  const Dataset data = Dataset::from(tensor<double>({1, 2, 3, 4}, {2, 2}), tensor<std::int32_t>({3, 1}));
  CHECK(data.dtype() == Dtype::float64);
  CHECK(data.features().values<double>() == std::vector<double>{1, 2, 3, 4});
  CHECK(data.class_count() == 4);
  CHECK_THROWS_AS(Dataset::from(tensor<float>({1, 2}), tensor<std::int32_t>({3})), ShapeError);
  CHECK_THROWS_AS(Dataset::from(tensor<float>({1, 2}), tensor<float>({3, 4})), DtypeError);
  CHECK_THROWS_AS(Dataset::from(tensor<std::int32_t>({1, 2}), tensor<std::int32_t>({3, 4})), DtypeError);
}

TEST_CASE("a data set without examples is a data set") {
  for (const Dataset& data : {Dataset(), Dataset::from(std::vector<float>{}, {784}, {}), numbered(3).take(0)}) {
    CHECK(data.size() == 0);
    CHECK(data.empty());
    CHECK(data.features().count() == 0);
    CHECK(data.labels().shape() == Shape{0});
    CHECK(data.shuffled(1).empty());
    CHECK(data.batches().size() == 0);
    for (const Batch& batch : data.batches({.drop_last = true})) FAIL(batch.labels.count());
  }
  CHECK(Dataset().class_count() == 0);
}

TEST_CASE("features and labels that do not fit are named with their numbers and the user's line") {
  const std::string text =
      error_of<ShapeError>([] { Dataset::from(std::vector<float>(200), {2}, std::vector<std::int32_t>(99)); });
  CHECK_MESSAGE(holds(text, "features hold 100 examples of [2], labels 99"), text);
  CHECK_MESSAGE(holds(text, "dataset.cpp:"), text);
  CHECK(holds(
      error_of<ShapeError>([] { Dataset::from(std::vector<float>(201), {2}, std::vector<std::int32_t>(100)); }),
      "features hold 201 numbers, which is no multiple of the 2 of one example of [2]"));
  CHECK(holds(
      error_of<ShapeError>([] {
        Dataset::from(std::vector<float>(200), {100, 2}, std::vector<std::int32_t>(100));
      }),
      "without their number"));
  CHECK(holds(error_of<ShapeError>([] { Dataset::from(std::vector<float>(1), {0}, {}); }), "holds none"));
  CHECK(holds(error_of<ValueError>([] { Dataset::from({1, 2}, {1}, {0, -1}); }), "example 1 has label -1"));
}

TEST_CASE("slices, take and split share the memory of the whole, and its number of classes") {
  const Dataset data = numbered(10);
  const Dataset part = data.slice(4, 7);
  CHECK(part.size() == 3);
  CHECK(part.features().values<float>() == std::vector<float>{40, 41, 50, 51, 60, 61});
  CHECK(part.labels().values<std::int32_t>() == std::vector<std::int32_t>{1, 2, 0});
  CHECK(part.features().view<float>().data() == data.features().view<float>().data() + 8);
  CHECK(part.slice(1, 2).labels().item<std::int32_t>() == 2);
  CHECK(data.take(1).class_count() == 3);
  const auto [first, rest] = data.split(8);
  CHECK(first.size() == 8);
  CHECK(rest.size() == 2);
  CHECK(rest.features().values<float>() == std::vector<float>{80, 81, 90, 91});
}

TEST_CASE("slices past the end are refused with what there is") {
  const Dataset data = numbered(10);
  CHECK(holds(error_of<ValueError>([&] { data.slice(2, 11); }), "no examples 2 up to 11; there are 10"));
  CHECK_THROWS_AS(data.slice(-1, 2), ValueError);
  CHECK_THROWS_AS(data.slice(3, 2), ValueError);
  CHECK_THROWS_AS(data.take(11), ValueError);
  CHECK_THROWS_AS(data.split(11), ValueError);
  CHECK_THROWS_AS(data.split(-1), ValueError);
}

TEST_CASE("tensors outlive the data set whose memory they show") {
  Tensor features, labels;
  {
    const Dataset data = numbered(5).slice(1, 3);
    features = data.features();
    labels = data.labels();
  }
  CHECK(features.values<float>() == std::vector<float>{10, 11, 20, 21});
  CHECK(labels.values<std::int32_t>() == std::vector<std::int32_t>{1, 2});
}

TEST_CASE("a shuffled data set holds the same examples, each with its label, in an order that the seed decides") {
  const Dataset data = numbered(100), shuffled = data.shuffled(1);
  const auto features = shuffled.features().values<float>();
  const auto labels = shuffled.labels().values<std::int32_t>();
  std::vector<int> times(100);
  for (std::size_t i = 0; i < 100; ++i) {
    const int example = static_cast<int>(features[2 * i]) / 10;
    ++times[static_cast<std::size_t>(example)];
    CHECK(features[2 * i + 1] == features[2 * i] + 1);
    CHECK(labels[i] == example % 3);
  }
  CHECK(times == std::vector<int>(100, 1));
  CHECK(features == data.shuffled(1).features().values<float>());
  CHECK(features != data.shuffled(2).features().values<float>());
  CHECK(features != data.features().values<float>());
  CHECK(shuffled.class_count() == 3);
}
