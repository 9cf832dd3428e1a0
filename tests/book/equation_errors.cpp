#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/ops/activation.h>
#include <gradus/ops/linear_algebra.h>
#include <gradus/ops/loss.h>
#include <gradus/ops/movement.h>

#include "equations.h"

namespace book {

namespace {

/// ∂C/∂shift at 0 by central differences (46) at three steps, extrapolated twice; how far the second extrapolation
/// moved the result estimates its error.
Difference difference(const std::function<double(double)>& cost_at) {
  constexpr double step = 0x1p-7, epsilon = std::numeric_limits<double>::epsilon();
  const auto central = [&](double h) { return (cost_at(h) - cost_at(-h)) / (2 * h); };
  const double near = central(step), middle = central(2 * step), far = central(4 * step);
  const double once = (4 * near - middle) / 3, once_farther = (4 * middle - far) / 3;
  const double twice = (16 * once - once_farther) / 15;
  const double rounding = 16 * epsilon * std::abs(cost_at(0)) / step;
  return {twice, 4 * std::abs(twice - once) + rounding};
}

struct Layers {
  std::vector<Truth> delta, w, b;  ///< by layer
};

class Comparison {
 public:
  Comparison(std::string equation, std::string statement) {
    error_.equation = std::move(equation);
    error_.statement = std::move(statement);
  }
  void add(const Vector& by_book, const Truth& truth) { compare(error_, by_book, truth); }
  const EquationError& error() const { return error_; }

