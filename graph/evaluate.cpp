#include <gradus/graph/evaluate.h>

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include <gradus/graph/evaluation.h>

namespace gradus {

namespace {

// A kernel may itself evaluate something, so each level has an evaluation of its own.
class ScopedEvaluation {
 public:
  ScopedEvaluation() {
    if (idle.empty()) idle.push_back(std::make_unique<Evaluation>());
    evaluation_ = std::move(idle.back());
    idle.pop_back();
  }
  ~ScopedEvaluation() {
    evaluation_->reset();
    idle.push_back(std::move(evaluation_));
  }
  ScopedEvaluation(const ScopedEvaluation&) = delete;
  ScopedEvaluation& operator=(const ScopedEvaluation&) = delete;
  Evaluation* operator->() const { return evaluation_.get(); }

 private:
  static thread_local std::vector<std::unique_ptr<Evaluation>> idle;
  std::unique_ptr<Evaluation> evaluation_;
};

thread_local std::vector<std::unique_ptr<Evaluation>> ScopedEvaluation::idle;

bool all_there(const Tensors& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const Tensor& tensor) {
    return !tensor.empty() && tensor.node()->has_value() && !tensor.node()->parameter;
  });
}

}  // namespace

void check_assignments(const std::vector<Assignment>& assignments, Where where) {
  std::unordered_set<const ParameterState*> seen;
  for (const auto& [parameter, value] : assignments) {
    if (parameter.empty()) throw ValueError(at(where) + "assign: one of the parameters is an empty handle");
    if (value.empty()) {
      throw ValueError(
          fmt::format("{}assign: the value for parameter '{}' is an empty handle", at(where), parameter.name()));
    }
    if (!seen.insert(parameter.state()).second) {
      throw ValueError(fmt::format("{}assign: parameter '{}' is assigned twice", at(where), parameter.name()));
    }
    if (value.shape() != parameter.shape()) {
      throw ShapeError(fmt::format(
          "{}assign: parameter {} cannot take {}: shapes must be equal", at(where), describe(parameter.tensor()),
          describe(value)));
    }
    if (value.dtype() != parameter.dtype()) {
      throw DtypeError(fmt::format(
          "{}assign: parameter {} cannot take {}: dtypes must be equal; cast first", at(where),
          describe(parameter.tensor()), describe(value)));
    }
  }
}

void evaluate(const Tensors& tensors, Where where) {
  ScopedRule::forbid("evaluate", where);
  if (all_there(tensors)) return;
  evaluation_count().fetch_add(1, std::memory_order_relaxed);
  ScopedEvaluation()->run(tensors, {}, where);
}

void assign(const std::vector<Assignment>& assignments, const Tensors& tensors, Where where) {
  ScopedRule::forbid("assign", where);
  check_assignments(assignments, where);
  evaluation_count().fetch_add(1, std::memory_order_relaxed);
  ScopedEvaluation()->run(tensors, assignments, where);
}

std::uint64_t new_identity() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

void assign_derived(const Tensor& cost, const Derivation& derivation, Where where) {
  ScopedRule::forbid("assign", where);
  evaluation_count().fetch_add(1, std::memory_order_relaxed);
  ScopedEvaluation()->run_derived({cost}, derivation, where);
}

}  // namespace gradus
