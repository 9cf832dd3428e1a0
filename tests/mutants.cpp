// The checks, checked: every derivative rule is made wrong in every way that one slip of the pen could, and the
// gradient check must refuse each.

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include <fmt/format.h>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/expression.h>
#include <gradus/graph/gradient_check.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/inspect.h>
#include <gradus/graph/rule_override.h>

#include "every_operation/cases.h"

using namespace gradus;
using namespace checks;

namespace {

/// What a rule was given and what it returned.
struct Rule {
  Tensors inputs;
  Tensor y, g;
  Tensors results;
};

Rule rule_of(const Call& call, const Tensor& y, const Tensor& g, Tensors results) {
  Rule rule{{}, y, g, std::move(results)};
  for (const Operand& input : call.inputs()) rule.inputs.push_back(input.tensor());
  return rule;
}

/// The operations between what a rule was given and what it returned, inputs before their readers.
Tensors nodes_of(const Rule& rule) {
  std::set<const Node*> seen{rule.y.node(), rule.g.node()};
  for (const Tensor& input : rule.inputs) seen.insert(input.node());
  Tensors order;
  const std::function<void(const Tensor&)> visit = [&](const Tensor& tensor) {
    if (tensor.empty() || !operation_of(tensor) || !seen.insert(tensor.node()).second) return;
    for (const Tensor& input : inputs_of(tensor)) visit(input);
    order.push_back(tensor);
  };
  for (const Tensor& result : rule.results) visit(result);
  return order;
}

/// Which operations, and which of them are the results: equal for samples that take the same path through the rule.
std::string structure_of(const Rule& rule) {
  std::string text;
  std::map<const Node*, std::size_t> positions;
  for (const Tensor& node : nodes_of(rule)) {
    positions.emplace(node.node(), positions.size());
    text += fmt::format("{} ", operation_of(node)->name);
  }
  for (const Tensor& result : rule.results) {
    const auto found = result.empty() ? positions.end() : positions.find(result.node());
    text += result.empty() ? " -" : found == positions.end() ? " given" : fmt::format(" {}", found->second);
  }
  return text;
}

/// The rule's results once more, with some tensors swapped for others.
Tensors rebuilt(const Rule& rule, std::map<const Node*, Tensor> swapped) {
  for (const Tensor& node : nodes_of(rule)) {
    if (swapped.contains(node.node())) continue;
    Tensors inputs = inputs_of(node);
    bool changed = false;
    for (Tensor& input : inputs) {
      const auto found = swapped.find(input.node());
      if (found == swapped.end()) continue;
      input = Tensor(found->second);
      changed = true;
    }
    if (!changed) continue;
    const std::vector<Operand> operands(inputs.begin(), inputs.end());
    swapped[node.node()] = gradus::apply(*operation_of(node), operands, attributes_of(node));
  }
  Tensors results = rule.results;
  for (Tensor& result : results) {
    if (result.empty()) continue;
    const auto found = swapped.find(result.node());
    if (found != swapped.end()) result = Tensor(found->second);
  }
  return results;
}

Tensor ones_like(const Tensor& tensor) {
  return leaf(std::vector<double>(static_cast<std::size_t>(tensor.count()), 1), tensor.shape(), tensor.dtype());
}

using Mutate = std::function<Tensors(const Rule&)>;

struct Mutant {
  std::string name;
  Mutate mutate;
  std::string key = name;  ///< the same for the same change on other shapes
};

Mutate each_result(Tensor (*change)(const Tensor&)) {
  return [change](const Rule& rule) {
    Tensors results = rule.results;
    for (Tensor& result : results) {
      if (!result.empty()) result = change(result);
    }
    return results;
  };
}

Tensor zero_instead(const Tensor& result) {
  return number(0, result.dtype());
}

bool is_arithmetic(std::string_view symbol) {
  return symbol == "+" || symbol == "-" || symbol == "*" || symbol == "/";
}

/// Where a mutant makes no sense: the sample has other shapes than the one that it was made for.
struct NotApplicable {};

/// The node replaced by one of its inputs: one term or one factor less, one function forgotten.
Mutate forgetting(std::size_t node_position, std::size_t kept) {
  return [=](const Rule& rule) {
    const Tensor node = nodes_of(rule)[node_position];
    Tensor input = inputs_of(node)[kept];
    if (!broadcastable(input.shape(), node.shape()) || broadcast(input.shape(), node.shape()) != node.shape()) {
      throw NotApplicable();
    }
    if (input.shape() != node.shape()) input = broadcast_to(input, node.shape());
    return rebuilt(rule, {{node.node(), input}});
  };
}

std::vector<Mutant> mutants_of(const Rule& rule) {
  std::vector<Mutant> mutants;
  mutants.push_back({"zero", each_result(zero_instead)});
  mutants.push_back({"negated", each_result([](const Tensor& result) { return -result; })});
  mutants.push_back({"times 1.001", each_result([](const Tensor& result) { return result * 1.001; })});
  mutants.push_back({"g replaced by ones", [](const Rule& r) { return rebuilt(r, {{r.g.node(), ones_like(r.g)}}); }});
  const auto given =
      std::count_if(rule.results.begin(), rule.results.end(), [](const Tensor& t) { return !t.empty(); });
  for (std::size_t i = 0; given > 1 && i < rule.results.size(); ++i) {
    if (rule.results[i].empty()) continue;
    mutants.push_back({fmt::format("without the part of input {}", i), [i](const Rule& r) {
                         Tensors results = r.results;
                         results[i] = zero_instead(results[i]);
                         return results;
                       }});
  }
  const Tensors nodes = nodes_of(rule);
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const Tensors inputs = inputs_of(nodes[k]);
    const bool arithmetic = inputs.size() == 2 && is_arithmetic(operation_of(nodes[k])->symbol);
    for (std::size_t j = 0; j < inputs.size(); ++j) {
      const bool alike = inputs[j].shape() == nodes[k].shape() && inputs[j].dtype() == nodes[k].dtype();
      if (!arithmetic && !(inputs.size() == 1 && alike)) continue;
      mutants.push_back(
          {fmt::format("{} → its input {}", expression(nodes[k]), j), forgetting(k, j), fmt::format("{}/{}", k, j)});
    }
  }
  return mutants;
}

