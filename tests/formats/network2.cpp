#include <gradus/formats/network2.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>

#include "datasets/files.h"
#include "formats/python.h"

namespace {

using namespace gradus;
using namespace gradus::tests;

std::string write_text(const std::string& path, const std::string& text) {
  return write_bytes(path, {text.begin(), text.end()});
}

Tensor feedforward(const network2::Model& model, Tensor activations) {
  for (std::size_t layer = 0; layer < model.weights.size(); ++layer) {
    activations = sigmoid(matmul(activations, model.weights[layer]) + model.biases[layer]);
  }
  return activations;
}

std::vector<std::uint64_t> bits(const std::vector<double>& numbers) {
  std::vector<std::uint64_t> patterns;
  for (const double number : numbers) patterns.push_back(std::bit_cast<std::uint64_t>(number));
  return patterns;
}

#ifdef GRADUS_PYTHON

/// Runs network2.py and returns what it prints.
std::string python(const std::string& arguments) {
  return tests::printed_by("network2.py", arguments);
}

/// What Python's network says to the input, and what ours does.
void check_same_outputs(const std::string& file, const network2::Model& model, const std::vector<double>& input) {
  std::ostringstream arguments;
  arguments.precision(17);
  for (const double number : input) arguments << ' ' << number;
  std::istringstream expected(python("feedforward '" + file + "'" + arguments.str()));
  const Tensor row = tensor(input, {1, static_cast<Index>(input.size())});
  for (const double output : feedforward(model, row).values()) {
    double number = std::nan("");
    expected >> number;
    CHECK(std::abs(output - number) <= 1e-14);
  }
}

#endif

}  // namespace

TEST_CASE("a file of the book's format becomes layers of [inputs, outputs], whatever the order of its keys") {
  const TemporaryFolder folder;
  const std::string path = write_text(folder / "net.json", R"({"biases": [[[0.5], [-1]], [[7e-3]]], "cost":
      "QuadraticCost", "weights": [[[1, 2, 3], [4, 5, 6]], [[-0.0, 1e22]]], "sizes": [3, 2, 1]})");
  const auto model = network2::load(path, Dtype::float64);
  REQUIRE(model.weights.size() == 2);
  REQUIRE(model.biases.size() == 2);
  CHECK(model.weights[0].shape() == Shape{3, 2});
  CHECK(model.weights[0].values() == std::vector<double>{1, 4, 2, 5, 3, 6});
  CHECK(model.weights[1].shape() == Shape{2, 1});
  CHECK(bits(model.weights[1].values()) == bits({-0.0, 1e22}));
  CHECK(model.biases[0].shape() == Shape{2});
  CHECK(model.biases[0].values() == std::vector<double>{0.5, -1});
  CHECK(model.biases[1].values() == std::vector<double>{0.007});
  CHECK(model.cost == network2::Cost::quadratic);
  CHECK(model.weights[1].name() == "weights[1]");
  CHECK(model.biases[0].name() == "biases[0]");
}

TEST_CASE("a network is written with the book's keys in the book's order") {
  const TemporaryFolder folder;
  const network2::Model model{
      .weights = {Parameter(tensor({1.0, 4.0, 2.0, 5.0}, {2, 2}))}, .biases = {Parameter(tensor({0.5, -1.0}))}};
  network2::save(folder / "net.json", model);
  const Bytes bytes = read_bytes(folder / "net.json");
  CHECK(
      std::string(bytes.begin(), bytes.end()) ==
      R"({"sizes":[2,2],"weights":[[[1.0,2.0],[4.0,5.0]]],"biases":[[[0.5],[-1.0]]],"cost":"CrossEntropyCost"})");
}

TEST_CASE("any finite float64 comes back to the bit") {
  const TemporaryFolder folder;
  const std::string path = folder / "net.json";
  CHECK(rc::check([&] {
    const auto inputs = *rc::gen::inRange<Index>(1, 5), outputs = *rc::gen::inRange<Index>(1, 5);
    const auto numbers = [](Index count) {
      return *rc::gen::container<std::vector<double>>(
          static_cast<std::size_t>(count),
          rc::gen::suchThat(
              rc::gen::map(
                  rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t b) { return std::bit_cast<double>(b); }),
              [](double x) { return std::isfinite(x); }));
    };
    const auto w = numbers(inputs * outputs), b = numbers(outputs);
    network2::save(path, {{Parameter(tensor(w, {inputs, outputs}))}, {Parameter(tensor(b, {outputs}))}});
    const auto read = network2::load(path, Dtype::float64);
    RC_ASSERT(bits(read.weights.at(0).values()) == bits(w));
    RC_ASSERT(bits(read.biases.at(0).values()) == bits(b));
  }));
}

TEST_CASE("float32 parameters come back to the bit too, and numbers of float64 become the nearest float32") {
  const TemporaryFolder folder;
  const std::string path = folder / "net.json";
  const network2::Model model{
      .weights = {Parameter(normal({5, 3}, {.seed = 1}))},
      .biases = {Parameter(normal({3}, {.seed = 2}))},
      .cost = network2::Cost::quadratic};
  network2::save(path, model);
  const auto read = network2::load(path);
  CHECK(read.weights[0].dtype() == Dtype::float32);
  CHECK(read.weights[0].values<float>() == model.weights[0].values<float>());
  CHECK(read.biases[0].values<float>() == model.biases[0].values<float>());
  CHECK(read.cost == network2::Cost::quadratic);
  network2::save(path, {{Parameter(tensor({0.1}, {1, 1}))}, {Parameter(tensor({0.2}))}});
  CHECK(network2::load(path).weights[0].item<float>() == 0.1F);
}

#ifdef GRADUS_PYTHON

TEST_CASE("a network that Python writes computes here what it computes there") {
  const TemporaryFolder folder;
  const std::string path = folder / "net.json";
  for (const char* network : {"1 CrossEntropyCost 3 4 2", "2 QuadraticCost 5 1", "3 CrossEntropyCost 2 7 6 3"}) {
    python("write '" + path + "' " + network);
    const auto model = network2::load(path, Dtype::float64);
    std::vector<double> input;
    for (Index i = 0; i < model.weights[0].size(0); ++i) input.push_back(0.3 * static_cast<double>(i) - 0.4);
    check_same_outputs(path, model, input);
    CHECK((model.cost == network2::Cost::quadratic) == holds(network, "Quadratic"));
  }
}

TEST_CASE("a network that Python writes is the same for Python after it has been read and written here") {
  const TemporaryFolder folder;
  const std::string theirs = folder / "theirs.json", ours = folder / "ours.json";
  python("write '" + theirs + "' 4 CrossEntropyCost 30 20 10");
  network2::save(ours, network2::load(theirs, Dtype::float64));
  python("same '" + theirs + "' '" + ours + "'");
}

TEST_CASE("a network that is written here computes in Python what it computes here") {
  const TemporaryFolder folder;
  const std::string path = folder / "net.json";
  const auto layer = [](Index inputs, Index outputs, std::int64_t seed) {
    return Parameter(normal({inputs, outputs}, {.dtype = Dtype::float64, .seed = seed}));
  };
  const auto bias = [](Index outputs, std::int64_t seed) {
    return Parameter(normal({outputs}, {.dtype = Dtype::float64, .seed = seed}));
  };
  const network2::Model model{.weights = {layer(4, 6, 1), layer(6, 3, 2)}, .biases = {bias(6, 3), bias(3, 4)}};
  network2::save(path, model);
  check_same_outputs(path, model, {0.1, 0.9, -0.5, 2});
}

#endif
