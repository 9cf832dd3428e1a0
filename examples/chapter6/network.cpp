#include "network.h"

#include <cmath>

#include <fmt/format.h>

namespace chapter6 {

namespace {

constexpr Index image_size = 28, filter_size = 5;

Tensor gaussian(const Shape& shape, double variance) {
  return normal(shape, {.deviation = std::sqrt(variance)});
}

/// network3.py's n_out: filters times the entries of a filter over those of a pooling window, or neurons.
double outputs_of(const Shape& weights) {
  return weights.rank() == 2 ? static_cast<double>(weights[1]) : static_cast<double>(weights[0]) * 25 / 4;
}

double inputs_of(const Shape& weights) {
  return static_cast<double>(weights.rank() == 2 ? weights[0] : weights.count() / weights[0]);
}

Tensor initial_weights(const Shape& shape, Start start, Activation activation) {
  if (start == Start::book) return gaussian(shape, 1 / outputs_of(shape));
  return gaussian(shape, (activation == Activation::relu ? 2 : 1) / inputs_of(shape));
}

Tensor initial_biases(const Shape& shape, Start start) {
  return start == Start::book ? gaussian(shape, 1) : zeros(shape);
}

}  // namespace

Tensor activated(Activation activation, const Tensor& z) {
  if (activation == Activation::relu) return relu(z);
  return activation == Activation::tanh ? tanh(z) : sigmoid(z);
}

std::string name_of(Activation activation) {
  if (activation == Activation::relu) return "ReLU";
  return activation == Activation::tanh ? "tanh" : "sigmoid";
}

Network::Network(const Architecture& architecture, Start start, const std::string& name) : architecture_(architecture) {
  add_convolutions(start, name);
  add_fully_connected(start, name);
}

void Network::add_convolutions(Start start, const std::string& name) {
  Index channels = 1;
  for (const Index filters : architecture_.filters) {
    const auto weights = [&](const Shape& shape, const DrawOptions&, Where) {
      return initial_weights(shape, start, architecture_.activation);
    };
    const auto biases = [&](const Shape& shape, const DrawOptions&, Where) { return initial_biases(shape, start); };
    convolutions_.emplace_back(
        channels, filters, filter_size,
        Convolution2dOptions{
            .initializer = weights,
            .bias_initializer = biases,
            .window = {.stride = architecture_.pooling ? 1 : 2},
            .name = fmt::format("{}conv{}", name, convolutions_.size() + 1)});
    channels = filters;
  }
}

void Network::add_fully_connected(Start start, const std::string& name) {
  Index size = image_size;
  for (std::size_t i = 0; i < convolutions_.size(); ++i) size = (size - filter_size + 1) / 2;
  Index inputs = size * size * (architecture_.filters.empty() ? 1 : architecture_.filters.back());
  for (const Index neurons : architecture_.neurons) {
    const std::string layer = fmt::format("{}full{}", name, fully_connected_.size() + 1);
    const Shape shape{inputs, neurons};
    fully_connected_.push_back(
        {Parameter(initial_weights(shape, start, architecture_.activation), layer + ".weights"),
         Parameter(initial_biases({neurons}, start), layer + ".bias")});
    inputs = neurons;
  }
  fully_connected_.push_back(
      {Parameter(zeros({inputs, 10}), name + "softmax.weights"), Parameter(zeros({10}), name + "softmax.bias")});
}

// f after pooling, as in network3.py: max commutes with a function that never falls, and f then has a quarter to do.
Tensor Network::logits(const Tensor& images, const DropoutOptions& use) const {
  Tensor a = images;
  if (!convolutions_.empty()) a = reshape(a, {images.size(0), 1, image_size, image_size});
  for (const Convolution2d& convolution : convolutions_) {
    a = architecture_.pooling ? activated(architecture_.activation, max_pool2d(convolution(a), 2))
                              : activated(architecture_.activation, convolution(a));
  }
  if (!convolutions_.empty()) a = reshape(a, {images.size(0), a.count() / images.size(0)});
  for (std::size_t layer = 0; layer < fully_connected_.size(); ++layer) {
    if (architecture_.dropout > 0) a = dropout(a, architecture_.dropout, use);
    a = matmul(a, fully_connected_[layer].weights) + fully_connected_[layer].biases;
    if (layer + 1 < fully_connected_.size()) a = activated(architecture_.activation, a);
  }
  return a;
}

Parameters Network::weights() const {
  Parameters all;
  for (const Convolution2d& convolution : convolutions_) all.push_back(convolution.weights());
  for (const FullyConnected& layer : fully_connected_) all.push_back(layer.weights);
  return all;
}

Parameters Network::parameters() const {
  Parameters all;
  for (const Convolution2d& convolution : convolutions_) {
    all.insert(all.end(), convolution.parameters().begin(), convolution.parameters().end());
  }
  for (const FullyConnected& layer : fully_connected_) {
    all.push_back(layer.weights);
    all.push_back(layer.biases);
  }
  return all;
}

Index Network::parameter_count() const {
  Index count = 0;
  for (const Parameter& parameter : parameters()) count += parameter.shape().count();
  return count;
}

Objective objective(const Network& network) {
  return {
      .cost =
          [network](const Tensor& images, const Tensor& labels) {
            return log_likelihood_with_logits(network.logits(images, {.training = true}), labels);
          },
      .right = [network](
                   const Tensor& images,
                   const Tensor& labels) { return count_nonzero(equal(argmax(network.logits(images), 1), labels)); },
      .watched_cost = [network](
                          const Tensor& images,
                          const Tensor& labels) { return log_likelihood_with_logits(network.logits(images), labels); }};
}

}  // namespace chapter6
