#include <gradus/ops/identities.h>

namespace gradus::identities {

namespace {

bool never_decreases(const Term& activation) {
  return activation.is(relu_op) || activation.is(sigmoid_op) || activation.is(tanh_op) || activation.is(softplus_op);
}

// An activation in front of a pool; the pool may see its axes in another order.
struct Activated {
  Term value;       // as the pool reads it
  Term activation;  // the same before its axes change places

  // What is activated, as the pool would read it.
  Term inputs() const {
    const Term x = activation[0];
    return value == activation ? x : value.with(transpose_op, {x}, value.attributes());
  }
};

std::optional<Activated> as_activated(const Term& value) {
  if (never_decreases(value)) return Activated{value, value};
  if (value.is(transpose_op) && never_decreases(value[0])) return Activated{value, value[0]};
  return std::nullopt;
}

bool are_inverse(const Term& transposition, const Term& other) {
  const auto there = transposition.attributes().integers(), back = other.attributes().integers();
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (back[static_cast<std::size_t>(there[i])] != static_cast<Index>(i)) return false;
  }
  return true;
}

std::optional<Term> spread_of_less(const Term& moved, const Term& slope) {
  const Term spread = moved.is(transpose_op) ? moved[0] : moved;
  if (!spread.is(max_pool_spread_op) || !slope.operation() || slope.operation()->inputs.size() != 1) {
    return std::nullopt;
  }
  const auto activated = as_activated(spread[0]);
  if (!activated) return std::nullopt;
  const bool moves = activated->value != activated->activation;
  if (moves != moved.is(transpose_op) || (moves && !are_inverse(moved, activated->value))) return std::nullopt;
  const bool of_result = slope[0] == activated->activation;
  if (!of_result && slope[0] != activated->activation[0]) return std::nullopt;

  const Term x = activated->inputs(), g = spread[1];
  const Term greatest = g.with(max_pool_op, {x}, spread.attributes());
  const Term at = of_result ? g.with(*activated->activation.operation(), {greatest}) : greatest;
  const Term product = g.with(multiply_op, {g, g.with(*slope.operation(), {at}, slope.attributes())});
  const Term less = spread.with(max_pool_spread_op, {x, product}, spread.attributes());
  return moves ? moved.with(transpose_op, {less}, moved.attributes()) : less;
}

}  // namespace

std::optional<Term> of_max_pool(const Term& term) {
  const auto activated = as_activated(term[0]);
  if (!activated) return std::nullopt;
  const Term greatest = term.with(max_pool_op, {activated->inputs()}, term.attributes());
  return term.with(*activated->activation.operation(), {greatest});
}

std::optional<Term> of_spread_times_slope(const Term& term) {
  for (const int i : {0, 1}) {
    if (term[i].shape() != term.shape() || term[1 - i].shape() != term.shape()) continue;
    if (const auto better = spread_of_less(term[i], term[1 - i])) return better;
  }
  return std::nullopt;
}

}  // namespace gradus::identities
