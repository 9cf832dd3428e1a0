// (124): in a network of layers the errors δ are a product of matrices, as the gradient in a chain is one of numbers.
#include <algorithm>
#include <cmath>

#include <program/mnist.h>
#include <program/training.h>

#include "experiments.h"
#include "speeds.h"

namespace chapter5 {

namespace {

/// (124) for one image, a row: δ of every layer of neurons, and the matrices that lead from one to the one before.
struct MatrixProduct {
  Tensors factors;  ///< Σ′(zˡ)(wˡ⁺¹)ᵀ
  Tensors delta;
};

/// The library's weights are [inputs, outputs]: the book's wᵀ.
MatrixProduct multiply_backwards(
    const FeedForward& network, const std::vector<FeedForward::Layer>& layers, const Tensor& cost) {
  const std::size_t count = layers.size();
  const auto slopes = [&](std::size_t l) { return diagonal_matrix(sigmoid_prime(squeeze(layers[l].z, 0))); };
  MatrixProduct product{.factors = Tensors(count - 1), .delta = Tensors(count)};
  const Tensor by_output = squeeze(gradients(cost, {layers.back().a})[0], 0);
  product.delta.back() = matmul(slopes(count - 1), by_output);
  for (std::size_t l = count - 1; l-- > 0;) {
    product.factors[l] = matmul(slopes(l), network.weights()[l + 1]);
    product.delta[l] = matmul(product.factors[l], product.delta[l + 1]);
  }
  return product;
}

/// The largest singular value: how much a matrix can lengthen a vector. By power iteration.
double spectral_norm(const Tensor& matrix) {
  Tensor direction = ones({matrix.size(1)}, Dtype::float64);
  for (int i = 0; i < 200; ++i) {
    const Tensor next = matmul(transpose(matrix), matmul(matrix, direction));
    direction = (next / norm(next)).detach();
  }
  return norm(matmul(matrix, direction)).item();
}

double length_ratio(const Tensor& a, const Tensor& b) {
  return (norm(a) / norm(b)).item();
}

/// Prints and draws what every factor does to lengths; returns the most that one does.
double show_factors(program::Run& run, const FeedForward& network, const MatrixProduct& product) {
  run.say("The first image; M = Σ′(zˡ)(wˡ⁺¹)ᵀ, and ‖w‖ and ‖M‖ are the most by which they lengthen a vector");
  run.say("  hidden layer l   ‖wˡ⁺¹‖     ‖M‖   M on average   ‖δˡ‖/‖δˡ⁺¹‖       ‖δˡ‖");
  const std::size_t count = product.factors.size();
  std::vector<double> lengths(count), bounds(count);
  double bound = norm(product.delta.back()).item(), most_of_all = 0;
  for (std::size_t l = count; l-- > 0;) {
    const Tensor& factor = product.factors[l];
    const double most = spectral_norm(factor);
    const double average = norm(factor).item() / std::sqrt(static_cast<double>(factor.size(1)));
    lengths[l] = norm(product.delta[l]).item();
    bounds[l] = bound *= most;
    most_of_all = std::max(most_of_all, most);
    run.say(
        "{:16}{:9.4f}{:8.4f}{:15.4f}{:14.4f}{:11.5f}", l + 1, spectral_norm(network.weights()[l + 1]), most, average,
        length_ratio(product.delta[l], product.delta[l + 1]), lengths[l]);
  }
  run.draw(
      "errors",
      program::Plot{
          .title = "Errors of one image on their way back through 784-30-30-30-30-10",
          .x_label = "hidden layer l",
          .y_label = "‖δˡ‖",
          .series = {by_layer(lengths, "‖δˡ‖"), by_layer(bounds, "the most that ‖M‖ of the later layers allow")},
          .x_range = program::Band{0.8, 4.2},
          .whole_x = true,
          .logarithmic_y = true});
  return most_of_all;
}

/// The largest relative difference from what autodiff says.
double difference(const FeedForward& network, const MatrixProduct& product, const Tensor& cost) {
  const Parameters& biases = network.biases();
  const Tensors by_autodiff = gradients(cost, Tensors(biases.begin(), biases.end()));
  double largest = 0;
  for (std::size_t l = 0; l < by_autodiff.size(); ++l) {
    largest = std::max(largest, length_ratio(product.delta[l] - by_autodiff[l], by_autodiff[l]));
  }
  return largest;
}

}  // namespace

const Experiment matrix_product{
    .name = "matrix-product",
    .description =
        "(124) for 784-30-30-30-30-10: δ as a product of matrices beside autodiff's, and how long each factor "
        "can leave it",
    .published = "δˡ = Σ′(zˡ)(wˡ⁺¹)ᵀ Σ′(zˡ⁺¹)(wˡ⁺²)ᵀ … Σ′(zᴸ)∇ₐC",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const FeedForward network(sizes_with(4), {.initializer = initializers::book_new, .dtype = Dtype::float64});
          double worst = 0, most = 0;
          for (Index i = 0; i < 10; ++i) {
            const datasets::Dataset image = data.train.slice(i, i + 1);
            const auto layers = network.layers(cast(image.features(), Dtype::float64));
            const Tensor cost = cross_entropy(layers.back().a, one_hot(image.labels(), 10, Dtype::float64));
            const MatrixProduct product = multiply_backwards(network, layers, cost);
            worst = std::max(worst, difference(network, product, cost));
            if (i == 0) most = show_factors(run, network, product);
          }
          run.say("So no error, whatever its direction, gets through a layer with more than that part of its length.");
          run.finding(
              {.quantity = "the most of δ that gets through a layer",
               .measured = most,
               .band = program::Band{0.3, 0.6}});
          run.summary(
              {.quantity = "largest relative difference between (124) and autodiff, ten images",
               .measured = worst,
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter5
