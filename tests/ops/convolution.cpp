#include <gradus/ops/convolution.h>

#include <array>
#include <functional>
#include <sstream>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>
#include <gradus/graph/plan/draft.h>

using namespace gradus;

namespace {

/// Numbers in [-1, 1), other ones for every seed.
Tensor drawn(const Shape& shape, std::int64_t seed, Dtype dtype = Dtype::float64) {
  return uniform(shape, {.from = -1, .to = 1, .dtype = dtype, .seed = seed}).detach();
}

struct Geometry {
  Index examples, channels, filters, groups, height, width, window_height, window_width;
  Index stride, padding, dilation;
};

Index positions(Index size, Index window, const Geometry& g) {
  return (size + 2 * g.padding - g.dilation * (window - 1) - 1) / g.stride + 1;
}

/// (125) entry by entry.
std::vector<double> by_hand(const std::vector<double>& x, const std::vector<double>& w, const Geometry& g) {
  const Index rows = positions(g.height, g.window_height, g), columns = positions(g.width, g.window_width, g);
  const Index channels = g.channels / g.groups, filters = g.filters / g.groups;
  std::vector<double> y;
  for (Index n = 0; n < g.examples; ++n) {
    for (Index f = 0; f < g.filters; ++f) {
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < columns; ++j) {
          double sum = 0;
          for (Index c = 0; c < channels; ++c) {
            for (Index p = 0; p < g.window_height; ++p) {
              for (Index q = 0; q < g.window_width; ++q) {
                const Index row = i * g.stride - g.padding + p * g.dilation;
                const Index column = j * g.stride - g.padding + q * g.dilation;
                if (row < 0 || row >= g.height || column < 0 || column >= g.width) continue;
                const Index channel = f / filters * channels + c;
                sum += x[static_cast<std::size_t>(((n * g.channels + channel) * g.height + row) * g.width + column)] *
                       w[static_cast<std::size_t>(((f * channels + c) * g.window_height + p) * g.window_width + q)];
              }
            }
          }
          y.push_back(sum);
        }
      }
    }
  }
  return y;
}

Geometry any_geometry() {
  const auto between = [](Index least, Index most) { return *rc::gen::inRange(least, most + 1); };
  Geometry g{};
  g.examples = between(1, 3);
  g.groups = between(1, 2);
  // Which library runs it depends on how many there are.
  const auto some_or_many = [&] { return between(0, 1) == 0 ? between(1, 3) : between(4, 20); };
  g.channels = g.groups * some_or_many();
  g.filters = g.groups * some_or_many();
  g.stride = between(1, 3);
  g.padding = between(0, 2);
  g.dilation = between(1, 2);
  g.window_height = between(1, 3);
  g.window_width = between(1, 3);
  g.height = g.dilation * (g.window_height - 1) + between(1, 5);
  g.width = g.dilation * (g.window_width - 1) + between(1, 5);
  return g;
}

