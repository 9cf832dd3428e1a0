// Writes docs/operations.md from the registry: to the file named, or to standard output. Derivatives are printed by
// running the rules on symbols, so the page cannot disagree with the library.

#include <algorithm>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include <gradus/graph/expression.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/operation.h>

using namespace gradus;

namespace {

std::string dtypes_text(const Operation& operation) {
  if (operation.is_composed() && operation.dtype == same_floating) return "float32, float64";
  if (operation.dtype == same_floating) return "float32, float64";
  if (operation.dtype == same_numeric) return "float32, float64, int32";
  if (operation.dtype == same_any) return "any";
  if (operation.dtype == compares) return "any; the result is bool";
  if (operation.dtype == logical) return "bool";
  if (operation.dtype == as_first) return "that of the first input";
  return "";
}

std::string signature(const Operation& operation) {
  std::string inputs;
  for (const std::string_view input : operation.inputs)
    inputs += fmt::format("{}{}", inputs.empty() ? "" : ", ", input);
  return fmt::format("{}({}{})", operation.name, inputs, operation.variadic ? ", …" : "");
}

/// Inputs that stand for any of their shape, named as the record names them.
Tensors symbols(const Operation& operation, const Sample& sample) {
  Tensors inputs;
  for (std::size_t i = 0; i < sample.shapes.size(); ++i) {
    Domain domain;
    if (operation.dtype == logical) domain.dtype = Dtype::boolean;
    if (i < operation.inputs.size() && operation.inputs[i] == "condition") domain.dtype = Dtype::boolean;
    if (i < operation.domains.size()) domain = operation.domains[i];
    if (i < sample.domains.size()) domain = sample.domains[i];
    const Shape& shape = sample.shapes[i];
    const auto count = static_cast<std::size_t>(shape.count());
    Tensor input;
    if (domain.dtype == Dtype::boolean) {
      input = tensor(std::vector<bool>(count, true), shape);
    } else if (domain.dtype == Dtype::int32) {
      input = tensor(std::vector<std::int32_t>(count, static_cast<std::int32_t>(domain.from)), shape);
    } else {
      input = tensor(std::vector<double>(count, domain.from), shape);
    }
    std::string name = fmt::format("x{}", i + 1);
    if (!operation.variadic && i < operation.inputs.size()) name = operation.inputs[i];
    inputs.push_back(input.named(name));
  }
  return inputs;
}

Tensor result(const Registered& operation, const Sample& sample, const Tensors& inputs) {
  if (sample.build) return sample.build(inputs);
  const std::vector<Operand> operands(inputs.begin(), inputs.end());
  return gradus::apply(operation, operands);
}

/// The samples that the page shows: elementwise operations have theirs from their family.
std::vector<Sample> samples_of(const Registered& operation) {
  if (!operation.samples.empty() || !operation.is_elementwise()) return operation.samples;
  return {{.shapes = std::vector<Shape>(operation.inputs.size(), Shape{2, 3})}};
}

std::string shapes_text(const Registered& operation) {
  if (operation.is_elementwise()) {
    return operation.inputs.size() == 1 ? "that of the input" : "the inputs broadcast against each other";
  }
  constexpr std::size_t most = 4;
  std::vector<std::string> rows;
  for (const Sample& sample : samples_of(operation)) {
    std::string row;
    for (const Shape& shape : sample.shapes) row += fmt::format("{}{}", row.empty() ? "" : ", ", shape.text());
    row += fmt::format("{}→ {}", row.empty() ? "" : " ",
                       result(operation, sample, symbols(operation, sample)).shape().text());
    if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
    if (rows.size() == most) break;
  }
  std::string text;
  for (const std::string& row : rows) text += (text.empty() ? "" : "; ") + row;
  return text;
}

/// From the first sample that has something to differentiate by.
std::string derivative_text(const Registered& operation) {
  for (const Sample& sample : samples_of(operation)) {
    const Tensors inputs = symbols(operation, sample);
    const Tensor y = result(operation, sample, inputs);
    Tensors by;
    std::vector<std::string> names;
    for (const Tensor& input : inputs) {
      if (!is_floating(input.dtype())) continue;
      by.push_back(input);
      names.push_back(input.name() + "'");
    }
    if (by.empty() || !is_floating(y.dtype()) || y.count() == 0) continue;
    if (!operation.is_composed()) y.named("y");
    const std::vector<double> entries(static_cast<std::size_t>(y.count()), 1.0);
    const Tensor g = y.dtype() == Dtype::float64
                         ? tensor(entries, y.shape())
                         : tensor(std::vector<float>(entries.begin(), entries.end()), y.shape());
    return expressions(names, vjp({y}, {g.named("g")}, by, Missing::zeros));
  }
  return "";
}

std::string expansion_text(const Registered& operation) {
  for (const Sample& sample : samples_of(operation)) {
    if (operation.is_composed()) return "y = " + expression(result(operation, sample, symbols(operation, sample)));
  }
  return "";
}

std::string section(const Registered& operation) {
  std::string text = fmt::format("## {}\n\n`{}` · {}\n\n", operation.name, signature(operation), operation.formula);
  const auto row = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("- {}: {}\n", name, value);
  };
  const auto code = [](const std::string& formula) { return formula.empty() ? "" : "`" + formula + "`"; };
  row("dtypes", dtypes_text(operation));
  row("shape", shapes_text(operation));
  if (operation.is_composed()) row("made of", code(expansion_text(operation)));
  if (!operation.differentiable()) {
    row("derivative", fmt::format("none: {}", operation.no_derivative));
  } else if (!operation.is_composed()) {
    row("derivative", code(derivative_text(operation)));
  }
  if (!operation.onnx.empty()) row("ONNX", std::string(operation.onnx));
  return text + "\n";
}

std::string page() {
  std::vector<const Registered*> operations;
  for (const Registered* operation = Registered::first(); operation; operation = operation->next) {
    operations.push_back(operation);
  }
  std::sort(operations.begin(), operations.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  std::string text =
      "# Operations\n\n"
      "Generated by `docs/operations_page.cpp` from the registry; do not edit. Derivatives are what the rules give "
      "when run\n"
      "on symbols: g is the cotangent of the result y, x' that of an input x. Shapes in them are those of a "
      "sample.\n\n";
  for (const Registered* operation : operations) {
    text += fmt::format("[{0}](#{0}) · ", operation->name);
  }
  if (!operations.empty()) text.resize(text.size() - std::string_view(" · ").size());
  text += "\n\n";
  for (const Registered* operation : operations) text += section(*operation);
  text.pop_back();
  return text;
}

}  // namespace

int main(int count, char** arguments) try {
  const std::string text = page();
  if (count < 2) {
    std::cout << text;
    return std::cout ? 0 : 2;
  }
  std::ofstream file(arguments[1]);
  if (!(file << text)) {
    std::cerr << "operations_page: cannot write " << arguments[1] << '\n';
    return 2;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "operations_page: " << error.what() << '\n';
  return 2;
}
