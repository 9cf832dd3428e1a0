// Writes docs/operations.md from the registry: to the file named, or to standard output. Derivatives are printed by
// running the rules on symbols, so the page cannot disagree with the library.

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>

#include <fmt/format.h>

#include <gradus/graph/expression.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/inspect.h>
#include <gradus/graph/operation.h>

using namespace gradus;

namespace {

std::string signature(const Operation& operation) {
  std::string inputs;
  for (const std::string_view input : operation.inputs)
    inputs += fmt::format("{}{}", inputs.empty() ? "" : ", ", input);
  return fmt::format("{}({}{})", operation.name, inputs, operation.variadic ? ", …" : "");
}

Domain domain_of(const Operation& operation, const Sample& sample, std::size_t input) {
  if (input < sample.domains.size()) return sample.domains[input];
  if (input < operation.domains.size()) return operation.domains[input];
  Domain domain;
  if (operation.dtype == logical) domain.dtype = Dtype::boolean;
  if (input < operation.inputs.size() && operation.inputs[input] == "condition") domain.dtype = Dtype::boolean;
  return domain;
}

Tensor symbol(const Shape& shape, Dtype dtype, double value) {
  const auto count = static_cast<std::size_t>(shape.count());
  switch (dtype) {
    case Dtype::float32:
      return tensor(std::vector<float>(count, static_cast<float>(value)), shape);
    case Dtype::float64:
      return tensor(std::vector<double>(count, value), shape);
    case Dtype::int32:
      return tensor(std::vector<std::int32_t>(count, static_cast<std::int32_t>(value)), shape);
    case Dtype::boolean:
      break;
  }
  return tensor(std::vector<bool>(count, true), shape);
}

/// Inputs that stand for any of their shape, named as the record names them. Floating ones, or all if there are none,
/// get the dtype asked for.
Tensors symbols(const Operation& operation, const Sample& sample, std::optional<Dtype> dtype = std::nullopt) {
  bool any_floating = false;
  for (std::size_t i = 0; i < sample.shapes.size(); ++i)
    any_floating |= is_floating(domain_of(operation, sample, i).dtype);
  Tensors inputs;
  for (std::size_t i = 0; i < sample.shapes.size(); ++i) {
    const Domain domain = domain_of(operation, sample, i);
    const bool replaced = dtype && (is_floating(domain.dtype) || !any_floating);
    std::string name = fmt::format("x{}", i + 1);
    if (!operation.variadic && i < operation.inputs.size()) name = operation.inputs[i];
    inputs.push_back(symbol(sample.shapes[i], replaced ? *dtype : domain.dtype, domain.from).named(name));
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

/// Found by trying.
std::string dtypes_text(const Registered& operation) {
  const std::vector<Sample> samples = samples_of(operation);
  if (samples.empty() || samples.front().shapes.empty()) return "";
  std::vector<Dtype> taken, given;
  for (const Dtype dtype : {Dtype::float32, Dtype::float64, Dtype::int32, Dtype::boolean}) {
    try {
      given.push_back(result(operation, samples.front(), symbols(operation, samples.front(), dtype)).dtype());
      taken.push_back(dtype);
    } catch (const DtypeError&) {
      continue;
    }
  }
  std::string text;
  for (const Dtype dtype : taken) text += fmt::format("{}{}", text.empty() ? "" : ", ", name_of(dtype));
  if (taken.size() == dtype_count) text = "any";
  const bool kept = taken == given;
  const bool always_one = std::all_of(given.begin(), given.end(), [&](Dtype dtype) { return dtype == given.front(); });
  if (!kept && always_one && !given.empty()) text += fmt::format(" → {}", name_of(given.front()));
  return text;
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
    row += fmt::format(
        "{}→ {}", row.empty() ? "" : " ", result(operation, sample, symbols(operation, sample)).shape().text());
    if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
    if (rows.size() == most) break;
  }
  std::string text;
  for (const std::string& row : rows) text += (text.empty() ? "" : "; ") + row;
  return text;
}

bool has_rule(const Operation& operation) {
  return operation.derivative || (operation.slopes && operation.slopes->given());
}

/// A sample may leave inputs to what it calls, and give others than the first.
void name_as_used(const Registered& operation, const Tensor& y) {
  if (operation.variadic || operation_of(y) != &operation) return;
  const Tensors inputs = inputs_of(y);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].name().empty()) inputs[i].named(std::string(operation.inputs[i]));
  }
}

/// From the first sample that has something to differentiate by.
std::string derivative_text(const Registered& operation) {
  for (const Sample& sample : samples_of(operation)) {
    Tensors inputs = symbols(operation, sample);
    // What turns other dtypes into floating ones takes floating ones too.
    const bool none_floating =
        std::none_of(inputs.begin(), inputs.end(), [](const Tensor& x) { return is_floating(x.dtype()); });
    if (none_floating) inputs = symbols(operation, sample, Dtype::float64);
    const Tensor y = result(operation, sample, inputs);
    name_as_used(operation, y);
    Tensors by;
    std::vector<std::string> names;
    for (const Tensor& input : inputs) {
      if (!is_floating(input.dtype())) continue;
      by.push_back(input);
      names.push_back(input.name() + "'");
    }
    if (by.empty() || !is_floating(y.dtype()) || y.count() == 0) continue;
    y.named("y");
    const Tensor g = symbol(y.shape(), y.dtype(), 1).named("g");
    return expressions(names, vjp({y}, {g}, by, Missing::zeros));
  }
  return "";
}

/// The operation said with others: on the first sample, and empty where that is not one node of this operation.
std::string expansion_text(const Registered& operation) {
  const std::vector<Sample> samples = samples_of(operation);
  if (samples.empty() || !operation.expand) return "";
  const Tensor y = result(operation, samples.front(), symbols(operation, samples.front()));
  if (operation.is_composed()) return expression(y);
  if (operation_of(y) != &operation) return "";
  const Tensors inputs = inputs_of(y);
  const std::vector<Operand> operands(inputs.begin(), inputs.end());
  return expression(operation.expand(Call(operation, operands, attributes_of(y), where_of(y))));
}

std::string section(const Registered& operation) {
  std::string text = fmt::format("## {}\n\n`{}` · {}\n\n", operation.name, signature(operation), operation.formula);
  const auto row = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("- {}: {}\n", name, value);
  };
  const auto code = [](const std::string& formula) { return formula.empty() ? "" : "`" + formula + "`"; };
  row("dtypes", dtypes_text(operation));
  row("shape", shapes_text(operation));
  row(operation.is_composed() ? "made of" : "the same as", code(expansion_text(operation)));
  if (!operation.differentiable()) {
    row("derivative", fmt::format("none: {}", operation.no_derivative));
  } else if (has_rule(operation)) {
    row("derivative", code(derivative_text(operation)));
  } else {
    row("derivative", "that of what it is made of");
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
