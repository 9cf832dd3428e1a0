#include "network.h"

#include <cmath>

namespace chapter2 {

Network::Network(const std::vector<Index>& sizes, Dtype dtype) : w(2), b(2) {
  for (std::size_t l = 1; l < sizes.size(); ++l) {
    const double deviation = 1 / std::sqrt(static_cast<double>(sizes[l - 1]));
    w.push_back(Parameter(normal({sizes[l], sizes[l - 1]}, {.deviation = deviation, .dtype = dtype})));
    b.push_back(Parameter(normal({sizes[l], 1}, {.dtype = dtype})));
  }
}

Tensors Network::parameters() const {
  Tensors all;
  for (std::size_t l = 2; l <= layers(); ++l) all.insert(all.end(), {w[l], b[l]});
  return all;
}

Index Network::parameter_count() const {
  Index count = 0;
  for (const Tensor& parameter : parameters()) count += parameter.count();
  return count;
}

Neurons sigmoid_neurons() {
  return {
      .f = [](const Tensor& z, std::size_t) { return sigmoid(z); },
      .slope = [](const Tensor& z, std::size_t) { return sigmoid_prime(z); }};
}

Pass forward(const Network& network, const Tensor& x, const Neurons& neurons) {
  Pass pass{Tensors(2), Tensors(2)};
  pass.a[1] = x;
  for (std::size_t l = 2; l <= network.layers(); ++l) {
    pass.z.push_back(matmul(network.w[l], pass.a[l - 1]) + network.b[l]);
    pass.a.push_back(neurons.f(pass.z[l], l));
  }
  return pass;
}

Backward backpropagate(const Network& network, const Pass& pass, const Tensor& cost_slope, const Neurons& neurons) {
  const std::size_t last = network.layers();
  Backward backward{.delta = Tensors(last + 1), .gradients = {}};
  Tensors& delta = backward.delta;
  delta[last] = cost_slope * neurons.slope(pass.z[last], last);  // BP1a
  for (std::size_t l = last - 1; l >= 2; --l) {
    delta[l] = matmul(transpose(network.w[l + 1]), delta[l + 1]) * neurons.slope(pass.z[l], l);  // BP2
  }
  for (std::size_t l = 2; l <= last; ++l) {
    backward.gradients.push_back(matmul(delta[l], transpose(pass.a[l - 1])));  // BP4
    backward.gradients.push_back(sum(delta[l], 1, keep_axes));                 // BP3
  }
  return backward;
}

Tensor cost_of(const Cost& cost, const Pass& pass, const Tensor& y) {
  return cost(transpose(pass.output()), transpose(y));
}

Tensor slope_by_output(const Tensor& cost, const Pass& pass) {
  return gradients(cost, {pass.output()})[0];
}

Examples random_examples(const Network& network, Index count) {
  const Dtype dtype = network.w.back().dtype();
  const Index inputs = network.w[2].size(1), outputs = network.w.back().size(0);
  Examples examples{
      normal({inputs, count}, {.dtype = dtype}),
      transpose(one_hot(random_integers({count}, 0, outputs), outputs, dtype))};
  evaluate({examples.x, examples.y});
  return examples;
}

}  // namespace chapter2
