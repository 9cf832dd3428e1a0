#pragma once

#include <gradus/gradus.h>

// "The simplest deep neural network": single neurons in a chain, each with one input. In float64.
namespace chapter5 {

using namespace gradus;

/// Weights and biases along the chain, the first neuron's first. Each is a scalar, or has an entry for each of many
/// chains that are computed side by side.
struct Chain {
  Tensors w, b;
};

/// A chain of so many neurons with weights and biases from N(0, 1); `count` of them side by side.
Chain random_chains(Index neurons, Index count);

/// z_j = w_j a_{j−1} + b_j and a_j = σ(z_j) along the chain.
struct ChainPass {
  Tensors z, a;
};
ChainPass forward(const Chain& chain, const Tensor& input);

/// (a − y)²/2 of the last neuron; of many chains, the sum, since no parameter is in two of them.
Tensor cost(const ChainPass& pass, const Tensor& y);

/// The factors w_j σ′(z_j) of (122), from the second neuron on.
Tensors factors(const Chain& chain, const ChainPass& pass);

/// (122): σ′(z₁) · w₂σ′(z₂) · … · ∂C/∂a of the last neuron. It is ∂C/∂b₁.
Tensor product_along(const Chain& chain, const ChainPass& pass, const Tensor& y);

}  // namespace chapter5
