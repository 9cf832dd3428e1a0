#include <gradus/ops/layers/convolution.h>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

Convolution2dOptions twice() {
  return {.initializer = initializers::he_normal, .dtype = Dtype::float64, .name = "conv1"};
}

Tensor images(const Shape& shape = {2, 4, 7, 6}) {
  return normal(shape, {.dtype = Dtype::float64, .seed = 1});
}

}  // namespace

TEST_CASE("Convolution2d is conv2d with its parameters, whatever the options") {
  Convolution2dOptions options = twice();
  options.bias_initializer = initializers::book_new;
  for (const ConvolutionOptions& window :
       {ConvolutionOptions{}, {.stride = {2, 1}}, {.padding = 2}, {.dilation = 2}, {.groups = 2}}) {
    options.window = window;
    const Convolution2d layer(4, 6, {3, 2}, options);
    CHECK(layer.weights().shape() == Shape{6, 4 / window.groups, 3, 2});
    const Tensor expected = conv2d(images(), layer.parameters()[0], layer.parameters()[1], window);
    CHECK(layer(images()).values() == expected.values());
  }
}

TEST_CASE("Convolution2d names its parameters; biases start at 0 unless they are asked for otherwise, or left out") {
  Convolution2dOptions options = twice();
  const Convolution2d layer(4, 3, 2, options);
  REQUIRE(layer.parameters().size() == 2);
  CHECK(layer.parameters()[0].name() == "conv1.weights");
  CHECK(layer.parameters()[1].name() == "conv1.bias");
  CHECK(layer.parameters()[1].values() == std::vector<double>(3, 0.0));
  options.bias = false;
  const Convolution2d without(4, 3, 2, options);
  REQUIRE(without.parameters().size() == 1);
  CHECK(without(images()).values() == conv2d(images(), without.weights()).values());
}

TEST_CASE("the gradients of a convolutional-pooling layer are right, the routes through the maxima included") {
  Convolution2dOptions options = twice();
  options.bias_initializer = initializers::book_new;
  seed(3);
  const Convolution2d layer(2, 3, 3, options);
  const GradientCheckResult found = gradient_check(
      [](const Tensors& in) { return sigmoid(max_pool2d(conv2d(in[0], in[1], in[2]), 2)); },
      {images({2, 2, 6, 6}), layer.parameters()[0].tensor().detach(), layer.parameters()[1].tensor().detach()});
  CHECK_MESSAGE(found.passed, found.message);
}

TEST_CASE("a Convolution2d learns the filter that made its targets") {
  seed(2);
  Convolution2dOptions options = twice();
  options.bias = false;
  const Convolution2d layer(1, 1, 2, options);
  const Tensor x = images({4, 1, 6, 6}), filter = tensor<double>({1, -2, 3, 0.5}, {1, 1, 2, 2});
  const Tensor wanted = conv2d(x, filter).detach();
  Sgd optimizer(layer.parameters(), {.learning_rate = 0.2});
  for (int step = 0; step < 300; ++step) optimizer.step(mean_squared_error(layer(x), wanted));
  for (std::size_t i = 0; i < 4; ++i) CHECK(layer.weights().values()[i] == doctest::Approx(filter.values()[i]));
}

TEST_CASE("Convolution2d refuses what cannot be one") {
  const Convolution2dOptions options = twice();
  CHECK_THROWS_WITH_AS(Convolution2d(0, 3, 5, options), doctest::Contains("0 channels"), ValueError);
  CHECK_THROWS_WITH_AS(Convolution2d(1, 3, {5, 0}, options), doctest::Contains("5 by 0"), ValueError);
  CHECK_THROWS_WITH_AS(Convolution2d(1, 3, {5, 5, 5}, options), doctest::Contains("3 sizes"), ValueError);
  CHECK_THROWS_WITH_AS(Convolution2d(1, 3, 5, {}), doctest::Contains("no initializer"), ValueError);
  Convolution2dOptions groups = options;
  groups.window.groups = 2;
  CHECK_THROWS_WITH_AS(Convolution2d(4, 3, 5, groups), doctest::Contains("2 groups"), ValueError);
  Convolution2dOptions other = options;
  other.initializer = [](const Shape&, const DrawOptions&, Where) { return zeros({2}, Dtype::float64); };
  CHECK_THROWS_WITH_AS(Convolution2d(1, 3, 5, other), doctest::Contains("gave [2] for conv1.weights"), ShapeError);
  other.initializer = [](const Shape& shape, const DrawOptions&, Where) { return zeros(shape); };
  CHECK_THROWS_WITH_AS(Convolution2d(1, 3, 5, other), doctest::Contains("gave float32"), DtypeError);
  const Convolution2d layer(4, 3, 2, options);
  CHECK_THROWS_AS(layer(images({2, 3, 7, 6})), ShapeError);
  CHECK_THROWS_AS(layer(Tensor()), ValueError);
}
