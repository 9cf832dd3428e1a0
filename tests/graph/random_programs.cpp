#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>

#include "graph/random_words.h"

using namespace gradus;

// Programs that build, read, hold, drop, assign and train in any order, and a model that computes at once what every
// value must be. A value built on a parameter that has moved on since may be an error, but never another value.

namespace {

using Entries = std::vector<double>;
constexpr int rows = 2, columns = 3, entry_count = rows * columns, parameter_count = 3;

std::size_t at(int row, int column) {
  return static_cast<std::size_t>(row * columns + column);
}

/// Every value is a matrix of 2 × 3, made of one or two others.
constexpr int operation_count = 10;

Tensor built(int operation, const Tensor& a, const Tensor& b) {
  switch (operation) {
    case 0:
      return a + b;
    case 1:
      return tanh(a * b);
    case 2:
      return tanh(a);
    case 3:
      return a - mean(b);
    case 4:
      return a * sum(b, 1, true) * 0.25;
    case 5:
      return tanh(matmul(matmul(a, transpose(b)), a));
    case 6:
      return flip(a, {1});
    case 7:
      return concatenate({slice(a, 1, 0, 1), slice(b, 1, 1, 3)}, 1);
    case 8:
      return reshape(transpose(reshape(a, {3, 2})), {2, 3}) - b * 0.5;
    default:
      return sigmoid(a) - 0.5;
  }
}

Entries computed(int operation, const Entries& a, const Entries& b) {
  Entries y(entry_count);
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / entry_count;
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      const double x = a[at(i, j)], other = b[at(i, j)];
      const auto of = [&]() -> double {
        switch (operation) {
          case 0:
            return x + other;
          case 1:
            return std::tanh(x * other);
          case 2:
            return std::tanh(x);
          case 3:
            return x - mean_b;
          case 4:
            return x * (b[at(i, 0)] + b[at(i, 1)] + b[at(i, 2)]) * 0.25;
          case 5: {
            double sum = 0;
            for (int k = 0; k < rows; ++k) {
              for (int l = 0; l < columns; ++l) sum += a[at(i, l)] * b[at(k, l)] * a[at(k, j)];
            }
            return std::tanh(sum);
          }
          case 6:
            return a[at(i, columns - 1 - j)];
          case 7:
            return j == 0 ? x : other;
          case 8:
            return a[static_cast<std::size_t>(j * rows + i)] - other * 0.5;
          default:
            return 1 / (1 + std::exp(-x)) - 0.5;
        }
      };
      y[at(i, j)] = of();
    }
  }
  return y;
}

/// What a value is made of, and what it is.
struct Made {
  int operation = -1;  ///< −1: a version of a parameter; −2: a gradient, which the model does not differentiate again
  int a = 0, b = 0;
  Entries entries = {};
  std::array<std::uint64_t, parameter_count> versions = {};  ///< bit i: made of version i, of the last 64
};

struct Variable {
  Tensor tensor;
  int made;
  bool read = false;   ///< so its value stays
  bool maybe = false;  ///< something was evaluated that may have left its value
};

class Program {
 public:
  Program() {
    for (int i = 0; i < parameter_count; ++i) {
      Entries entries;
      for (int k = 0; k < entry_count; ++k) entries.push_back(std::sin(1 + 3 * i + k));
      parameters_.emplace_back(tensor(entries, {rows, columns}));
      leaf(i, entries);
    }
  }

  void run(std::uint16_t word) {
    const int first = word / 16, second = word / 240, kind = word % 16;
    if (kind < 6) create(first % operation_count, first / 7, second);
    if (kind == 6 || kind == 7) read(variable(first));
    if (kind == 8) evaluate_some(first, second);
    if (kind == 9) assign_one(first % parameter_count, second);
    if (kind == 10) assign_two(first, second);
    if (kind == 11) step(first, second);
    if (kind == 12) drop(first);
    if (kind == 13) differentiate(first, second);
    if (kind == 14) check_parameter(first % parameter_count);
    if (kind == 15) detach(first);
  }

  void finish() {
    for (int i = 0; i < parameter_count; ++i) check_parameter(i);
    for (Variable& each : variables_) read(each);
  }

 private:
  int leaf(int parameter, Entries entries) {
    Made made{.operation = -1, .entries = std::move(entries)};
    version_[static_cast<std::size_t>(parameter)] = (version_[static_cast<std::size_t>(parameter)] + 1) % 64;
    made.versions[static_cast<std::size_t>(parameter)] = bit(parameter);
    made_.push_back(made);
    leaves_[static_cast<std::size_t>(parameter)] = static_cast<int>(made_.size()) - 1;
    return static_cast<int>(made_.size()) - 1;
  }
  std::uint64_t bit(int parameter) const { return std::uint64_t{1} << version_[static_cast<std::size_t>(parameter)]; }

