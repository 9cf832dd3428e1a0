#pragma once

#include <string>
#include <vector>

#include <gradus/gradus.h>
#include <program/pictures.h>

// Networks whose weights are put in by hand, neuron by neuron, in float64. Inputs stand in rows: [n, inputs].
namespace chapter4 {

using namespace gradus;

using Activation = FeedForwardOptions::Activation;

/// A neuron: a weight for each of its inputs, and a bias.
struct Neuron {
  std::vector<double> weights = {};
  double bias = 0;
};
using Layer = std::vector<Neuron>;

/// Layers of neurons, one after another. The output neurons are sigmoids, whatever the hidden ones are; what they get
/// is the weighted output of the hidden layer, network.logits(x).
FeedForward network_of(const std::vector<Layer>& layers, const Activation& hidden = {});

/// The weight that makes a step of a sigmoid.
inline constexpr double steep = 1000;

/// By how much the weighted output of the hidden layer rises, and where.
struct Step {
  double position = 0, height = 0;
};
/// It is `height` between two places, 0 elsewhere: a step up and a step down.
struct Bump {
  double from = 0, to = 0, height = 0;
};
std::vector<Step> steps_of(const std::vector<Bump>& bumps);

/// One input; for each step a hidden neuron σ(wx + b) with b = −ws; one output neuron, which weighs them by the
/// heights.
FeedForward step_network(const std::vector<Step>& steps, double w = steep);

/// `count` inputs of a network with one input, both ends included.
Tensor inputs(double from, double to, Index count);
/// Inputs of a network with two: the points of a grid over the unit square, row by row from the bottom.
Tensor grid_inputs(Index side);
/// The network's inputs, written down: row after row.
Tensor input_rows(const std::vector<std::vector<double>>& rows);

program::Series curve(std::string title, const Tensor& x, const Tensor& y);
/// Values at grid_inputs(side).
program::HeatMap map_of(std::string title, std::string value_label, const Tensor& values, Index side);

}  // namespace chapter4