/// One sample, ready to be differentiated with a changed rule.
struct Subject {
  Case sample;
  Values values;
  std::vector<std::vector<double>> right;  ///< the gradients that the unchanged rule gives
  std::string structure;
  std::vector<Mutant> mutants;
};

std::vector<std::vector<double>> gradients_of(const Case& sample, const Values& values) {
  const Tensors inputs = leaves(sample, values);
  const Tensor y = result(sample, inputs);
  const Tensors found = vjp({y}, {cotangent_for(y)}, floating(inputs), Missing::zeros);
  evaluate(found);
  std::vector<std::vector<double>> all;
  for (const Tensor& tensor : found) all.push_back(tensor.values<double>());
  return all;
}

/// Empty if the sample has nothing to differentiate, or does not use the operation's rule.
std::vector<Subject> subjects_of(const Registered& operation) {
  std::vector<Subject> subjects;
  for (const Case& sample : cases_of(operation)) {
    guarded(sample.name, [&] {
      if (sample.entries() == 0) return;
      const Values values = draw(sample);
      Subject subject{sample, values, {}, {}, {}};
      const Tensors inputs = leaves(sample, values);
      if (floating(inputs).empty() || result(sample, inputs).dtype() != Dtype::float64) return;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::size_t last = operation.inputs.empty() ? 0 : operation.inputs.size() - 1;
        if (!operation.inputs.empty()) inputs[i].named(std::string(operation.inputs[std::min(i, last)]));
      }
      {
        const ScopedRuleOverride look(
            operation, [&](const Call& call, const Tensor& y, const Tensor& g, Tensors original) {
              const Rule rule = rule_of(call, y.named("y"), g.named("g"), original);
              subject.structure = structure_of(rule);
              subject.mutants = mutants_of(rule);
              return original;
            });
        const Tensor y = result(sample, inputs);
        vjp({y}, {cotangent_for(y)}, floating(inputs), Missing::zeros);
      }
      if (subject.mutants.empty()) return;
      subject.right = gradients_of(sample, values);
      subjects.push_back(std::move(subject));
    });
  }
  std::stable_sort(subjects.begin(), subjects.end(), [](const Subject& a, const Subject& b) {
    return a.sample.entries() < b.sample.entries();
  });
  return subjects;
}

