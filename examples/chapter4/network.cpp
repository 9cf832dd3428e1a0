#include "network.h"

#include <utility>

namespace chapter4 {

FeedForward network_of(const std::vector<Layer>& layers, const Activation& hidden) {
  Parameters weights, biases;
  for (const Layer& layer : layers) {
    std::vector<double> rows, bias;
    for (const Neuron& neuron : layer) {
      rows.insert(rows.end(), neuron.weights.begin(), neuron.weights.end());
      bias.push_back(neuron.bias);
    }
    const Index neurons = static_cast<Index>(layer.size());
    const Index inputs = static_cast<Index>(layer.front().weights.size());
    weights.emplace_back(transpose(tensor(rows, {neurons, inputs})));
    biases.emplace_back(tensor(bias, {neurons}));
  }
  return {weights, biases, {.activation = hidden, .output = [](const Tensor& z) { return sigmoid(z); }}};
}

std::vector<Step> steps_of(const std::vector<Bump>& bumps) {
  std::vector<Step> steps;
  for (const auto& [from, to, height] : bumps) {
    steps.push_back({from, height});
    steps.push_back({to, -height});
  }
  return steps;
}

FeedForward step_network(const std::vector<Step>& steps, double w) {
  Layer layer;
  Neuron output;
  for (const auto& [position, height] : steps) {
    layer.push_back({.weights = {w}, .bias = -w * position});
    output.weights.push_back(height);
  }
  return network_of({layer, {output}});
}

Tensor inputs(double from, double to, Index count) {
  return expand(linspace(from, to, count, Dtype::float64), 1);
}

Tensor grid_inputs(Index side) {
  const Tensor along = linspace(0, 1, side, Dtype::float64);
  const Tensor x = broadcast_to(expand(along, 0), {side, side}), y = broadcast_to(expand(along, 1), {side, side});
  return reshape(stack({x, y}, 2), {side * side, 2});
}

Tensor input_rows(const std::vector<std::vector<double>>& rows) {
  std::vector<double> entries;
  for (const auto& row : rows) entries.insert(entries.end(), row.begin(), row.end());
  return tensor(entries, {static_cast<Index>(rows.size()), static_cast<Index>(rows.front().size())});
}

program::Series curve(std::string title, const Tensor& x, const Tensor& y) {
  return {.title = std::move(title), .x = x.values(), .y = y.values(), .style = program::Style::line};
}

program::HeatMap map_of(std::string title, std::string value_label, const Tensor& values, Index side) {
  return {
      .title = std::move(title),
      .x_label = "input x",
      .y_label = "input y",
      .value_label = std::move(value_label),
      .values = values.values(),
      .rows = side,
      .columns = side};
}

}  // namespace chapter4
