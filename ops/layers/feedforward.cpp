#include <gradus/ops/layers/feedforward.h>

#include <string>
#include <utility>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>
#include <gradus/graph/operators.h>
#include <gradus/ops/activation.h>
#include <gradus/ops/linear_algebra.h>

namespace gradus {

namespace {

void require_sizes(const std::vector<Index>& sizes, Where where) {
  if (sizes.size() < 2) {
    throw ValueError(fmt::format(
        "{}feedforward: {} sizes; give that of the inputs and of at least one layer, as in {{784, 30, 10}}", at(where),
        sizes.size()));
  }
  for (const Index size : sizes) {
    if (size >= 1) continue;
    throw ValueError(fmt::format("{}feedforward: a layer of {} neurons; it must have at least 1", at(where), size));
  }
}

Parameter initial(
    const FeedForwardOptions& options, const Shape& shape, std::string_view kind, std::size_t layer, Where where) {
  const Tensor values = options.initializer(shape, {.dtype = options.dtype}, where);
  const std::string name = fmt::format("{}{}", kind, layer);
  if (values.shape() != shape) {
    throw ShapeError(fmt::format(
        "{}feedforward: the initializer gave {} for {}, which is {}", at(where), values.shape().text(), name,
        shape.text()));
  }
  if (values.dtype() != options.dtype) {
    throw DtypeError(fmt::format(
        "{}feedforward: the initializer gave {} for {}, which is {}", at(where), name_of(values.dtype()), name,
        name_of(options.dtype)));
  }
  return {values, name, where};
}

void require_layers(const Parameters& weights, const Parameters& biases, Where where) {
  if (weights.empty() || weights.size() != biases.size()) {
    throw ShapeError(fmt::format(
        "{}feedforward: {} weights and {} biases; each layer has one of both", at(where), weights.size(),
        biases.size()));
  }
  for (std::size_t layer = 0; layer < weights.size(); ++layer) {
    const Shape& weight = weights[layer].shape();
    const Shape& bias = biases[layer].shape();
    const bool follows = layer == 0 || (weight.rank() == 2 && weight[0] == weights[layer - 1].shape()[1]);
    if (weight.rank() == 2 && bias.rank() == 1 && weight[1] == bias[0] && follows) continue;
    throw ShapeError(fmt::format(
        "{}feedforward: layer {} has weights {} and biases {}; they must be [inputs, outputs] and [outputs], and the "
        "inputs the outputs of the layer before",
        at(where), layer + 1, weight.text(), bias.text()));
  }
}

}  // namespace

FeedForward::FeedForward(const std::vector<Index>& sizes, const FeedForwardOptions& options, Where where)
    : activation_(options.activation), output_(options.output) {
  require_sizes(sizes, where);
  if (!options.initializer) {
    throw ValueError(
        at(where) + "feedforward: no initializer; give one, as in {.initializer = initializers::book_new}");
  }
  for (std::size_t layer = 1; layer < sizes.size(); ++layer) {
    weights_.push_back(initial(options, {sizes[layer - 1], sizes[layer]}, "w", layer, where));
    biases_.push_back(initial(options, {sizes[layer]}, "b", layer, where));
  }
}

FeedForward::FeedForward(Parameters weights, Parameters biases, const FeedForwardOptions& options, Where where)
    : weights_(std::move(weights)),
      biases_(std::move(biases)),
      activation_(options.activation),
      output_(options.output) {
  require_layers(weights_, biases_, where);
}

std::vector<FeedForward::Layer> FeedForward::layers(const Tensor& a) const {
  std::vector<Layer> all;
  for (std::size_t layer = 0; layer < weights_.size(); ++layer) {
    const bool last = layer + 1 == weights_.size();
    const FeedForwardOptions::Activation& f = last && output_ ? output_ : activation_;
    const Tensor z = matmul(layer == 0 ? a : all.back().a, weights_[layer]) + biases_[layer];
    all.push_back({z, f ? f(z) : sigmoid(z)});
  }
  return all;
}

Parameters FeedForward::parameters() const {
  Parameters all;
  for (std::size_t layer = 0; layer < weights_.size(); ++layer) {
    all.push_back(weights_[layer]);
    all.push_back(biases_[layer]);
  }
  return all;
}

}  // namespace gradus
