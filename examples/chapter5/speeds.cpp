#include "speeds.h"

#include <cmath>
#include <utility>

#include <program/mnist.h>
#include <program/training.h>

namespace chapter5 {

std::vector<Index> sizes_with(Index hidden_layers) {
  std::vector<Index> sizes(static_cast<std::size_t>(hidden_layers) + 2, 30);
  sizes.front() = 784;
  sizes.back() = 10;
  return sizes;
}

datasets::Dataset images_for_speeds(program::Run& run) {
  return program::mnist_of_the_book(run).train.take(1000);
}

Tensors bias_gradients(const FeedForward& network, const datasets::Dataset& examples) {
  const Tensor cost = program::cross_entropy_objective(network).cost(examples.features(), examples.labels());
  const Parameters& biases = network.biases();
  return gradients(cost, Tensors(biases.begin(), biases.end() - 1));
}

std::vector<double> speeds(const FeedForward& network, const datasets::Dataset& examples) {
  Tensors norms;
  for (const Tensor& gradient : bias_gradients(network, examples)) norms.push_back(norm(gradient));
  return stack(norms).values();
}

std::vector<double> ratios(const std::vector<double>& speeds) {
  std::vector<double> found;
  for (std::size_t l = 1; l < speeds.size(); ++l) found.push_back(speeds[l] / speeds[l - 1]);
  return found;
}

double geometric_mean(const std::vector<double>& numbers) {
  double sum_of_logarithms = 0;
  for (const double number : numbers) sum_of_logarithms += std::log(number);
  return std::exp(sum_of_logarithms / static_cast<double>(numbers.size()));
}

Draws draw_speeds(
    program::Run& run, const datasets::Dataset& images, Index count, const std::function<FeedForward()>& draw) {
  Draws draws;
  for (Index i = 0; i < count; ++i) {
    const auto found = speeds(draw(), images);
    draws.resize(found.size());
    for (std::size_t l = 0; l < found.size(); ++l) draws[l].push_back(found[l]);
    run.advance();
  }
  return draws;
}

std::vector<double> means_of(const Draws& draws) {
  std::vector<double> means;
  for (const auto& layer : draws) means.push_back(geometric_mean(layer));
  return means;
}

std::vector<double> ratios_of(const Draws& draws) {
  std::vector<double> all;
  for (std::size_t l = 1; l < draws.size(); ++l) {
    for (std::size_t i = 0; i < draws[l].size(); ++i) all.push_back(draws[l][i] / draws[l - 1][i]);
  }
  return all;
}

program::Series by_layer(const std::vector<double>& speeds, std::string title, program::Style style) {
  program::Series series{.title = std::move(title), .y = speeds, .style = style};
  for (std::size_t l = 1; l <= speeds.size(); ++l) series.x.push_back(static_cast<double>(l));
  return series;
}

}  // namespace chapter5
