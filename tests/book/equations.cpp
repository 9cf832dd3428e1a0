#include "equations.h"

namespace book {

Vector bp1(const Vector& cost_gradient, const Vector& z) {
  Vector delta(z.size());
  for (std::size_t j = 0; j < z.size(); ++j) delta[j] = cost_gradient[j] * sigmoid_prime(z[j]);
  return delta;
}

Vector bp1a(const Vector& cost_gradient, const Vector& z) {
  return hadamard(cost_gradient, sigmoid_prime(z));
}

Vector equation_30(const Vector& a, const Vector& y, const Vector& z) {
  return hadamard(equation_66(a, y), sigmoid_prime(z));
}

Vector equation_66(const Vector& a, const Vector& y) {
  Vector delta(a.size());
  for (std::size_t j = 0; j < a.size(); ++j) delta[j] = a[j] - y[j];
  return delta;
}

Vector bp2(const Matrix& next_w, const Vector& next_delta, const Vector& z) {
  Vector delta(z.size());
  for (std::size_t j = 0; j < z.size(); ++j) {
    for (std::size_t k = 0; k < next_delta.size(); ++k) delta[j] += next_w(k, j) * next_delta[k] * sigmoid_prime(z[j]);
  }
  return delta;
}

Vector bp2_matrix(const Matrix& next_w, const Vector& next_delta, const Vector& z) {
  return hadamard(product(transposed(next_w), next_delta), sigmoid_prime(z));
}

Vector bp3(const Vector& delta) {
  return delta;
}

Matrix bp4(const Vector& previous_a, const Vector& delta) {
  Matrix gradient(delta.size(), previous_a.size());
  for (std::size_t j = 0; j < delta.size(); ++j) {
    for (std::size_t k = 0; k < previous_a.size(); ++k) gradient(j, k) = previous_a[k] * delta[j];
  }
  return gradient;
}

namespace {

Matrix column(const Vector& x) {
  Matrix m(x.size(), 1);
  m.entries = x;
  return m;
}

}  // namespace

Matrix bp4_matrix(const Vector& previous_a, const Vector& delta) {
  return product(column(delta), transposed(column(previous_a)));
}

Vector equation_33(const Vector& cost_gradient, const Vector& z) {
  return product(diagonal(sigmoid_prime(z)), cost_gradient);
}

Vector equation_34(const Matrix& next_w, const Vector& next_delta, const Vector& z) {
  return product(product(diagonal(sigmoid_prime(z)), transposed(next_w)), next_delta);
}

Vector equation_35(const Network& network, const Pass& pass, const Vector& cost_gradient, std::size_t l) {
  Matrix chain = diagonal(sigmoid_prime(pass.z[l]));
  for (std::size_t next = l + 1; next <= network.layers(); ++next) {
    chain = product(product(chain, transposed(network.w[next])), diagonal(sigmoid_prime(pass.z[next])));
  }
  return product(chain, cost_gradient);
}

namespace {

/// The paths that go on from neuron q of layer l: Σ ∂C/∂a^L_m ∂a^L_m/∂a^{L−1}_n … ∂a^{l+1}_p/∂a^l_q.
double sum_over_paths(
    const Network& network, const Pass& pass, const Vector& cost_gradient, std::size_t l, std::size_t q,
    double so_far) {
  if (l == network.layers()) return so_far * cost_gradient[q];
  double sum = 0;
  for (std::size_t p = 0; p < network.sizes[l + 1]; ++p) {
    const double slope = sigmoid_prime(pass.z[l + 1][p]) * network.w[l + 1](p, q);
    sum += sum_over_paths(network, pass, cost_gradient, l + 1, p, so_far * slope);
  }
  return sum;
}

}  // namespace

double equation_53(
    const Network& network, const Pass& pass, const Vector& cost_gradient, std::size_t l, std::size_t j,
    std::size_t k) {
  const double first = sigmoid_prime(pass.z[l][j]) * pass.a[l - 1][k];
  return sum_over_paths(network, pass, cost_gradient, l, j, first);
}

Gradients backpropagation(const Network& network, Cost kind, const Example& example) {
  const std::size_t last = network.layers();
  const Pass pass = forward(network, example.x);
  Gradients gradients{std::vector<Matrix>(last + 1), std::vector<Vector>(last + 1)};
  Vector delta = bp1(cost_gradient(kind, pass.a[last], example.y), pass.z[last]);
  for (std::size_t l = last; l >= 2; --l) {
    if (l < last) delta = bp2(network.w[l + 1], delta, pass.z[l]);
    gradients.b[l] = bp3(delta);
    gradients.w[l] = bp4(pass.a[l - 1], delta);
  }
  return gradients;
}

Gradients by_examples(const Network& network, Cost kind, const std::vector<Example>& examples) {
  Gradients mean;
  const auto count = static_cast<double>(examples.size());
  for (const Example& example : examples) {
    const Gradients one = backpropagation(network, kind, example);
    if (mean.w.empty()) {
      mean = one;
      for (Matrix& w : mean.w) w = Matrix(w.rows, w.columns);
      for (Vector& b : mean.b) b.assign(b.size(), 0);
    }
    for (std::size_t l = 2; l <= network.layers(); ++l) {
      for (std::size_t i = 0; i < mean.w[l].entries.size(); ++i) mean.w[l].entries[i] += one.w[l].entries[i] / count;
      for (std::size_t i = 0; i < mean.b[l].size(); ++i) mean.b[l][i] += one.b[l][i] / count;
    }
  }
  return mean;
}

Gradients by_matrices(const Network& network, Cost kind, const std::vector<Example>& examples) {
  const std::size_t last = network.layers(), count = examples.size();
  std::vector<Matrix> z(last + 1), a(last + 1);
  a[1] = Matrix(network.sizes[1], count);
  for (std::size_t e = 0; e < count; ++e) {
    for (std::size_t j = 0; j < network.sizes[1]; ++j) a[1](j, e) = examples[e].x[j];
  }
  for (std::size_t l = 2; l <= last; ++l) {
    z[l] = product(network.w[l], a[l - 1]);
    a[l] = Matrix(z[l].rows, count);
    for (std::size_t j = 0; j < z[l].rows; ++j) {
      for (std::size_t e = 0; e < count; ++e) a[l](j, e) = sigmoid(z[l](j, e) += network.b[l][j]);
    }
  }
  Gradients gradients{std::vector<Matrix>(last + 1), std::vector<Vector>(last + 1)};
  Matrix delta(network.sizes[last], count);
  for (std::size_t e = 0; e < count; ++e) {
    Vector output;
    for (std::size_t j = 0; j < delta.rows; ++j) output.push_back(a[last](j, e));
    const Vector slope = cost_gradient(kind, output, examples[e].y);
    for (std::size_t j = 0; j < delta.rows; ++j) delta(j, e) = slope[j];
  }
  for (std::size_t l = last; l >= 2; --l) {
    if (l < last) delta = product(transposed(network.w[l + 1]), delta);
    delta.entries = hadamard(delta.entries, sigmoid_prime(z[l].entries));
    gradients.w[l] = product(delta, transposed(a[l - 1]));
    gradients.b[l] = product(delta, Vector(count, 1.0));
    for (double& entry : gradients.w[l].entries) entry /= static_cast<double>(count);
    for (double& entry : gradients.b[l]) entry /= static_cast<double>(count);
  }
  return gradients;
}

}  // namespace book
