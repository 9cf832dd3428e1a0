#include <gradus/optim/conjugate_gradients.h>

#include <cmath>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/operation.h>
#include <gradus/graph/operators.h>
#include <gradus/ops/creation.h>
#include <gradus/ops/reduction.h>

namespace gradus {

namespace {

Tensor inner_product(const Tensors& a, const Tensors& b) {
  Tensor total = sum(a[0] * b[0]);
  for (std::size_t i = 1; i < a.size(); ++i) total = total + sum(a[i] * b[i]);
  return total;
}

// a + factor · b
Tensors add_scaled(const Tensors& a, const Tensor& factor, const Tensors& b) {
  Tensors result;
  for (std::size_t i = 0; i < a.size(); ++i) result.push_back(a[i] + factor * b[i]);
  return result;
}

// Without its history, which would otherwise grow from iteration to iteration.
Tensors detached(const Tensors& tensors) {
  Tensors result;
  for (const Tensor& tensor : tensors) result.push_back(tensor.detach());
  return result;
}

void check_right_side(const Tensors& b, Where where) {
  if (b.empty()) throw ValueError(at(where) + "conjugate_gradients: b holds no tensors");
  for (const Tensor& part : b) {
    if (is_floating(part.dtype()) && part.dtype() == b[0].dtype()) continue;
    throw DtypeError(fmt::format(
        "{}conjugate_gradients: all tensors must share one floating dtype, but they are {} and {}", at(where),
        describe(b[0]), describe(part)));
  }
}

void check_options(const ConjugateGradientsOptions& options, Where where) {
  if (options.max_iterations < 0) {
    throw ValueError(fmt::format(
        "{}conjugate_gradients: max_iterations is {}; it must be at least 0", at(where), options.max_iterations));
  }
  if (!(options.tolerance >= 0)) {
    throw ValueError(
        fmt::format("{}conjugate_gradients: the tolerance is {}; it must be at least 0", at(where), options.tolerance));
  }
}

void check_product(const Tensors& product, const Tensors& vector, Where where) {
  if (product.size() != vector.size()) {
    throw ValueError(fmt::format(
        "{}conjugate_gradients: the product must have as many tensors as the vector, {}, not {}", at(where),
        vector.size(), product.size()));
  }
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (product[i].shape() == vector[i].shape()) continue;
    throw ShapeError(fmt::format(
        "{}conjugate_gradients: the product of {} must have its shape, but is {}", at(where), describe(vector[i]),
        describe(product[i])));
  }
}

struct Iterate {
  Tensors x, residual, direction;
  Tensor squared_residual;
};

// The next iterate and p·Ap, evaluated in one plan.
std::pair<Iterate, double> next(const Iterate& now, const Tensors& product) {
  Tensor curvature = inner_product(now.direction, product);
  const Tensor length = now.squared_residual / curvature;
  Iterate following;
  following.x = add_scaled(now.x, length, now.direction);
  following.residual = add_scaled(now.residual, -length, product);
  following.squared_residual = inner_product(following.residual, following.residual);
  following.direction =
      add_scaled(following.residual, following.squared_residual / now.squared_residual, now.direction);
  Tensors all{curvature, following.squared_residual};
  for (const Tensors* part : {&following.x, &following.residual, &following.direction}) {
    all.insert(all.end(), part->begin(), part->end());
  }
  evaluate(all);
  return {
      {detached(following.x), detached(following.residual), detached(following.direction),
       following.squared_residual.detach()},
      curvature.item()};
}

}  // namespace

ConjugateGradientsResult conjugate_gradients(
    const LinearMap& product, const Tensors& b, const ConjugateGradientsOptions& options, Where where) {
  check_right_side(b, where);
  check_options(options, where);
  Index limit = options.max_iterations;
  ConjugateGradientsResult result;
  for (const Tensor& part : b) {
    result.solution.push_back(zeros_like(part).detach());
    if (options.max_iterations == 0) limit += part.count();
  }
  Iterate now{.x = result.solution, .residual = detached(b), .direction = detached(b), .squared_residual = {}};
  now.squared_residual = inner_product(now.residual, now.residual).detach();
  const double squared_size = now.squared_residual.item();
  if (squared_size == 0) return result;
  result.residual = 1;
  while (result.iterations < limit && !(result.residual <= options.tolerance)) {
    const Tensors image = product(now.direction);
    check_product(image, now.direction, where);
    auto [following, curvature] = next(now, image);
    if (std::isnan(curvature)) {
      throw ValueError(at(where) + "conjugate_gradients: the product with the matrix is not a number (NaN)");
    }
    if (curvature <= 0) {
      result.negative_curvature = true;
      if (result.iterations == 0) now.x = now.direction;
      break;
    }
    now = std::move(following);
    ++result.iterations;
    result.residual = std::sqrt(now.squared_residual.item() / squared_size);
  }
  result.solution = std::move(now.x);
  return result;
}

}  // namespace gradus