ConvolutionOptions options_of(const Geometry& g) {
  return {.stride = g.stride, .padding = g.padding, .dilation = g.dilation, .groups = g.groups};
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

/// A convolution of x with w in a dtype, then the gradients of some sum of its entries.
std::array<std::vector<double>, 3> with_gradients(
    const std::function<Tensor(const Tensor& x, const Tensor& w)>& convolve, const Tensor& x, const Tensor& w,
    Dtype dtype) {
  const Tensor a = cast(x, dtype).detach(), b = cast(w, dtype).detach();
  const Tensor y = convolve(a, b);
  const Tensors found = gradients(sum(y * cast(drawn(y.shape(), 9), dtype)), {a, b});
  return {y.values(), found[0].values(), found[1].values()};
}

double inner_product(const Tensor& a, const Tensor& b) {
  return sum(a * b).item();
}

/// Two convolutional layers, a cost; as users write it.
struct SmallNetwork {
  Parameter w1, b1, w2, b2;

  explicit SmallNetwork(Dtype dtype, Index filters = 4, Index further_filters = 6)
      : w1(drawn({filters, 1, 3, 3}, 1, dtype)),
        b1(drawn({filters}, 2, dtype)),
        w2(drawn({further_filters, filters, 3, 3}, 3, dtype)),
        b2(drawn({further_filters}, 4, dtype)) {}

  Tensor cost(const Tensor& images, Tensor (*activation)(const Operand&)) const {
    const Tensor first = max_pool2d(activation(conv2d(images, w1, b1)), 2);
    return mean(square(max_pool2d(activation(conv2d(first, w2, b2, {.padding = Padding::same()})), 2)));
  }
  Parameters parameters() const { return {w1, b1, w2, b2}; }
};

std::vector<double> trained(
    int thread_count, Index examples, Tensor (*activation)(const Operand&), Index filters = 4,
    Index further_filters = 6) {
  set_threads(thread_count);
  const SmallNetwork network(Dtype::float32, filters, further_filters);
  Sgd optimizer(network.parameters(), {.learning_rate = 0.1});
  const Tensor images = drawn({examples, 1, 12, 12}, 5, Dtype::float32);
  for (int step = 0; step < 3; ++step) optimizer.step(network.cost(images, activation));
  std::vector<double> values;
  for (const Parameter& parameter : network.parameters()) {
    for (const double value : parameter.values()) values.push_back(value);
  }
  set_threads(0);
  return values;
}

}  // namespace

TEST_CASE("a convolution is what loops over (125) make of it, in float64 and float32") {
  CHECK(rc::check([] {
    const Geometry g = any_geometry();
    const Tensor x = drawn({g.examples, g.channels, g.height, g.width}, *rc::gen::inRange(0, 100));
    const Tensor w = drawn({g.filters, g.channels / g.groups, g.window_height, g.window_width}, 101);
    const auto expected = by_hand(x.values(), w.values(), g);
    const Tensor y = conv2d(x, w, options_of(g));
    RC_ASSERT(y.shape()[2] == positions(g.height, g.window_height, g));
    RC_ASSERT(difference(y.values(), expected) < 1e-12);
    const Tensor single = conv2d(cast(x, Dtype::float32), cast(w, Dtype::float32), options_of(g));
    RC_ASSERT(difference(single.values(), expected) < 1e-4);
  }));
}

TEST_CASE("gradients of convolutions in float32 are those in float64") {
  CHECK(rc::check([] {
    const Geometry g = any_geometry();
    const Tensor x = drawn({g.examples, g.channels, g.height, g.width}, 7);
    const Tensor w = drawn({g.filters, g.channels / g.groups, g.window_height, g.window_width}, 8);
    const auto convolve = [&](const Tensor& a, const Tensor& b) { return conv2d(a, b, options_of(g)); };
    const auto [y64, x64, w64] = with_gradients(convolve, x, w, Dtype::float64);
    const auto [y32, x32, w32] = with_gradients(convolve, x, w, Dtype::float32);
    RC_ASSERT(difference(y32, y64) < 1e-4);
    RC_ASSERT(difference(x32, x64) < 1e-4);
    RC_ASSERT(difference(w32, w64) < 1e-4);
  }));
}

TEST_CASE("large convolutions in float32, which run in parts and blocks, are those in float64") {
  const std::vector<Geometry> geometries = {
      // Blocks of rows; parts of examples; padding along rows, taps that stand on padding alone.
      {2, 20, 24, 1, 40, 60, 3, 5, 1, 2, 1}, {37, 8, 20, 1, 13, 14, 5, 5, 1, 0, 1},
      {5, 3, 32, 1, 61, 40, 3, 3, 2, 1, 1},  {40, 1, 20, 1, 28, 28, 5, 5, 1, 0, 1},
      {3, 18, 36, 2, 20, 3, 3, 3, 1, 4, 2},
  };
  for (const Geometry& g : geometries) {
    const Tensor x = drawn({g.examples, g.channels, g.height, g.width}, 7);
    const Tensor w = drawn({g.filters, g.channels / g.groups, g.window_height, g.window_width}, 8);
    const auto convolve = [&](const Tensor& a, const Tensor& b) { return conv2d(a, b, options_of(g)); };
    const auto doubles = with_gradients(convolve, x, w, Dtype::float64),
               singles = with_gradients(convolve, x, w, Dtype::float32);
    for (std::size_t i = 0; i < doubles.size(); ++i) CHECK(difference(singles[i], doubles[i]) < 1e-2);
  }
}

