#include <gradus/ops/identities.h>

#include <algorithm>

namespace gradus::identities {

namespace {

// Whether a part is as large as the whole, so that what is done to it costs no more there than here.
bool as_large(const Term& part, const Term& whole) {
  return part.shape() == whole.shape();
}

bool is_negation(const Term& part, const Term& whole) {
  return part.is(negate_op) && as_large(part, whole);
}

bool is_one_minus_sigmoid(const Term& term) {
  return term.is(subtract_op) && term[0].is_number(1) && term[1].is(sigmoid_op);
}

Term negated(const Term& whole, const Term& part) {
  return whole.with(negate_op, {part});
}

struct Quotient {
  Term numerator, denominator;
};

// a / b, or a (1/b) as derivatives have it.
std::optional<Quotient> as_quotient(const Term& term) {
  if (term.is(divide_op)) return Quotient{term[0], term[1]};
  if (!term.is(multiply_op)) return std::nullopt;
  for (const int i : {0, 1}) {
    if (term[i].is(reciprocal_op)) return Quotient{term[1 - i], term[i][0]};
  }
  return std::nullopt;
}

// x s for s > 0 that may have been rounded to 0.
std::optional<Term> times_positive(const Term& term, const Term& x, const Term& s) {
  if (!as_large(s, term)) return std::nullopt;
  if (const auto quotient = as_quotient(x); quotient && quotient->denominator == s) return quotient->numerator;
  if (!x.is(subtract_op)) return std::nullopt;
  // What softmax's derivative makes of a quotient: (a/s - b) s.
  const auto quotient = as_quotient(x[0]);
  if (!quotient || quotient->denominator != s) return std::nullopt;
  return term.with(subtract_op, {quotient->numerator, term.with(multiply_op, {x[1], s})});
}

// x s'(z) for x made of quotients by s(z) or 1 - s(z), s being the sigmoid: s' = s (1 - s), and 1 - s(z) = s(-z). Costs
// have few such terms; beyond them it is not worth looking.
std::optional<Term> times_sigmoid_prime(const Term& term, const Term& x, const Term& z, int depth = 4) {
  if (depth == 0 || !as_large(x, term) || !as_large(z, term)) return std::nullopt;
  if (x.is(negate_op)) {
    const auto part = times_sigmoid_prime(term, x[0], z, depth - 1);
    return part ? std::optional(negated(term, *part)) : std::nullopt;
  }
  if (x.is(add_op) || x.is(subtract_op)) {
    const auto left = times_sigmoid_prime(term, x[0], z, depth - 1);
    const auto right = left ? times_sigmoid_prime(term, x[1], z, depth - 1) : std::nullopt;
    return right ? std::optional(term.with(*x.operation(), {*left, *right})) : std::nullopt;
  }
  const auto quotient = as_quotient(x);
  if (!quotient) return std::nullopt;
  const auto& [a, s] = *quotient;
  if (s.is(sigmoid_op) && s[0] == z) return term.with(multiply_op, {a, term.with(sigmoid_op, {negated(term, z)})});
  if (is_one_minus_sigmoid(s) && s[1][0] == z) return term.with(multiply_op, {a, s[1]});
  return std::nullopt;
}

}  // namespace

std::optional<Term> of_sum(const Term& term) {
  if (is_negation(term[1], term)) return term.with(subtract_op, {term[0], term[1][0]});
  if (is_negation(term[0], term)) return term.with(subtract_op, {term[1], term[0][0]});
  return std::nullopt;
}

std::optional<Term> of_difference(const Term& term) {
  if (is_negation(term[1], term)) return term.with(add_op, {term[0], term[1][0]});
  if (term[0].is_number(0)) return negated(term, term[1]);
  return std::nullopt;
}

std::optional<Term> of_negation(const Term& term) {
  const Term x = term[0];
  if (x.is(negate_op)) return x[0];
  if (x.is(subtract_op)) return term.with(subtract_op, {x[1], x[0]});
  return std::nullopt;
}

std::optional<Term> of_product(const Term& term) {
  for (const int i : {0, 1}) {
    const Term a = term[i], b = term[1 - i];
    if (a.is_number(-1)) return negated(term, b);
    if (is_negation(a, term)) return negated(term, term.with(multiply_op, {a[0], b}));
    if (b.is(softmax_op) || b.is(sigmoid_op)) {
      if (const auto better = times_positive(term, a, b)) return better;
    }
    if (b.is(sigmoid_prime_op)) {
      if (const auto better = times_sigmoid_prime(term, a, b[0])) return better;
    }
  }
  return of_spread_times_slope(term);
}

std::optional<Term> of_quotient(const Term& term) {
  for (const int i : {0, 1}) {
    if (!is_negation(term[i], term)) continue;
    const Term numerator = i == 0 ? term[0][0] : term[0], denominator = i == 1 ? term[1][0] : term[1];
    return negated(term, term.with(divide_op, {numerator, denominator}));
  }
  return std::nullopt;
}

std::optional<Term> of_logarithm(const Term& term) {
  const Term x = term[0];
  if (x.is(softmax_op)) return term.with(log_softmax_op, {x[0]});
  // A part of a softmax, or one along another axis than the last.
  if (x.operation() && x.operation()->view && x[0].is(softmax_op)) {
    return term.with(*x.operation(), {x[0].with(log_softmax_op, {x[0][0]})}, x.attributes());
  }
  if (x.is(sigmoid_op)) return negated(term, term.with(softplus_op, {negated(term, x[0])}));
  if (is_one_minus_sigmoid(x)) return negated(term, term.with(softplus_op, {x[1][0]}));
  return std::nullopt;
}

std::optional<Term> of_reduction(const Term& term) {
  const Term x = term[0];
  if (x.shape().count() != term.shape().count() || x.shape().count() == 0) return std::nullopt;
  if (as_large(x, term)) return x;
  return term.with(reshape_op, {x}, Attributes(term.shape()));
}

namespace {

bool is_transposed_matrix(const Term& term) {
  const auto axes = term.attributes().integers();
  return term.is(transpose_op) && axes.size() == 2 && axes[0] == 1;
}

Term joined(const std::vector<Term>& matrices, Index axis) {
  Shape shape = matrices.front().shape();
  shape[static_cast<int>(axis)] = 0;
  for (const Term& matrix : matrices) shape[static_cast<int>(axis)] += matrix.shape()[static_cast<int>(axis)];
  return matrices.front().with(concatenate_op, matrices, {axis}, shape);
}

// Transposed ones are joined as they lie, row by row.
Term side_by_side(const std::vector<Term>& matrices) {
  if (!std::ranges::all_of(matrices, is_transposed_matrix)) return joined(matrices, 1);
  std::vector<Term> rows;
  for (const Term& matrix : matrices) rows.push_back(matrix[0]);
  const Term all = joined(rows, 0);
  return all.with(transpose_op, {all}, {1, 0}, {all.shape()[1], all.shape()[0]});
}

}  // namespace

std::optional<Term> of_summed_products(const std::vector<Term>& products) {
  // Beyond this a product that adds to the sum is as fast, and copies nothing.
  constexpr Index most_inner = 16;
  std::vector<Term> left, right;
  for (const Term& product : products) {
    const Term a = product[0], b = product[1];
    if (a.shape().rank() != 2 || b.shape().rank() != 2 || b.shape()[0] > most_inner) return std::nullopt;
    left.push_back(a);
    right.push_back(b);
  }
  const Term& sum = products.front();
  if (std::min(sum.shape()[0], sum.shape()[1]) < 2 * left.front().shape()[1]) return std::nullopt;
  return sum.with(*sum.operation(), {side_by_side(left), joined(right, 0)});
}

}  // namespace gradus::identities
