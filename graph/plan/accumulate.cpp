#include <algorithm>

#include <gradus/graph/plan/draft.h>

namespace gradus::plan {

namespace {

// What an operation among those behind a kernel makes, as far as it is of use: Π addend factors·[addend] + sign·Π
// factors·[the result].
struct Term {
  enum class Kind { other, scalar, addend, scaled_result, sum };
  Kind kind = Kind::other;
  double sign = 1;
  std::vector<int> factors = {};  // inputs of the step; an addend's own until it is part of a sum
  int addend = -1;
  std::vector<int> addend_factors = {};
};

// Reads the operations behind a kernel as one formula, if they are linear in its result.
class Formula {
 public:
  Formula(const Draft& draft, VertexId step) : draft_(draft), step_(step) {
    for (const FusedInstruction& instruction : draft[step].fused) results_.push_back(term_of(instruction));
  }

  const Term& result() const { return results_.back(); }

 private:
  Term term_of(const FusedInstruction& instruction) const {
    const Operation& operation = *instruction.operation;
    if (!operation.is_elementwise()) return {.kind = Term::Kind::scaled_result};
    if (operation.bilinear) return product_of(operand(instruction.inputs[0]), operand(instruction.inputs[1]));
    if (operation.linear.size() == 1) return scaled(operand(instruction.inputs[0]), operation.linear[0]);
    if (operation.linear.size() != 2) return {};
    return sum_of(
        scaled(operand(instruction.inputs[0]), operation.linear[0]),
        scaled(operand(instruction.inputs[1]), operation.linear[1]));
  }

  Term operand(int input) const {
    const auto position = static_cast<std::size_t>(input >= 0 ? input : ~input);
    if (input < 0) return results_[position];
    const DraftVertex& step = draft_[step_];
    const DraftVertex& read = draft_[step.inputs[position]];
    if (read.dtype != step.dtype) return {};
    if (read.shape.count() == 1 && step.shape.count() != 1) return {.kind = Term::Kind::scalar, .factors = {input}};
    if (read.shape == step.shape && read.layout.is_dense()) return {.kind = Term::Kind::addend, .addend = input};
    return {};
  }

  static Term scaled(Term term, double by) {
    if (by != 1 && by != -1) return {};
    if (by == -1 && (term.kind == Term::Kind::addend || term.kind == Term::Kind::sum)) return {};
    term.sign *= by;
    return term;
  }

  static Term product_of(const Term& a, const Term& b) {
    const bool scalars = a.kind == Term::Kind::scalar || b.kind == Term::Kind::scalar;
    const Term& other = a.kind == Term::Kind::scalar ? b : a;
    if (!scalars || other.kind == Term::Kind::other || other.kind == Term::Kind::sum) return {};
    Term term{.kind = other.kind, .sign = a.sign * b.sign, .factors = a.factors, .addend = other.addend};
    if (term.kind == Term::Kind::addend && term.sign != 1) return {};
    term.factors.insert(term.factors.end(), b.factors.begin(), b.factors.end());
    return term;
  }

  static Term sum_of(const Term& a, const Term& b) {
    const Term& addend = a.kind == Term::Kind::addend ? a : b;
    const Term& result = a.kind == Term::Kind::addend ? b : a;
    if (addend.kind != Term::Kind::addend || result.kind != Term::Kind::scaled_result) return {};
    return {
        .kind = Term::Kind::sum,
        .sign = result.sign,
        .factors = result.factors,
        .addend = addend.addend,
        .addend_factors = addend.factors};
  }

  const Draft& draft_;
  VertexId step_;
  std::vector<Term> results_;
};

bool may_accumulate(const Draft& draft, VertexId v) {
  const DraftVertex& step = draft[v];
  if (!step.is_step() || step.kernel_instruction() != 0 || step.fused.size() < 2) return false;
  const DraftVertex& result = draft[step.fused.front().value];
  // The kernel's result, and it alone, must not be wanted by itself.
  return step.fused.front().operation->accumulates && result.dead && result.dtype == step.dtype &&
         draft.written_by(v).size() == 2;
}

void accumulate_in(Draft& draft, VertexId v) {
  const Term sum = Formula(draft, v).result();
  if (sum.kind != Term::Kind::sum) return;
  DraftVertex& step = draft[v];
  const auto kernel_inputs = step.fused.front().inputs.size();
  boost::container::small_vector<VertexId, 3> inputs(
      step.inputs.begin(), step.inputs.begin() + static_cast<std::ptrdiff_t>(kernel_inputs));
  inputs.push_back(step.inputs[static_cast<std::size_t>(sum.addend)]);
  for (const auto& factors : {sum.factors, sum.addend_factors}) {
    for (const int factor : factors) inputs.push_back(step.inputs[static_cast<std::size_t>(factor)]);
  }
  step.inputs = std::move(inputs);
  step.accumulation = {
      .sign = sum.sign,
      .factors = static_cast<int>(sum.factors.size()),
      .addend_factors = static_cast<int>(sum.addend_factors.size())};
}

}  // namespace

// Where all that is done with a kernel's result is to scale it and to add it to a value, the kernel does so itself.
void accumulate(Draft& draft) {
  for (const VertexId v : draft.order) {
    if (may_accumulate(draft, v)) accumulate_in(draft, v);
  }
}

}  // namespace gradus::plan