TEST_CASE("a convolution in float32 without entries in one row of its result gives zeros there") {
  // Rows of padding that no tap of the window leaves.
  const Tensor x = drawn({1, 4, 3, 6}, 1, Dtype::float32), w = drawn({9, 4, 2, 3}, 2, Dtype::float32);
  const Tensor y = conv2d(x, w, {.padding = {3, 1}});
  const Tensor edge = slice(y, 2, 0, 2);
  for (const double value : edge.values()) CHECK(value == 0);
}

TEST_CASE("a transposed convolution is the adjoint of the convolution") {
  CHECK(rc::check([] {
    Geometry g = any_geometry();
    g.padding = std::min(g.padding, g.dilation * (std::min(g.window_height, g.window_width) - 1) / 2);
    const Tensor x = drawn({g.examples, g.channels, g.height, g.width}, 11);
    const Tensor w = drawn({g.filters, g.channels / g.groups, g.window_height, g.window_width}, 12);
    const Tensor y = conv2d(x, w, options_of(g)), h = drawn(y.shape(), 13);
    const auto left_over = [&](Index size, Index window) {
      return (size + 2 * g.padding - g.dilation * (window - 1) - 1) % g.stride;
    };
    const Tensor back = conv_transpose2d(
        h, w,
        {.stride = g.stride,
         .padding = g.padding,
         .output_padding = {left_over(g.height, g.window_height), left_over(g.width, g.window_width)},
         .dilation = g.dilation,
         .groups = g.groups});
    RC_ASSERT(back.shape() == x.shape());
    RC_ASSERT(std::abs(inner_product(y, h) - inner_product(x, back)) < 1e-10);
  }));
}

TEST_CASE("one and three axes are convolved as two are where the others have size 1") {
  const Tensor x = drawn({2, 3, 7}, 1), w = drawn({4, 3, 3}, 2), b = drawn({4}, 3);
  const Tensor line = conv1d(x, w, b, {.stride = 2, .padding = 1});
  const Tensor flat =
      conv2d(reshape(x, {2, 3, 1, 7}), reshape(w, {4, 3, 1, 3}), b, {.stride = {1, 2}, .padding = {0, 1}});
  const Tensor solid =
      conv3d(reshape(x, {2, 3, 1, 7, 1}), reshape(w, {4, 3, 1, 3, 1}), b, {.stride = {1, 2, 1}, .padding = {0, 1, 0}});
  CHECK(line.shape() == Shape{2, 4, 4});
  CHECK(difference(line.values(), flat.values()) < 1e-14);
  CHECK(difference(line.values(), solid.values()) < 1e-14);
}

TEST_CASE("convolutions along three axes in float32, and their gradients, are those in float64") {
  for (const Index filters : {3, 24}) {
    const Tensor x = drawn({2, 9, 5, 6, 7}, 1), w = drawn({filters, 9, 2, 3, 3}, 2);
    const auto convolve = [](const Tensor& a, const Tensor& b) {
      return conv3d(a, b, {.stride = {1, 2, 1}, .padding = {1, 0, 1}, .dilation = {2, 1, 1}});
    };
    const auto doubles = with_gradients(convolve, x, w, Dtype::float64),
               singles = with_gradients(convolve, x, w, Dtype::float32);
    for (std::size_t i = 0; i < doubles.size(); ++i) CHECK(difference(singles[i], doubles[i]) < 1e-3);
  }
}

