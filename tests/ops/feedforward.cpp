#include <gradus/ops/layers/feedforward.h>

#include <cmath>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

FeedForward small(const FeedForwardOptions::Activation& activation = {}) {
  seed(7);
  return {{3, 4, 2}, {.initializer = initializers::book_new, .activation = activation, .dtype = Dtype::float64}};
}

Tensor examples() {
  return normal({5, 3}, {.dtype = Dtype::float64, .seed = 1});
}

std::vector<double> output_by_loops(const FeedForward& network, const Tensor& inputs) {
  // (25) by loops: a' = σ(Σ w a + b), for one example.
  std::vector<double> a = inputs.values();
  for (std::size_t layer = 0; layer < network.weights().size(); ++layer) {
    const auto w = network.weights()[layer].values(), b = network.biases()[layer].values();
    std::vector<double> next;
    for (std::size_t j = 0; j < b.size(); ++j) {
      double z = b[j];
      for (std::size_t k = 0; k < a.size(); ++k) z += w[k * b.size() + j] * a[k];
      next.push_back(1 / (1 + std::exp(-z)));
    }
    a = next;
  }
  return a;
}

}  // namespace

TEST_CASE("a feedforward network puts out what (25) says, written as loops") {
  const FeedForward network = small();
  const auto output = network(examples()).values();
  for (Index example = 0; example < 5; ++example) {
    const auto expected = output_by_loops(network, select(examples(), 0, example));
    for (std::size_t j = 0; j < expected.size(); ++j) {
      CHECK(output[static_cast<std::size_t>(example) * 2 + j] == doctest::Approx(expected[j]).epsilon(1e-14));
    }
  }
}

TEST_CASE("a feedforward network shows every layer, and its logits are the last weighted inputs") {
  const FeedForward network = small();
  const auto layers = network.layers(examples());
  REQUIRE(layers.size() == 2);
  CHECK(layers[0].a.shape() == Shape{5, 4});
  CHECK(layers[1].z.values() == network.logits(examples()).values());
  CHECK(sigmoid(layers[1].z).values() == network(examples()).values());
}

TEST_CASE("a feedforward network has the gradients that differences of its cost have") {
  const Tensor y = uniform({5, 2}, {.dtype = Dtype::float64, .seed = 2});
  for (const FeedForwardOptions::Activation& f :
       {FeedForwardOptions::Activation{}, FeedForwardOptions::Activation([](const Tensor& z) { return tanh(z); })}) {
    const FeedForward network = small(f);
    CHECK(gradient_check([&](const Tensors& a) { return quadratic_cost(network(a[0]), y); }, {examples()}).passed);
    for (const Parameter& parameter : network.parameters()) {
      const Tensor start = parameter.tensor().detach();
      const auto cost = [&] { return quadratic_cost(network(examples()), y); };
      const auto gradient = gradients(cost(), {parameter})[0].values();
      for (Index i = 0; i < start.count(); ++i) {
        const Tensor step = reshape(
            1e-5 * one_hot(tensor({static_cast<std::int32_t>(i)}), start.count(), Dtype::float64), start.shape());
        assign({{parameter, start + step}});
        const double above = cost().item();
        assign({{parameter, start - step}});
        const double below = cost().item();
        CHECK(std::abs((above - below) / 2e-5 - gradient[static_cast<std::size_t>(i)]) < 1e-9);
      }
      assign({{parameter, start}});
    }
  }
}

TEST_CASE("a feedforward network of loaded parameters is the one that was saved") {
  const FeedForward network = small();
  const FeedForward again(network.weights(), network.biases());
  CHECK(again(examples()).values() == network(examples()).values());
}

TEST_CASE("a feedforward network names its parameters and lists them layer by layer") {
  std::string names;
  for (const Parameter& parameter : small().parameters()) names += parameter.name() + " ";
  CHECK(names == "w1 b1 w2 b2 ");
}

TEST_CASE("a feedforward network refuses what cannot be one") {
  const FeedForwardOptions options{.initializer = initializers::book_new};
  CHECK_THROWS_WITH_AS(FeedForward({784}, options), doctest::Contains("1 sizes"), ValueError);
  CHECK_THROWS_WITH_AS(FeedForward({784, 0, 10}, options), doctest::Contains("0 neurons"), ValueError);
  CHECK_THROWS_WITH_AS(FeedForward({2, 3}, {}), doctest::Contains("no initializer"), ValueError);
  const auto transposed = [](const Shape& shape, const DrawOptions&, Where) {
    return shape.rank() == 2 ? zeros({shape[1], shape[0]}) : zeros(shape);
  };
  CHECK_THROWS_WITH_AS(FeedForward({2, 3}, {.initializer = transposed}), doctest::Contains("gave [3, 2]"), ShapeError);
  const auto float64 = [](const Shape& shape, const DrawOptions&, Where) { return zeros(shape, Dtype::float64); };
  CHECK_THROWS_WITH_AS(FeedForward({2, 3}, {.initializer = float64}), doctest::Contains("gave float64"), DtypeError);
  const Parameter w1 = zeros({2, 3}), b1 = zeros({3}), w2 = zeros({2, 3});
  CHECK_THROWS_WITH_AS(FeedForward({w1, w2}, {b1, b1}), doctest::Contains("layer 2"), ShapeError);
  CHECK_THROWS_WITH_AS(FeedForward({w1}, Parameters{}), doctest::Contains("1 weights and 0 biases"), ShapeError);
}