enum class Verdict { caught, equivalent, missed };

Verdict judge(const Registered& operation, const Mutate& mutate, const Subject& subject) {
  const ScopedRuleOverride wrong_rule(
      operation, [&](const Call& call, const Tensor& y, const Tensor& g, Tensors original) {
        return mutate(rule_of(call, y, g, std::move(original)));
      });
  const auto wrong = gradients_of(subject.sample, subject.values);
  double apart = 0;
  for (std::size_t i = 0; i < wrong.size(); ++i) apart = std::max(apart, distance(wrong[i], subject.right[i]));
  if (apart <= 1e-12) return Verdict::equivalent;
  const GradientCheckResult found = gradient_check(
      [&](const Tensors& inputs) { return result(subject.sample, inputs); }, leaves(subject.sample, subject.values),
      {.order = 1, .tolerance = tolerance});
  return found.passed ? Verdict::missed : Verdict::caught;
}

/// Over all samples that take the same path through the rule: caught by one of them is caught.
Verdict judge(const Registered& operation, const Mutate& mutate, const std::vector<const Subject*>& subjects) {
  Verdict verdict = Verdict::equivalent;
  for (const Subject* subject : subjects) {
    Verdict one = Verdict::equivalent;
    try {
      one = judge(operation, mutate, *subject);
    } catch (const NotApplicable&) {
      continue;
    }
    if (one == Verdict::caught) return one;
    if (one == Verdict::missed) verdict = one;
  }
  return verdict;
}

/// Each mutant once: which ones there are depends a little on the shapes, too.
std::vector<Mutant> mutants_of_all(const std::vector<const Subject*>& subjects) {
  std::vector<Mutant> all;
  std::set<std::string> known;
  for (const Subject* subject : subjects) {
    for (const Mutant& mutant : subject->mutants) {
      if (known.insert(mutant.key).second) all.push_back(mutant);
    }
  }
  return all;
}

struct Counts {
  int made = 0, caught = 0;
  std::vector<std::string> equivalent;
};

void judge_all(const Registered& operation, Counts& counts) {
  const std::vector<Subject> subjects = subjects_of(operation);
  std::map<std::string, std::vector<const Subject*>> by_structure;
  for (const Subject& subject : subjects) by_structure[subject.structure].push_back(&subject);
  int made = 0;
  for (const auto& [structure, alike] : by_structure) {
    for (const Mutant& mutant : mutants_of_all(alike)) {
      const std::string name = fmt::format("{}: {}", operation.name, mutant.name);
      guarded(name, [&] {
        const Verdict verdict = judge(operation, mutant.mutate, alike);
        if (verdict == Verdict::equivalent) {
          counts.equivalent.push_back(name);
          return;
        }
        ++made;
        counts.caught += verdict == Verdict::caught ? 1 : 0;
        CHECK_MESSAGE(verdict == Verdict::caught, "not caught: " << name << " (" << alike.front()->sample.name << ")");
      });
    }
  }
  counts.made += made;
  if (!subjects.empty()) CHECK_MESSAGE(made > 0, operation.name << " has no mutant that differs from it");
}

bool has_rule(const Registered& operation) {
  return operation.derivative || (operation.slopes && operation.slopes->given());
}

}  // namespace

TEST_CASE("every wrong derivative rule is caught") {
  Counts counts;
  int rules = 0;
  for (const Registered* operation : operations()) {
    if (!has_rule(*operation)) continue;
    ++rules;
    judge_all(*operation, counts);
  }
  std::cout << fmt::format(
      "mutants of {} rules: {} made, {} caught; {} more change nothing on any sample:\n", rules, counts.made,
      counts.caught, counts.equivalent.size());
  for (const std::string& name : counts.equivalent) std::cout << "  " << name << '\n';
  CHECK(counts.made > 0);
  CHECK(counts.caught == counts.made);
}
