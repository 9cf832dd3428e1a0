#include "network.h"

namespace chapter1 {

using namespace gradus;

Network::Network(const std::vector<Index>& sizes) {
  for (std::size_t layer = 1; layer < sizes.size(); ++layer) {
    weights.emplace_back(normal({sizes[layer - 1], sizes[layer]}), "w" + std::to_string(layer));
    biases.emplace_back(normal({sizes[layer]}), "b" + std::to_string(layer));
  }
}

Tensor Network::operator()(Tensor a) const {
  for (std::size_t layer = 0; layer < weights.size(); ++layer) a = sigmoid(matmul(a, weights[layer]) + biases[layer]);
  return a;
}

Parameters Network::parameters() const {
  Parameters all = weights;
  all.insert(all.end(), biases.begin(), biases.end());
  return all;
}

Tensor predictions(const Network& network, const Tensor& images) {
  return argmax(network(images), 1);
}

Index count_right(const Tensor& predicted, const Tensor& labels) {
  return count_nonzero(equal(predicted, labels)).item<std::int32_t>();
}

}  // namespace chapter1
