#pragma once

#include <optional>

#include <gradus/graph/operation.h>
#include <gradus/graph/rewrite.h>

// What the planner may write instead of an operation. Values stay what they are to the bit, but for the sign of a zero,
// or come nearer to what the formula means: where sigmoid or softmax ran into 0 or 1 by rounding alone, a logarithm or
// quotient of theirs is finite instead of infinite or NaN, and elsewhere it differs by roundings; where a sigmoid or
// the like rounds several numbers to one, the greatest of these numbers is the maximum.

namespace gradus {

extern const Registered add_op, subtract_op, multiply_op, divide_op, negate_op, reciprocal_op;
extern const Registered sigmoid_op, sigmoid_prime_op, softplus_op, softmax_op, log_softmax_op;
extern const Registered reshape_op, transpose_op, concatenate_op;
extern const Registered relu_op, tanh_op, max_pool_op, max_pool_spread_op;

namespace identities {

std::optional<Term> of_sum(const Term& term);         ///< a + (-b) = a - b
std::optional<Term> of_difference(const Term& term);  ///< a - (-b) = a + b, 0 - b = -b
std::optional<Term> of_negation(const Term& term);    ///< -(-a) = a, -(a - b) = b - a
/// -1 a = -a, (-a) b = -(a b); (a / s) s = a and the like where s is a softmax or sigmoid, or its derivative.
std::optional<Term> of_product(const Term& term);
std::optional<Term> of_quotient(const Term& term);  ///< (-a) / b = a / (-b) = -(a / b)
/// log softmax z, log sigmoid z and log(1 - sigmoid z) without the detour over numbers that may round to 0.
std::optional<Term> of_logarithm(const Term& term);
/// max_pool a(x) = a(max_pool x) for activations that never decrease: a window's activation once instead of each
/// entry's. And on the way back: of_product makes spread(a(x), g) a'(x) into spread(x, g a'(max_pool x)).
std::optional<Term> of_max_pool(const Term& term);
std::optional<Term> of_spread_times_slope(const Term& term);
/// A reduction of single entries that gives back the entry.
std::optional<Term> of_reduction(const Term& term);
/// Σ a_t b_t of matrices as one product of all a_t side by side and all b_t one below another, where the sum is larger
/// than they are: the gradient of a weight that every step of a recurrent network uses.
std::optional<Term> of_summed_products(const std::vector<Term>& products);

}  // namespace identities

}  // namespace gradus
