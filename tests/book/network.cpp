#include "network.h"

#include <cmath>
#include <random>

namespace book {

Matrix transposed(const Matrix& m) {
  Matrix turned(m.columns, m.rows);
  for (std::size_t j = 0; j < m.rows; ++j) {
    for (std::size_t k = 0; k < m.columns; ++k) turned(k, j) = m(j, k);
  }
  return turned;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.columns);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t k = 0; k < b.columns; ++k) {
      for (std::size_t j = 0; j < a.columns; ++j) c(i, k) += a(i, j) * b(j, k);
    }
  }
  return c;
}

Vector product(const Matrix& a, const Vector& x) {
  Vector y(a.rows);
  for (std::size_t j = 0; j < a.rows; ++j) {
    for (std::size_t k = 0; k < a.columns; ++k) y[j] += a(j, k) * x[k];
  }
  return y;
}

Matrix diagonal(const Vector& x) {
  Matrix d(x.size(), x.size());
  for (std::size_t j = 0; j < x.size(); ++j) d(j, j) = x[j];
  return d;
}

Vector hadamard(const Vector& s, const Vector& t) {
  Vector product(s.size());
  for (std::size_t j = 0; j < s.size(); ++j) product[j] = s[j] * t[j];
  return product;
}

double sigmoid(double z) {
  return 1 / (1 + std::exp(-z));
}

double sigmoid_prime(double z) {
  return sigmoid(z) * (1 - sigmoid(z));
}

Vector sigmoid_prime(const Vector& z) {
  Vector slopes;
  for (const double entry : z) slopes.push_back(sigmoid_prime(entry));
  return slopes;
}

Network::Network(std::vector<std::size_t> layer_sizes, unsigned seed) : sizes{0} {
  sizes.insert(sizes.end(), layer_sizes.begin(), layer_sizes.end());
  w.resize(sizes.size());
  b.resize(sizes.size());
  std::mt19937 random(seed);
  const auto draw = [&] { return 2 * (static_cast<double>(random()) / 4294967296.0) - 1; };
  for (std::size_t l = 2; l <= layers(); ++l) {
    w[l] = Matrix(sizes[l], sizes[l - 1]);
    for (double& entry : w[l].entries) entry = draw();
    b[l].resize(sizes[l]);
    for (double& entry : b[l]) entry = draw();
  }
}

std::vector<Example> examples(const Network& network, std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  const std::size_t outputs = network.sizes.back();
  std::vector<Example> all(count);
  for (Example& example : all) {
    for (std::size_t k = 0; k < network.sizes[1]; ++k) {
      example.x.push_back(2 * (static_cast<double>(random()) / 4294967296.0) - 1);
    }
    example.y.assign(outputs, 0);
    example.y[random() % outputs] = 1;
  }
  return all;
}

Pass forward(const Network& network, const Vector& x) {
  return forward_shifted(network, x, 0, 0, 0);
}

Pass forward_shifted(const Network& network, const Vector& x, std::size_t layer, std::size_t neuron, double shift) {
  Pass pass;
  pass.z.resize(network.sizes.size());
  pass.a.resize(network.sizes.size());
  pass.a[1] = x;
  for (std::size_t l = 2; l <= network.layers(); ++l) {
    for (std::size_t j = 0; j < network.sizes[l]; ++j) {
      double z = network.b[l][j];
      for (std::size_t k = 0; k < network.sizes[l - 1]; ++k) z += network.w[l](j, k) * pass.a[l - 1][k];
      if (l == layer && j == neuron) z += shift;
      pass.z[l].push_back(z);
      pass.a[l].push_back(sigmoid(z));
    }
  }
  return pass;
}

double cost(Cost kind, const Vector& a, const Vector& y) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) {
    if (kind == Cost::quadratic) {
      sum += (y[j] - a[j]) * (y[j] - a[j]) / 2;
    } else {
      sum -= y[j] * std::log(a[j]) + (1 - y[j]) * std::log(1 - a[j]);
    }
  }
  return sum;
}

Vector cost_gradient(Cost kind, const Vector& a, const Vector& y) {
  Vector gradient;
  for (std::size_t j = 0; j < a.size(); ++j) {
    const double difference = a[j] - y[j];
    gradient.push_back(kind == Cost::quadratic ? difference : difference / (a[j] * (1 - a[j])));
  }
  return gradient;
}

double cost(const Network& network, Cost kind, const std::vector<Example>& examples) {
  double sum = 0;
  for (const Example& example : examples) sum += cost(kind, forward(network, example.x).a.back(), example.y);
  return sum / static_cast<double>(examples.size());
}

}  // namespace book