  bool is_stale(int made) const {
    for (int i = 0; i < parameter_count; ++i) {
      if ((made_[static_cast<std::size_t>(made)].versions[static_cast<std::size_t>(i)] & ~bit(i)) != 0) return true;
    }
    return false;
  }
  const Entries& entries(int made) const { return made_[static_cast<std::size_t>(made)].entries; }

  Variable& variable(int number) {
    if (variables_.empty()) create(2, 0, 1);
    return variables_[static_cast<std::size_t>(number) % variables_.size()];
  }

  int operand_count() const { return parameter_count + static_cast<int>(variables_.size()); }
  /// A parameter or a variable.
  Variable operand(int number) {
    const int i = number % operand_count();
    if (i >= parameter_count) return variables_[static_cast<std::size_t>(i - parameter_count)];
    return {parameters_[static_cast<std::size_t>(i)].tensor(), leaves_[static_cast<std::size_t>(i)]};
  }

  void create(int operation, int first, int second) {
    const Variable a = operand(first), b = operand(second);
    Made made{.operation = operation, .a = a.made, .b = b.made};
    made.entries = computed(operation, entries(a.made), entries(b.made));
    if (!is_moderate(made.entries)) return;
    for (std::size_t i = 0; i < parameter_count; ++i) {
      made.versions[i] = made_[static_cast<std::size_t>(a.made)].versions[i];
      if (uses_b(operation)) made.versions[i] |= made_[static_cast<std::size_t>(b.made)].versions[i];
    }
    made_.push_back(made);
    // What was evaluated may be built on whatever has moved since.
    const bool maybe = a.read || a.maybe || b.read || b.maybe;
    variables_.push_back({built(operation, a.tensor, b.tensor), static_cast<int>(made_.size()) - 1, false, maybe});
  }
  static bool uses_b(int operation) { return operation != 2 && operation != 6 && operation != 9; }

  static bool close(const Entries& found, const Entries& expected) {
    for (std::size_t i = 0; i < entry_count; ++i) {
      if (!(std::abs(found[i] - expected[i]) < 1e-5)) return false;
    }
    return found.size() == expected.size();
  }

  static bool is_moderate(const Entries& entries) {
    return std::all_of(entries.begin(), entries.end(), [](double entry) { return std::abs(entry) < 10; });
  }

  /// Right, or an error where there is reason for one.
  void read(Variable& one) {
    try {
      RC_ASSERT(close(one.tensor.values(), entries(one.made)));
    } catch (const StaleError&) {
      RC_ASSERT(!one.read);
      RC_ASSERT(is_stale(one.made));
      return;
    }
    // A gradient may depend on less than the model thinks.
    RC_ASSERT(one.read || one.maybe || !is_stale(one.made) || holds_gradient(one.made));
    one.read = true;
    others_may_be_evaluated();
  }
  void others_may_be_evaluated() {
    for (Variable& each : variables_) each.maybe = each.maybe || !is_stale(each.made);
  }

  void evaluate_some(int first, int second) {
    Variable &one = variable(first), &other = variable(second);
    try {
      evaluate({one.tensor, other.tensor});
    } catch (const StaleError&) {
      RC_ASSERT((is_stale(one.made) && !one.read) || (is_stale(other.made) && !other.read));
      return;
    }
    one.read = other.read = true;
    others_may_be_evaluated();
  }

  void assign_one(int parameter, int value) {
    const Variable one = operand(value);
    const Entries moved = entries(one.made);
    try {
      parameters_[static_cast<std::size_t>(parameter)].assign(one.tensor);
    } catch (const StaleError&) {
      RC_ASSERT(is_stale(one.made) && !one.read);
      return;
    }
    others_may_be_evaluated();
    leaf(parameter, moved);
  }

  void assign_two(int first, int second) {
    const int p = first % parameter_count, q = (p + 1) % parameter_count;
    const Variable a = operand(first / 3), b = operand(second);
    const Entries to_p = entries(a.made), to_q = entries(b.made);
    try {
      assign(
          {{parameters_[static_cast<std::size_t>(p)], a.tensor}, {parameters_[static_cast<std::size_t>(q)], b.tensor}});
    } catch (const StaleError&) {
      RC_ASSERT((is_stale(a.made) && !a.read) || (is_stale(b.made) && !b.read));
      return;
    }
    others_may_be_evaluated();
    leaf(p, to_p);
    leaf(q, to_q);
  }

