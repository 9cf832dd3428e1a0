#pragma once

#include "network.h"

// Towers over boxes of any number of inputs: steps along every axis, and a neuron that fires where all of them agree.
namespace chapter4 {

/// From and to along each axis.
using Box = std::vector<program::Band>;

/// A hidden neuron that steps up along one axis.
Neuron step_along(std::size_t axis, double position, std::size_t axes);
/// A step up and a step down along every axis: 2m neurons for m inputs.
Layer steps_around(const Box& box);
/// What weighs them to bumps of height h along every axis, with bias (−m + ½)h: −3h/2 for two inputs. Only where all
/// bumps overlap, mh in all, the sum is above 0.
Neuron tower_neuron(std::size_t axes, double height);
/// Its output is near 1 inside the box and near 0 outside: a hidden layer and an output neuron.
FeedForward tower_network(const Box& box, double height);

struct Tower {
  Box box;
  double height = 0;  ///< the weight of its output
};
/// Two hidden layers, of steps and of towers. The sum of the towers is the weighted output of the second.
FeedForward towers_network(const std::vector<Tower>& towers, double height);

}  // namespace chapter4
