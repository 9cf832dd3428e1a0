#pragma once

#include <limits>

#include <gradus/graph/parameter.h>
#include <gradus/graph/tensor.h>

namespace gradus {

// Penalties are graph, to be added to a cost: cost + l2_penalty({w1, w2}, 5.0, 50000). `lambda` is a number or a
// scalar, so that a cost can be differentiated by it too; `examples` is the book's n, the size of the training set.
// They throw ValueError where there are no weights, one is an empty handle or examples < 1, and ShapeError where lambda
// is no scalar.

/// (λ/2n) Σ w², what the book's (85) to (87) add to a cost. Its gradient (λ/n) w makes steps (93).
Tensor l2_penalty(const Parameters& weights, const Operand& lambda, Index examples, Where where = Where::current());
/// (λ/n) Σ |w|, the book's (95). Its gradient (λ/n) sgn w, with sgn 0 = 0, makes steps (97).
Tensor l1_penalty(const Parameters& weights, const Operand& lambda, Index examples, Where where = Where::current());

/// Weights with every neuron's incoming ones scaled down to Euclidean norm `limit` where theirs is larger; others keep
/// their bits. Weights are [inputs, outputs], or, with more axes, [outputs, inputs, window…]; with fewer they are one
/// neuron's. Throws ValueError unless limit > 0. N. Srivastava et al., "Dropout: a simple way to prevent neural
/// networks from overfitting", 2014.
Tensor max_norm(const Operand& weights, double limit);

/// What an optimiser does to weights at every step, beside following the gradient.
struct Regularization {
  /// The book's λ in (93): w → (1 − ηλ/n) w − η ∂C₀/∂w. Decay does not pass through a velocity, so that with momentum
  /// it differs from l2_penalty in the cost; I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", 2019.
  double l2 = 0;
  /// The book's λ in (97): w → w − (ηλ/n) sgn w − η ∂C₀/∂w.
  double l1 = 0;
  /// The book's n: how many examples the training set has.
  Index examples = 1;
  /// After the step, as the function max_norm does it.
  double max_norm = std::numeric_limits<double>::infinity();
  /// Which parameters. None named: all that have at least two axes, so that biases are left alone, the book's (94).
  Parameters weights = {};

  bool decays() const { return l2 != 0 || l1 != 0; }
};

/// The weights that are meant, among an optimiser's parameters; none where nothing is asked for. Throws ValueError
/// where a number is out of range, a weight is not among the parameters, or no parameter is a weight.
Parameters regularized_weights(const Regularization& regularization, const Parameters& parameters, Where where);

/// (1 − ηλ₂/n) w − (ηλ₁/n) sgn w: what one step's decay leaves of w.
Tensor decayed(const Tensor& weights, const Tensor& learning_rate, const Regularization& regularization);

/// What `decayed` descends, for another n: (λ₂/2n) Σ w² + (λ₁/n) Σ |w|, or 0. Throws ValueError unless examples >= 1.
Tensor penalty_of(const Regularization& regularization, Index examples, Where where = Where::current());

}  // namespace gradus