  /// ∂/∂leaf of the sum of squares of a value, by differences; empty where it is made of a gradient.
  Entries slopes(int made, int leaf_made) {
    const auto cost = [&](std::size_t k, double by) {
      std::vector<Entries> values(made_.size());
      for (std::size_t i = 0; i < made_.size(); ++i) {
        const Made& each = made_[i];
        values[i] = each.operation < 0 ? each.entries
                                       : computed(
                                             each.operation, values[static_cast<std::size_t>(each.a)],
                                             values[static_cast<std::size_t>(each.b)]);
        if (static_cast<int>(i) == leaf_made) values[i][k] += by;
      }
      double sum = 0;
      for (const double y : values[static_cast<std::size_t>(made)]) sum += y * y;
      return sum;
    };
    Entries found;
    for (std::size_t k = 0; k < entry_count; ++k) found.push_back((cost(k, 1e-4) - cost(k, -1e-4)) / 2e-4);
    return found;
  }
  bool holds_gradient(int made) const {
    std::vector<bool> holds;
    for (const Made& each : made_) {
      holds.push_back(
          each.operation == -2 ||
          (each.operation >= 0 && (holds[static_cast<std::size_t>(each.a)] ||
                                   (uses_b(each.operation) && holds[static_cast<std::size_t>(each.b)]))));
    }
    return holds[static_cast<std::size_t>(made)];
  }

  /// By a parameter or by another value.
  void differentiate(int value, int by) {
    const Variable one = variable(value), target = operand(by);
    if (holds_gradient(one.made)) return;
    Made made{.operation = -2};
    made.entries = slopes(one.made, target.made);
    for (std::size_t i = 0; i < parameter_count; ++i) {
      made.versions[i] = made_[static_cast<std::size_t>(one.made)].versions[i] |
                         made_[static_cast<std::size_t>(target.made)].versions[i];
    }
    try {
      Tensor gradient = gradients(sum(square(one.tensor)), {target.tensor}, Missing::zeros)[0];
      made_.push_back(made);
      variables_.push_back({std::move(gradient), static_cast<int>(made_.size()) - 1});
    } catch (const StaleError&) {
      RC_ASSERT(is_stale(one.made));
    } catch (const GradientError&) {
      RC_ASSERT(by % operand_count() >= parameter_count);
    }
  }

  void step(int value, int parameter) {
    const Variable one = variable(value);
    if (holds_gradient(one.made)) return;
    const auto p = static_cast<std::size_t>(parameter % parameter_count);
    Entries moved = entries(leaves_[p]);
    const Entries slope = slopes(one.made, leaves_[p]);
    for (std::size_t k = 0; k < entry_count; ++k) moved[k] -= 0.125 * slope[k];
    if (!is_moderate(moved)) return;
    try {
      Sgd({parameters_[p]}, {.learning_rate = 0.125}).step(sum(square(one.tensor)));
    } catch (const Error&) {
      const bool unused = std::all_of(slope.begin(), slope.end(), [](double entry) { return entry == 0; });
      RC_ASSERT(is_stale(one.made) || unused);
      return;
    }
    others_may_be_evaluated();
    const Entries found = parameters_[p].values();
    RC_ASSERT(close(found, moved));
    leaf(static_cast<int>(p), found);
  }

  void drop(int value) {
    if (variables_.empty()) return;
    variables_.erase(variables_.begin() + value % static_cast<std::ptrdiff_t>(variables_.size()));
  }

  void detach(int value) {
    Variable& one = variable(value);
    Tensor detached;
    try {
      detached = one.tensor.detach();
    } catch (const StaleError&) {
      RC_ASSERT(is_stale(one.made) && !one.read);
      return;
    }
    // No gradient reaches what it was made of.
    Made made{.operation = -1, .entries = entries(one.made)};
    made.versions = made_[static_cast<std::size_t>(one.made)].versions;
    made_.push_back(made);
    variables_.push_back({detached, static_cast<int>(made_.size()) - 1, false, true});
  }

  void check_parameter(int parameter) {
    const auto p = static_cast<std::size_t>(parameter);
    RC_ASSERT(close(parameters_[p].values(), entries(leaves_[p])));
  }

  Parameters parameters_;
  std::vector<Variable> variables_;
  std::vector<Made> made_;
  std::array<int, parameter_count> leaves_ = {}, version_ = {};
};

}  // namespace

TEST_CASE("whatever a program does in whatever order, a value is right or an error") {
  CHECK(rc::check([] {
    const auto words = *random_words(5, 60);
    Program program;
    for (const std::uint16_t word : words) program.run(word);
    program.finish();
  }));
}
