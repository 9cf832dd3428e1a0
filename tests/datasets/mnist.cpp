#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <gradus/datasets/idx.h>
#include <gradus/datasets/mnist.h>

#include "files.h"

namespace {

using namespace gradus;
using namespace gradus::datasets;
using namespace gradus::tests;

constexpr std::array names{
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

/// An environment variable as a test wants it, until the test ends.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// The folder of MNIST's files; empty, with a message, where there is none.
std::string mnist_folder() {
  const char* data = std::getenv("GRADUS_DATA");
  std::string folder = data ? std::string(data) + "/mnist" : "";
  if (data && std::filesystem::exists(folder + "/" + names[0] + ".gz")) return folder;
  MESSAGE("MNIST is not in $GRADUS_DATA/mnist: not tested");
  return "";
}

/// A sound file of labels, but not MNIST's.
Bytes two_labels() {
  return {0, 0, 8, 1, 0, 0, 0, 2, 3, 4};
}

std::vector<std::int32_t> first_labels(const Dataset& data, Index count) {
  return data.take(count).labels().values<std::int32_t>();
}

/// Guesses the digit whose training images are on average about as dark. How many of the test images that gets right.
int right_by_darkness(const Dataset& train, const Dataset& test) {
  const auto darkness = [](const Dataset& data) {
    const auto pixels = data.features().view<float>();
    std::vector<double> sums;
    for (auto row = pixels.begin(); row != pixels.end(); row += 784)
      sums.push_back(std::accumulate(row, row + 784, 0.0));
    return sums;
  };
  std::array<double, 10> mean{}, count{};
  const auto train_darkness = darkness(train);
  const auto train_labels = train.labels().values<std::int32_t>();
  for (std::size_t i = 0; i < train_darkness.size(); ++i) {
    mean[static_cast<std::size_t>(train_labels[i])] += train_darkness[i];
    count[static_cast<std::size_t>(train_labels[i])] += 1;
  }
  for (std::size_t digit = 0; digit < 10; ++digit) mean[digit] /= count[digit];
  const auto test_darkness = darkness(test);
  const auto test_labels = test.labels().values<std::int32_t>();
  int right = 0;
  for (std::size_t i = 0; i < test_darkness.size(); ++i) {
    const auto nearest = std::min_element(mean.begin(), mean.end(), [&](double a, double b) {
      return std::abs(a - test_darkness[i]) < std::abs(b - test_darkness[i]);
    });
    if (nearest - mean.begin() == test_labels[i]) ++right;
  }
  return right;
}

}  // namespace

TEST_CASE("MNIST has 60,000 and 10,000 images of the digits that everybody knows") {
  if (mnist_folder().empty()) return;
  const auto [train, test] = mnist();
  CHECK(train.size() == 60'000);
  CHECK(test.size() == 10'000);
  CHECK(train.feature_shape() == Shape{784});
  CHECK(train.class_count() == 10);
  CHECK(first_labels(train, 5) == std::vector<std::int32_t>{5, 0, 4, 1, 9});
  CHECK(first_labels(test, 5) == std::vector<std::int32_t>{7, 2, 1, 0, 4});
  const auto pixels = test.features().view<float>();
  CHECK(*std::min_element(pixels.begin(), pixels.end()) == 0);
  CHECK(*std::max_element(pixels.begin(), pixels.end()) == 1);
  const double sum = std::accumulate(pixels.begin(), pixels.end(), 0.0);
  CHECK(sum / static_cast<double>(pixels.size()) == doctest::Approx(0.13251).epsilon(1e-4));
}

TEST_CASE("MNIST of the book is cut in three, with pixels of byte/256, and gives its darkness baseline") {
  if (mnist_folder().empty()) return;
  const auto [train, validation, test] = mnist_of_the_book();
  CHECK(train.size() == 50'000);
  CHECK(validation.size() == 10'000);
  CHECK(test.size() == 10'000);
  CHECK(first_labels(validation, 5) == std::vector<std::int32_t>{3, 8, 6, 9, 6});
  const auto pixels = test.features().view<float>();
  CHECK(*std::max_element(pixels.begin(), pixels.end()) == 0.99609375F);
  CHECK(right_by_darkness(train, test) == 2225);
}

TEST_CASE("MNIST comes as images and in float64 too, from a directory and from the folder mnist in it") {
  const std::string folder = mnist_folder();
  if (folder.empty()) return;
  const std::string parent = std::filesystem::path(folder).parent_path().string();
  for (const std::string& directory : {folder, parent}) {
    const auto [train, test] = mnist({.directory = directory, .divisor = 1, .flat = false, .dtype = Dtype::float64});
    CHECK(test.feature_shape() == Shape{28, 28});
    const auto pixels = test.take(1).features().values<double>();
    CHECK(*std::max_element(pixels.begin(), pixels.end()) == 255);
  }
}

TEST_CASE("MNIST may lie unzipped, or zipped in another way, and is still known by its contents") {
  const std::string folder = mnist_folder();
  if (folder.empty()) return;
  const TemporaryFolder own;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name = std::string("/") + names[i];
    const Idx idx = read_idx(folder + name + ".gz");
    write_idx(own.text() + name, idx);
    if (i != 1) continue;
    write_bytes(own.text() + name + ".gz", zipped(read_bytes(own.text() + name)));
    std::filesystem::remove(own.text() + name);
  }
  CHECK(first_labels(mnist({.directory = own.text()}).train, 5) == std::vector<std::int32_t>{5, 0, 4, 1, 9});
}

TEST_CASE("a file of MNIST that is another, damaged or missing is named, with both sums") {
  const std::string folder = mnist_folder();
  if (folder.empty()) return;
  const TemporaryFolder own;
  for (const char* name : names) {
    std::filesystem::create_symlink(folder + "/" + name + ".gz", own / (std::string(name) + ".gz"));
  }
  const std::string broken = own / "t10k-labels-idx1-ubyte.gz";
  const Bytes sound = read_bytes(broken);
  const auto error_with = [&](const Bytes& bytes) {
    std::filesystem::remove(broken);
    write_bytes(broken, bytes);
    std::string text = data_error([&] { mnist_or_fashion({.directory = own.text()}); });
    CHECK_MESSAGE(holds(text, broken), text);
    CHECK(holds(text, "expected ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));
    CHECK(holds(text, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"));
    return text;
  };
  Bytes bytes = sound;
  bytes[1000] = static_cast<std::uint8_t>(~bytes[1000]);
  CHECK(holds(error_with(bytes), "It is damaged: "));
  CHECK(holds(error_with(zipped(two_labels())), "unzipped"));
  CHECK(error_with(two_labels()) != "");
  std::filesystem::remove(broken);
  CHECK(holds(data_error([&] { mnist({.directory = own.text()}); }), "but neither t10k-labels-idx1-ubyte nor"));
}

TEST_CASE("where MNIST is nowhere, the error says where it was looked for and what to do") {
  const TemporaryFolder data, home;
  const Environment gradus_data("GRADUS_DATA", data.text()), at_home("HOME", home.text());
  const std::string text = data_error([] { mnist(); });
  CHECK(holds(text, data.text() + "/mnist"));
  CHECK(holds(text, home.text() + "/.cache/gradus/mnist"));
  CHECK(holds(text, "train-images-idx3-ubyte"));
  CHECK(holds(text, "GRADUS_DATA"));
  CHECK(holds(text, "./dev"));
  CHECK(data_error([] { mnist_of_the_book(); }) == text);
  const std::string given = data_error([&] { mnist_or_fashion({.directory = home.text()}); });
  CHECK_MESSAGE(holds(given, "'" + home.text() + "'"), given);
  CHECK_FALSE(holds(given, data.text()));
}

TEST_CASE("the user's cache is searched after GRADUS_DATA") {
  const TemporaryFolder data, home;
  const Environment gradus_data("GRADUS_DATA", data.text()), at_home("HOME", home.text());
  std::filesystem::create_directories(home / ".cache/gradus/mnist");
  write_bytes(home / ".cache/gradus/mnist/train-images-idx3-ubyte", {1});
  CHECK(holds(
      data_error([] { mnist(); }),
      "'" + home.text() + "/.cache/gradus/mnist/train-images-idx3-ubyte' is not the file"));
  std::filesystem::create_directories(data / "mnist");
  write_bytes(data / "mnist/t10k-labels-idx1-ubyte", {1});
  CHECK(
      holds(data_error([] { mnist(); }), "'" + data.text() + "/mnist' holds files of MNIST, but neither train-images"));
}

TEST_CASE("where MNIST is nowhere, Fashion-MNIST stands in and says its name") {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
    MESSAGE("Debian's dataset-fashion-mnist is not installed: not tested");
    return;
  }
  const TemporaryFolder nothing;
  const Environment gradus_data("GRADUS_DATA", nothing.text()), at_home("HOME", nothing.text());
  const auto [train, test, name] = mnist_or_fashion();
  CHECK(name == "Fashion-MNIST");
  CHECK(train.size() == 60'000);
  CHECK(test.size() == 10'000);
  CHECK(first_labels(train, 5) == std::vector<std::int32_t>{9, 0, 0, 3, 0});
  CHECK(first_labels(test, 5) == std::vector<std::int32_t>{9, 2, 1, 1, 6});
  const auto book = mnist_or_fashion_of_the_book();
  CHECK(book.name == "Fashion-MNIST");
  CHECK(book.train.size() == 50'000);
  CHECK(book.validation.size() == 10'000);
}

TEST_CASE("where MNIST is there, Fashion-MNIST does not stand in") {
  if (mnist_folder().empty()) return;
  CHECK(mnist_or_fashion().name == "MNIST");
}