 private:
  EquationError error_;
};

gradus::Tensor matrix(const Matrix& m) {
  return gradus::tensor(m.entries, {static_cast<gradus::Index>(m.rows), static_cast<gradus::Index>(m.columns)});
}

gradus::Tensor vector(const Vector& v) {
  return gradus::tensor(v, {static_cast<gradus::Index>(v.size())});
}

gradus::Tensor cost_of(Cost kind, const gradus::Tensor& a, const gradus::Tensor& y) {
  return kind == Cost::quadratic ? gradus::quadratic_cost(a, y) : gradus::cross_entropy(a, y);
}

/// The network once more, as a graph in the book's orientation: columns of activations, w to their left.
Layers automatic_derivatives(const Network& network, Cost kind, const Example& example) {
  const std::size_t last = network.layers();
  gradus::Tensors by;
  gradus::Tensor a = vector(example.x);
  for (std::size_t l = 2; l <= last; ++l) {
    const gradus::Tensor w = matrix(network.w[l]), b = vector(network.b[l]);
    const gradus::Tensor z = matmul(w, a) + b;
    by.insert(by.end(), {z, w, b});
    a = gradus::sigmoid(z);
  }
  const gradus::Tensors found = gradients(cost_of(kind, a, vector(example.y)), by);
  evaluate(found);
  Layers layers{std::vector<Truth>(last + 1), std::vector<Truth>(last + 1), std::vector<Truth>(last + 1)};
  for (std::size_t l = 2; l <= last; ++l) {
    layers.delta[l].automatic = found[3 * (l - 2)].values<double>();
    layers.w[l].automatic = found[3 * (l - 2) + 1].values<double>();
    layers.b[l].automatic = found[3 * (l - 2) + 2].values<double>();
  }
  return layers;
}

/// A mini-batch as a graph: an example a row, as gradus has it.
Layers automatic_derivatives(const Network& network, Cost kind, const std::vector<Example>& examples) {
  const std::size_t last = network.layers();
  gradus::Tensors by, xs, ys;
  for (const Example& example : examples) {
    xs.push_back(vector(example.x));
    ys.push_back(vector(example.y));
  }
  gradus::Tensor a = gradus::stack(xs);
  for (std::size_t l = 2; l <= last; ++l) {
    const gradus::Tensor w = matrix(network.w[l]), b = vector(network.b[l]);
    by.insert(by.end(), {w, b});
    a = gradus::sigmoid(matmul(a, transpose(w)) + b);
  }
  const gradus::Tensors found = gradients(cost_of(kind, a, gradus::stack(ys)), by);
  evaluate(found);
  Layers layers{{}, std::vector<Truth>(last + 1), std::vector<Truth>(last + 1)};
  for (std::size_t l = 2; l <= last; ++l) {
    layers.w[l].automatic = found[2 * (l - 2)].values<double>();
    layers.b[l].automatic = found[2 * (l - 2) + 1].values<double>();
  }
  return layers;
}

void add_parameter_differences(
    const Network& network, Cost kind, const std::vector<Example>& examples, Layers& layers) {
  Network moved = network;
  for (std::size_t l = 2; l <= network.layers(); ++l) {
    const auto differences_by = [&](Vector& entries, Truth& truth) {
      for (double& entry : entries) {
        const double before = entry;
        truth.differences.push_back(difference([&](double shift) {
          entry = before + shift;
          return cost(moved, kind, examples);
        }));
        entry = before;
      }
    };
    differences_by(moved.w[l].entries, layers.w[l]);
    differences_by(moved.b[l], layers.b[l]);
  }
}

Layers truth_of(const Network& network, Cost kind, const Example& example) {
  Layers layers = automatic_derivatives(network, kind, example);
  add_parameter_differences(network, kind, {example}, layers);
  for (std::size_t l = 2; l <= network.layers(); ++l) {
    for (std::size_t j = 0; j < network.sizes[l]; ++j) {
      layers.delta[l].differences.push_back(difference([&](double shift) {
        return cost(kind, forward_shifted(network, example.x, l, j, shift).a.back(), example.y);
      }));
    }
  }
  return layers;
}

std::vector<EquationError> output_layer_errors(
    Cost kind, const Pass& pass, const Vector& y, const Vector& slope, const Truth& truth) {
  const std::size_t last = pass.z.size() - 1;
  Comparison components("BP1", "δᴸⱼ = ∂C/∂aᴸⱼ σ′(zᴸⱼ)"), matrices("BP1a", "δᴸ = ∇ₐC ⊙ σ′(zᴸ)"),
      diagonals("(33)", "δᴸ = Σ′(zᴸ) ∇ₐC");
  components.add(bp1(slope, pass.z[last]), truth);
  matrices.add(bp1a(slope, pass.z[last]), truth);
  diagonals.add(equation_33(slope, pass.z[last]), truth);
  std::vector<EquationError> errors{components.error(), matrices.error()};
  if (kind == Cost::quadratic) {
    Comparison quadratic("(30)", "δᴸ = (aᴸ − y) ⊙ σ′(zᴸ)");
    quadratic.add(equation_30(pass.a[last], y, pass.z[last]), truth);
    errors.push_back(quadratic.error());
  } else {
    Comparison entropy("(66)", "δᴸ = aᴸ − y");
    entropy.add(equation_66(pass.a[last], y), truth);
    errors.push_back(entropy.error());
  }
  errors.push_back(diagonals.error());
  return errors;
}

std::vector<EquationError> layer_errors(
    const Network& network, const Pass& pass, const Vector& slope, const Layers& truth) {
  const std::size_t last = network.layers();
  Comparison error("BP2", "δˡⱼ = Σₖ wˡ⁺¹ₖⱼ δˡ⁺¹ₖ σ′(zˡⱼ)"),
      error_matrix("BP2 as matrices", "δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ σ′(zˡ)");
  Comparison bias("BP3", "∂C/∂bˡⱼ = δˡⱼ"), weight("BP4", "∂C/∂wˡⱼₖ = aˡ⁻¹ₖ δˡⱼ");
  Comparison weight_matrix("BP4 as matrices", "∂C/∂wˡ = δˡ (aˡ⁻¹)ᵀ"), diagonals("(34)", "δˡ = Σ′(zˡ) (wˡ⁺¹)ᵀ δˡ⁺¹");
  Comparison chain("(35)", "δˡ = Σ′(zˡ) (wˡ⁺¹)ᵀ … Σ′(zᴸ) ∇ₐC"), paths("(53)", "∂C/∂w = Σ over paths Π ∂a/∂a");
  Vector delta = bp1(slope, pass.z[last]);
  for (std::size_t l = last; l >= 2; --l) {
    if (l < last) {
      error_matrix.add(bp2_matrix(network.w[l + 1], delta, pass.z[l]), truth.delta[l]);
      diagonals.add(equation_34(network.w[l + 1], delta, pass.z[l]), truth.delta[l]);
      delta = bp2(network.w[l + 1], delta, pass.z[l]);
      error.add(delta, truth.delta[l]);
    }
    chain.add(equation_35(network, pass, slope, l), truth.delta[l]);
    bias.add(bp3(delta), truth.b[l]);
    weight.add(bp4(pass.a[l - 1], delta).entries, truth.w[l]);
    weight_matrix.add(bp4_matrix(pass.a[l - 1], delta).entries, truth.w[l]);
    Vector along_paths;
    for (std::size_t j = 0; j < network.sizes[l]; ++j) {
      for (std::size_t k = 0; k < network.sizes[l - 1]; ++k) {
        along_paths.push_back(equation_53(network, pass, slope, l, j, k));
      }
    }
    paths.add(along_paths, truth.w[l]);
  }
  return {error.error(),         error_matrix.error(), bias.error(),  weight.error(),
          weight_matrix.error(), diagonals.error(),    chain.error(), paths.error()};
}

std::vector<EquationError> batch_errors(const Network& network, Cost kind, const std::vector<Example>& examples) {
  Layers truth = automatic_derivatives(network, kind, examples);
  add_parameter_differences(network, kind, examples, truth);
  Comparison separate("(20), (21)", "∂C/∂w = (1/m) Σₓ ∂Cₓ/∂w"),
      matrices("whole mini-batch", "∂C/∂wˡ = (1/m) Δˡ (Aˡ⁻¹)ᵀ");
  const Gradients one_by_one = by_examples(network, kind, examples), at_once = by_matrices(network, kind, examples);
  for (std::size_t l = 2; l <= network.layers(); ++l) {
    separate.add(one_by_one.w[l].entries, truth.w[l]);
    separate.add(one_by_one.b[l], truth.b[l]);
    matrices.add(at_once.w[l].entries, truth.w[l]);
    matrices.add(at_once.b[l], truth.b[l]);
  }
  return {separate.error(), matrices.error()};
}

double infinite_if_nan(double off) {
  return std::isnan(off) ? std::numeric_limits<double>::infinity() : off;
}

}  // namespace

void compare(EquationError& error, const Vector& by_book, const Truth& truth) {
  if (by_book.size() != truth.automatic.size() || by_book.size() != truth.differences.size()) {
    error.from_automatic = std::numeric_limits<double>::infinity();
    return;
  }
  double scale = std::numeric_limits<double>::min();
  for (const double entry : truth.automatic) scale = std::max(scale, std::abs(entry));
  for (std::size_t i = 0; i < by_book.size(); ++i) {
    const double automatic = infinite_if_nan(std::abs(by_book[i] - truth.automatic[i]));
    const double numerical = infinite_if_nan(std::abs(by_book[i] - truth.differences[i].value));
    error.from_automatic = std::max(error.from_automatic, automatic / scale);
    error.from_differences = std::max(error.from_differences, numerical / scale);
    error.beyond_estimate = std::max(error.beyond_estimate, infinite_if_nan(numerical / truth.differences[i].allowed));
    ++error.comparisons;
  }
}

std::vector<EquationError> equation_errors(const Network& network, Cost kind, const std::vector<Example>& examples) {
  const Example& example = examples.front();
  const Pass pass = forward(network, example.x);
  const Vector slope = cost_gradient(kind, pass.a.back(), example.y);
  const Layers truth = truth_of(network, kind, example);
  std::vector<EquationError> all = output_layer_errors(kind, pass, example.y, slope, truth.delta.back());
  for (const auto& more : {layer_errors(network, pass, slope, truth), batch_errors(network, kind, examples)}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace book
