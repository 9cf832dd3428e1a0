#pragma once

#include <string>
#include <vector>

#include "network.h"

// The equations of the book's second chapter, each written out as it stands there, and how far each is from gradus'
// automatic derivatives and from central differences of the cost.
namespace book {

/// δ^L_j = ∂C/∂a^L_j σ′(z^L_j), neuron by neuron.
Vector bp1(const Vector& cost_gradient, const Vector& z);
/// δ^L = ∇_a C ⊙ σ′(z^L).
Vector bp1a(const Vector& cost_gradient, const Vector& z);
/// δ^L = (a^L − y) ⊙ σ′(z^L), for the quadratic cost.
Vector equation_30(const Vector& a, const Vector& y, const Vector& z);
/// δ^L = a^L − y, for the cross-entropy.
Vector equation_66(const Vector& a, const Vector& y);
/// δ^l_j = Σ_k w^{l+1}_kj δ^{l+1}_k σ′(z^l_j), neuron by neuron, (42) in the book's proof; and as matrices:
/// δ^l = ((w^{l+1})ᵀ δ^{l+1}) ⊙ σ′(z^l).
Vector bp2(const Matrix& next_w, const Vector& next_delta, const Vector& z);
Vector bp2_matrix(const Matrix& next_w, const Vector& next_delta, const Vector& z);
/// ∂C/∂b^l_j = δ^l_j.
Vector bp3(const Vector& delta);
/// ∂C/∂w^l_jk = a^{l−1}_k δ^l_j, weight by weight; and as matrices: δ^l (a^{l−1})ᵀ.
Matrix bp4(const Vector& previous_a, const Vector& delta);
Matrix bp4_matrix(const Vector& previous_a, const Vector& delta);
/// δ^L = Σ′(z^L) ∇_a C, with σ′(z) on the diagonal of a matrix.
Vector equation_33(const Vector& cost_gradient, const Vector& z);
/// δ^l = Σ′(z^l) (w^{l+1})ᵀ δ^{l+1}.
Vector equation_34(const Matrix& next_w, const Vector& next_delta, const Vector& z);
/// δ^l = Σ′(z^l) (w^{l+1})ᵀ … Σ′(z^{L−1}) (w^L)ᵀ Σ′(z^L) ∇_a C.
Vector equation_35(const Network& network, const Pass& pass, const Vector& cost_gradient, std::size_t l);
/// ∂C/∂w^l_jk as the sum over all paths from the weight to the cost of the product of the slopes along the path.
double equation_53(
    const Network& network, const Pass& pass, const Vector& cost_gradient, std::size_t l, std::size_t j, std::size_t k);

/// The gradients of the cost by weights and biases, numbered by layer.
struct Gradients {
  std::vector<Matrix> w;
  std::vector<Vector> b;
};
/// One example, by BP1 to BP4.
Gradients backpropagation(const Network& network, Cost kind, const Example& example);
/// The mean over a mini-batch, example by example, as in (20) and (21).
Gradients by_examples(const Network& network, Cost kind, const std::vector<Example>& examples);
/// The same as products of matrices that hold an example a column: the problem at the end of the chapter.
Gradients by_matrices(const Network& network, Cost kind, const std::vector<Example>& examples);

struct EquationError {
  std::string equation;         ///< "BP2"
  std::string statement;        ///< "δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ σ′(zˡ)"
  int comparisons = 0;          ///< numbers compared
  double from_automatic = 0;    ///< the largest difference, relative to the largest number compared
  double from_differences = 0;  ///< the same
  double beyond_estimate = 0;   ///< the largest |book − difference| over what the difference's own estimate allows
};

/// A central difference and how far off it may be by its own estimate.
struct Difference {
  double value = 0, allowed = 0;
};
/// Derivatives of the cost, two ways that know nothing of the book's equations.
struct Truth {
  Vector automatic;
  std::vector<Difference> differences;
};
/// Takes numbers that an equation gives into its error.
void compare(EquationError& error, const Vector& by_book, const Truth& truth);

/// All equations on one network and cost. The first example is the one of the single-example equations; all of them are
/// the mini-batch.
std::vector<EquationError> equation_errors(const Network& network, Cost kind, const std::vector<Example>& examples);

}  // namespace book
