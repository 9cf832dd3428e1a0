#include "chain.h"

#include <fmt/format.h>

namespace chapter5 {

Chain random_chains(Index neurons, Index count) {
  Chain chain;
  for (Index j = 0; j < neurons; ++j) {
    chain.w.push_back(normal({count}, {.dtype = Dtype::float64}).named(fmt::format("w{}", j + 1)));
    chain.b.push_back(normal({count}, {.dtype = Dtype::float64}).named(fmt::format("b{}", j + 1)));
  }
  evaluate(chain.w);
  evaluate(chain.b);
  return chain;
}

ChainPass forward(const Chain& chain, const Tensor& input) {
  ChainPass pass;
  for (std::size_t j = 0; j < chain.w.size(); ++j) {
    pass.z.push_back(chain.w[j] * (j == 0 ? input : pass.a.back()) + chain.b[j]);
    pass.a.push_back(sigmoid(pass.z.back()));
  }
  return pass;
}

Tensor cost(const ChainPass& pass, const Tensor& y) {
  return sum(square(pass.a.back() - y)) / 2;
}

Tensors factors(const Chain& chain, const ChainPass& pass) {
  Tensors all;
  for (std::size_t j = 1; j < chain.w.size(); ++j) all.push_back(chain.w[j] * sigmoid_prime(pass.z[j]));
  return all;
}

Tensor product_along(const Chain& chain, const ChainPass& pass, const Tensor& y) {
  Tensor product = sigmoid_prime(pass.z.front());
  for (const Tensor& factor : factors(chain, pass)) product *= factor;
  return product * (pass.a.back() - y);
}

}  // namespace chapter5
