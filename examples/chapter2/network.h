#pragma once

#include <functional>
#include <vector>

#include <gradus/gradus.h>
#include <program/comparison.h>

// The book's network as graph, in the book's orientation: examples are columns, so a layer is w a + b, as in (25). In
// float64, where two ways to the same numbers agree to some 1e-16.
namespace chapter2 {

using namespace gradus;

/// Layers count from 1, the inputs, to L: w[l] is [neurons of l, neurons of l − 1] and b[l] is [neurons of l, 1]. The
/// places before layer 2, which has the first weights, are empty. All are parameters as they stand: what is computed
/// from a parameter can be differentiated after it was evaluated, too.
struct Network {
  Tensors w, b;

  /// Weights from N(0, 1/inputs) and biases from N(0, 1), from the program's generator: no neuron starts saturated.
  explicit Network(const std::vector<Index>& sizes, Dtype dtype = Dtype::float64);
  /// L.
  std::size_t layers() const { return w.size() - 1; }
  /// w², b², w³, b³ …, to differentiate by.
  Tensors parameters() const;
  /// How many weights and biases there are.
  Index parameter_count() const;
};

/// What the neurons of a layer do to their weighted inputs, and its slope.
struct Neurons {
  std::function<Tensor(const Tensor& z, std::size_t layer)> f, slope;
};
Neurons sigmoid_neurons();

/// Weighted inputs and activations of every layer, for the examples in the columns of x = a¹.
struct Pass {
  Tensors z, a;
  const Tensor& output() const { return a.back(); }
};
Pass forward(const Network& network, const Tensor& x, const Neurons& neurons = sigmoid_neurons());

/// The errors δ of layers 2 to L, and ∂C/∂w and ∂C/∂b in the order of parameters().
struct Backward {
  Tensors delta, gradients;
};

/// BP1 to BP4 for a mini-batch at once: the columns of Δˡ are the examples' errors, so Δˡ (Aˡ⁻¹)ᵀ sums over examples
/// already. Of the cost it is given ∇ₐC and nothing else.
Backward backpropagate(
    const Network& network, const Pass& pass, const Tensor& cost_slope, const Neurons& neurons = sigmoid_neurons());

/// A cost of outputs and targets whose examples are rows, as all of the library's are.
using Cost = std::function<Tensor(const Tensor& output, const Tensor& target)>;
Tensor cost_of(const Cost& cost, const Pass& pass, const Tensor& y);
/// ∇ₐC, from the cost alone.
Tensor slope_by_output(const Tensor& cost, const Pass& pass);

/// Columns to try a network on: inputs from N(0, 1), targets of which one is 1 and the others are 0.
struct Examples {
  Tensor x, y;
};
Examples random_examples(const Network& network, Index count);

using program::relative_difference;
using program::worse;

}  // namespace chapter2
