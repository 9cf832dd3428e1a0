#include "towers.h"

namespace chapter4 {

Neuron step_along(std::size_t axis, double position, std::size_t axes) {
  Neuron neuron{.weights = std::vector<double>(axes), .bias = -steep * position};
  neuron.weights[axis] = steep;
  return neuron;
}

Layer steps_around(const Box& box) {
  Layer layer;
  for (std::size_t axis = 0; axis < box.size(); ++axis) {
    layer.push_back(step_along(axis, box[axis].from, box.size()));
    layer.push_back(step_along(axis, box[axis].to, box.size()));
  }
  return layer;
}

Neuron tower_neuron(std::size_t axes, double height) {
  Neuron neuron{.bias = (0.5 - static_cast<double>(axes)) * height};
  for (std::size_t axis = 0; axis < axes; ++axis) {
    neuron.weights.push_back(height);
    neuron.weights.push_back(-height);
  }
  return neuron;
}

FeedForward tower_network(const Box& box, double height) {
  return network_of({steps_around(box), {tower_neuron(box.size(), height)}});
}

FeedForward towers_network(const std::vector<Tower>& towers, double height) {
  Layer steps, tops;
  Neuron output;
  for (const Tower& tower : towers) {
    const std::size_t before = steps.size();
    const Layer own = steps_around(tower.box);
    steps.insert(steps.end(), own.begin(), own.end());
    Neuron top = tower_neuron(tower.box.size(), height);
    top.weights.insert(top.weights.begin(), before, 0);
    tops.push_back(top);
    output.weights.push_back(tower.height);
  }
  for (Neuron& top : tops) top.weights.resize(steps.size());
  return network_of({steps, tops, {output}});
}

}  // namespace chapter4