TEST_CASE("padding to the same size keeps sizes at stride 1 and rounds up at others") {
  const Tensor x = drawn({1, 1, 7, 10}, 1), w = drawn({1, 1, 4, 3}, 2);
  CHECK(conv2d(x, w, {.padding = Padding::same()}).shape() == Shape{1, 1, 7, 10});
  CHECK(conv2d(x, w, {.stride = 3, .padding = Padding::same()}).shape() == Shape{1, 1, 3, 4});
  CHECK(conv2d(x, w, {.padding = Padding::same(), .dilation = 2}).shape() == Shape{1, 1, 7, 10});
}

TEST_CASE("a convolutional network's gradients are those of differences, to second order") {
  const SmallNetwork network(Dtype::float64);
  const Tensor images = drawn({1, 1, 8, 8}, 5);
  const auto cost = [&](const Tensors& in) {
    const Tensor first = max_pool2d(tanh(conv2d(images, in[0], in[1])), 2);
    return mean(square(sigmoid(conv2d(first, in[2], in[3], {.padding = 1}))));
  };
  const auto result = gradient_check(
      cost, {drawn({4, 1, 3, 3}, 1), drawn({4}, 2), drawn({6, 4, 3, 3}, 3), drawn({6}, 4)}, {.directions = true});
  CHECK_MESSAGE(result.passed, result.message);
}

TEST_CASE("a convolutional network's training has the same bits on one thread and on several") {
  const std::vector<double> one = trained(1, 300, relu);
  for (const int threads : {2, 5}) CHECK(trained(threads, 300, relu) == one);
  // Filters so many that another library runs them.
  const std::vector<double> more = trained(1, 150, relu, 12, 20);
  for (const int threads : {2, 5}) CHECK(trained(threads, 150, relu, 12, 20) == more);
}

TEST_CASE("between convolutions and pools nothing is copied into another order") {
  const SmallNetwork network(Dtype::float32);
  const Tensor images = drawn({4, 1, 12, 12}, 5, Dtype::float32);
  const Tensor cost = network.cost(images, relu);
  Tensors wanted = gradients(cost, {network.w1, network.w2});
  wanted.push_back(cost);
  const std::string plan = explain(wanted).text();
  CHECK_MESSAGE(plan.find("copy") == std::string::npos, plan);
}

TEST_CASE("an activation in front of a pool moves behind it, forward and backward") {
  for (const auto activation : {relu, sigmoid, gradus::tanh}) {
    const SmallNetwork network(Dtype::float64);
    const Tensor images = drawn({2, 1, 12, 12}, 5);
    const auto found = [&](const std::string& passes) {
      plan::set_passes(passes);
      clear_plan_cache();
      const Tensor cost = network.cost(images, activation);
      Tensors wanted = gradients(cost, {network.w1, network.b1, network.w2, network.b2});
      wanted.push_back(cost);
      std::vector<double> values;
      for (const Tensor& tensor : wanted) {
        for (const double value : tensor.values()) values.push_back(value);
      }
      plan::set_passes("all");
      return values;
    };
    CHECK(difference(found("all"), found("fuse")) < 1e-12);
    const std::string plan = [&] {
      const Tensor cost = network.cost(images, activation);
      Tensors wanted = gradients(cost, {network.w1});
      wanted.push_back(cost);
      return explain(wanted).text();
    }();
    // The first layer's maps are 10 by 10; nothing but the convolution and the way back may work on all of them.
    std::istringstream lines(plan);
    for (std::string line; std::getline(lines, line);) {
      const bool whole_map = line.find("[2, 10, 10, 4]") != std::string::npos;
      const bool activates = line.find("relu") != std::string::npos || line.find("sigmoid") != std::string::npos ||
                             line.find("tanh") != std::string::npos || line.find("step") != std::string::npos;
      CHECK_MESSAGE(!(whole_map && activates), line);
    }
  }
}
