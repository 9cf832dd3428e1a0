#include "parity.h"

#include <initializer_list>
#include <utility>
#include <vector>

namespace chapter5 {

namespace {

Tensor fires(const Tensor& z) {
  return cast(z > 0, Dtype::float64);
}

Tensor constant(const Shape& shape, double value) {
  return full(shape, value, Dtype::float64);
}

FeedForward of_steps(Parameters weights, Parameters biases) {
  return {std::move(weights), std::move(biases), {.activation = fires}};
}

/// Weights and biases of a layer, neuron by neuron.
class Layer {
 public:
  explicit Layer(Index inputs) : inputs_(inputs) {}
  void add(std::initializer_list<std::pair<Index, double>> weights, double bias) {
    rows_.resize(rows_.size() + static_cast<std::size_t>(inputs_));
    const auto row = rows_.end() - inputs_;
    for (const auto& [input, weight] : weights) row[input] = weight;
    biases_.push_back(bias);
  }
  Index neurons() const { return static_cast<Index>(biases_.size()); }
  Parameter weights() const { return transpose(tensor(rows_, {neurons(), inputs_})); }
  Parameter biases() const { return tensor(biases_, {neurons()}); }

 private:
  Index inputs_;
  std::vector<double> rows_, biases_;
};

}  // namespace

Tensor all_inputs(Index bits) {
  const Index count = Index{1} << bits;
  std::vector<double> entries;
  for (Index input = 0; input < count; ++input) {
    for (Index bit = bits; bit-- > 0;) entries.push_back(static_cast<double>(input >> bit & 1));
  }
  return tensor(entries, {count, bits});
}

Tensor parity(const Tensor& inputs) {
  const Tensor ones = sum(inputs, 1, keep_axes);
  return ones - 2 * floor(ones / 2);
}

FeedForward ands_and_or(Index bits) {
  // +1 for a bit that must be 1 and −1 for one that must be 0: only the input itself reaches its number of ones.
  const Tensor inputs = all_inputs(bits);
  std::vector<std::int32_t> odd;
  const auto parities = squeeze(parity(inputs), 1).values();
  for (std::size_t i = 0; i < parities.size(); ++i) {
    if (parities[i] == 1) odd.push_back(static_cast<std::int32_t>(i));
  }
  const auto count = static_cast<Index>(odd.size());
  const Tensor patterns = take(inputs, tensor(odd, {count}));
  return of_steps(
      {transpose(2 * patterns - 1), constant({count, 1}, 1)}, {0.5 - sum(patterns, 1), constant({1}, -0.5)});
}

FeedForward counting(Index bits) {
  const Tensor k = arange(1, static_cast<double>(bits) + 1, 1, Dtype::float64);
  const Tensor alternating = 2 * (k - 2 * floor(k / 2)) - 1;
  return of_steps({constant({bits, bits}, 1), expand(alternating, 1)}, {0.5 - k, constant({1}, -0.5)});
}

FeedForward tree_of_xors(Index bits) {
  Parameters weights, biases;
  const auto append = [&](const Layer& layer) {
    weights.push_back(layer.weights());
    biases.push_back(layer.biases());
  };
  for (Index inputs = bits; inputs > 1; inputs = (inputs + 1) / 2) {
    Layer first(inputs);
    for (Index i = 0; i + 1 < inputs; i += 2) {
      first.add({{i, 1}, {i + 1, 1}}, -0.5);
      first.add({{i, -1}, {i + 1, -1}}, 1.5);
    }
    if (inputs % 2 == 1) first.add({{inputs - 1, 1}}, -0.5);
    Layer second(first.neurons());
    for (Index i = 0; i + 1 < first.neurons(); i += 2) second.add({{i, 1}, {i + 1, 1}}, -1.5);
    if (inputs % 2 == 1) second.add({{first.neurons() - 1, 1}}, -0.5);
    append(first);
    append(second);
  }
  return of_steps(std::move(weights), std::move(biases));
}

FeedForward with_sigmoids(const FeedForward& network) {
  Parameters weights, biases;
  for (const Parameter& w : network.weights()) weights.push_back(40 * w);
  for (const Parameter& b : network.biases()) biases.push_back(40 * b);
  return {std::move(weights), std::move(biases)};
}

Index neurons_of(const FeedForward& network) {
  Index count = 0;
  for (const Parameter& b : network.biases()) count += b.size(0);
  return count;
}

Index layers_of(const FeedForward& network) {
  return static_cast<Index>(network.biases().size());
}

}  // namespace chapter5
