#include <gradus/optim/regularization.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>
#include <gradus/graph/operators.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/reduction.h>

namespace gradus {

namespace {

void require_examples(Index examples, std::string_view whose, Where where) {
  if (examples >= 1) return;
  throw ValueError(fmt::format(
      "{}{}: {} examples are given; n is the size of the training set, at least 1", at(where), whose, examples));
}

using PenaltyTerm = Tensor (*)(const Operand& weights);

// (λ / divisor) Σ over all weights of a sum of terms.
Tensor penalty(
    std::string_view name, const Parameters& weights, const Operand& lambda, double divisor, PenaltyTerm term,
    Where where) {
  if (weights.empty()) throw ValueError(fmt::format("{}{}: there are no weights to penalise", at(where), name));
  if (lambda.tensor().rank() != 0) {
    throw ShapeError(
        fmt::format("{}{}: lambda must be a number or a scalar, not {}", at(where), name, describe(lambda.tensor())));
  }
  Tensor total;
  for (const Parameter& weight : weights) {
    if (weight.empty()) throw ValueError(fmt::format("{}{}: one of the weights is an empty handle", at(where), name));
    const Tensor part = term(Operand(weight, where));
    total = total.empty() ? part : Operand(total, where) + part;
  }
  return Operand(lambda.tensor(), where) * (Operand(total, where) * (1 / divisor));
}

Axes incoming(int rank) {
  if (rank < 2) return {};
  if (rank == 2) return 0;
  std::vector<Index> axes;
  for (Index axis = 1; axis < rank; ++axis) axes.push_back(axis);
  return Axes(axes);
}

void require_sizes(const Regularization& regularization, Where where) {
  for (const auto& [name, lambda] : {std::pair("l2", regularization.l2), std::pair("l1", regularization.l1)}) {
    if (std::isfinite(lambda) && lambda >= 0) continue;
    throw ValueError(
        fmt::format("{}regularization: {} is {}; it must be finite and at least 0", at(where), name, lambda));
  }
  if (!(regularization.max_norm > 0)) {
    throw ValueError(fmt::format(
        "{}regularization: max_norm is {}; it must be more than 0 (infinity: no limit)", at(where),
        regularization.max_norm));
  }
  require_examples(regularization.examples, "regularization", where);
}

}  // namespace

Tensor l2_penalty(const Parameters& weights, const Operand& lambda, Index examples, Where where) {
  require_examples(examples, "l2_penalty", where);
  const PenaltyTerm squares = [](const Operand& w) { return sum(square(w)); };
  return penalty("l2_penalty", weights, lambda, 2 * static_cast<double>(examples), squares, where);
}

Tensor l1_penalty(const Parameters& weights, const Operand& lambda, Index examples, Where where) {
  require_examples(examples, "l1_penalty", where);
  const PenaltyTerm sizes = [](const Operand& w) { return sum(absolute(w)); };
  return penalty("l1_penalty", weights, lambda, static_cast<double>(examples), sizes, where);
}

Tensor max_norm(const Operand& weights, double limit) {
  if (!(limit > 0)) {
    throw ValueError(fmt::format("{}max_norm: the limit is {}; it must be more than 0", at(weights.where()), limit));
  }
  if (std::isinf(limit)) return weights.tensor();
  const Tensor norms = norm(weights, incoming(weights.tensor().rank()), keep_axes);
  return weights * minimum(limit / norms, 1.0);
}

Parameters regularized_weights(const Regularization& regularization, const Parameters& parameters, Where where) {
  require_sizes(regularization, where);
  if (!regularization.decays() && std::isinf(regularization.max_norm)) return {};
  for (const Parameter& weight : regularization.weights) {
    if (std::find(parameters.begin(), parameters.end(), weight) != parameters.end()) continue;
    throw ValueError(fmt::format(
        "{}regularization: weight {} is not among the optimizer's parameters", at(where),
        weight.empty() ? "(an empty handle)" : weight.name()));
  }
  if (!regularization.weights.empty()) return regularization.weights;
  Parameters weights;
  std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(weights), [](const Parameter& parameter) {
    return parameter.rank() >= 2;
  });
  if (!weights.empty()) return weights;
  throw ValueError(fmt::format(
      "{}regularization: no parameter has two axes, so none is taken for weights; name them in .weights", at(where)));
}

Tensor decayed(const Tensor& weights, const Tensor& learning_rate, const Regularization& regularization) {
  const auto n = static_cast<double>(regularization.examples);
  Tensor left = weights;
  if (regularization.l2 != 0) left = (1.0 - learning_rate * (regularization.l2 / n)) * weights;
  if (regularization.l1 != 0) left = left - (learning_rate * (regularization.l1 / n)) * sign(weights);
  return left;
}

Tensor penalty_of(const Regularization& regularization, Index examples, Where where) {
  require_examples(examples, "penalty", where);
  Tensor total = 0.0;
  if (regularization.l2 != 0) total = total + l2_penalty(regularization.weights, regularization.l2, examples, where);
  if (regularization.l1 != 0) total = total + l1_penalty(regularization.weights, regularization.l1, examples, where);
  return total;
}

}  // namespace gradus
