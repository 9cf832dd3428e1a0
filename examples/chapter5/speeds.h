#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gradus/gradus.h>
#include <program/run.h>

// How fast the layers of a deep network learn, as the chapter measures it.
namespace chapter5 {

using namespace gradus;

/// {784, 30, …, 30, 10}: the chapter's networks.
std::vector<Index> sizes_with(Index hidden_layers);

/// The first 1,000 training images, on which the chapter takes its speeds.
datasets::Dataset images_for_speeds(program::Run& run);

/// ∂C/∂b of every hidden layer, one entry a neuron. C is the mean cross-entropy of the examples, without λ.
Tensors bias_gradients(const FeedForward& network, const datasets::Dataset& examples);

/// ‖δˡ‖ of every hidden layer: the norm of its ∂C/∂b.
std::vector<double> speeds(const FeedForward& network, const datasets::Dataset& examples);

/// How many times faster each hidden layer is than the one before it; one entry fewer.
std::vector<double> ratios(const std::vector<double>& speeds);

double geometric_mean(const std::vector<double>& numbers);

/// Speeds of many networks: an entry a hidden layer, which has an entry a network.
using Draws = std::vector<std::vector<double>>;

/// Of `count` networks as `draw` gives them.
Draws draw_speeds(
    program::Run& run, const datasets::Dataset& images, Index count, const std::function<FeedForward()>& draw);

/// The geometric mean of every layer.
std::vector<double> means_of(const Draws& draws);
/// The ratios of all networks, one behind another.
std::vector<double> ratios_of(const Draws& draws);

/// Speeds to draw, layer by layer.
program::Series by_layer(
    const std::vector<double>& speeds, std::string title, program::Style style = program::Style::line_and_points);

}  // namespace chapter5
