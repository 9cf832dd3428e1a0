#pragma once

#include <cstddef>
#include <vector>

// The book's network in its own letters and in plain loops, with nothing of gradus in it: what automatic derivatives
// are compared with. Layers are numbered as in the book, from 1 (the input) to L, so w[l], b[l], z[l], a[l] stand for
// w^l …; places below the first layer that has them are empty.
namespace book {

using Vector = std::vector<double>;

struct Matrix {
  Matrix() = default;
  Matrix(std::size_t row_count, std::size_t column_count)
      : rows(row_count), columns(column_count), entries(row_count * column_count) {}
  std::size_t rows = 0, columns = 0;
  Vector entries;  ///< row by row
  double& operator()(std::size_t j, std::size_t k) { return entries[j * columns + k]; }
  double operator()(std::size_t j, std::size_t k) const { return entries[j * columns + k]; }
};

Matrix transposed(const Matrix& m);
Matrix product(const Matrix& a, const Matrix& b);
Vector product(const Matrix& a, const Vector& x);
Matrix diagonal(const Vector& x);
/// s ⊙ t, (28).
Vector hadamard(const Vector& s, const Vector& t);

double sigmoid(double z);        ///< (3)
double sigmoid_prime(double z);  ///< σ(z) (1 − σ(z))
Vector sigmoid_prime(const Vector& z);

enum class Cost { quadratic, cross_entropy };

struct Network {
  /// Weights and biases between −1 and 1, the same for the same seed.
  explicit Network(std::vector<std::size_t> layer_sizes, unsigned seed = 1);
  std::size_t layers() const { return sizes.size() - 1; }  ///< L

  std::vector<std::size_t> sizes;  ///< sizes[l], from 1 on
  std::vector<Matrix> w;           ///< w[l](j, k): from neuron k of layer l−1 to neuron j of layer l
  std::vector<Vector> b;
};

struct Example {
  Vector x, y;
};

/// Inputs between −1 and 1, and targets of which one is 1 and the others are 0.
std::vector<Example> examples(const Network& network, std::size_t count, unsigned seed = 2);

/// The weighted inputs and activations of one example, (23) and (25).
struct Pass {
  std::vector<Vector> z, a;
};
Pass forward(const Network& network, const Vector& x);
/// The same with z[layer][neuron] changed by `shift`, as the book's demon does it to define the error (29).
Pass forward_shifted(const Network& network, const Vector& x, std::size_t layer, std::size_t neuron, double shift);

/// (27), or (63) of one example.
double cost(Cost kind, const Vector& a, const Vector& y);
/// ∇_a C of one example.
Vector cost_gradient(Cost kind, const Vector& a, const Vector& y);

/// The mean of the examples' costs.
double cost(const Network& network, Cost kind, const std::vector<Example>& examples);

}  // namespace book
