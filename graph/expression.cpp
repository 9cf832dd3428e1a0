#include <gradus/graph/expression.h>

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <gradus/graph/inspect.h>

namespace gradus {

namespace {

/// What is shorter stands twice rather than under a letter.
constexpr std::size_t shortest_lettered = 16;

// How tightly parts hold together: a part that holds looser than its place needs brackets.
enum Strength { sum = 1, product = 2, sign = 3, whole = 4 };

struct Text {
  std::string text;
  int strength = whole;
};

std::string bracketed(const Text& part, int needed) {
  return part.strength < needed ? "(" + part.text + ")" : part.text;
}

std::string attributes_text(const Attributes& attributes) {
  if (attributes.empty()) return "";
  std::string reals;
  for (const double real : attributes.reals()) reals += fmt::format("{}{:g}", reals.empty() ? "" : ", ", real);
  if (attributes.integers().empty()) return reals;
  const std::string integers = fmt::format("[{}]", fmt::join(attributes.integers(), ", "));
  return reals.empty() ? integers : integers + ", " + reals;
}

class Printer {
 public:
  void print(const std::string& name, const Tensor& tensor) {
    count_uses(tensor);
    roots_.emplace_back(name, tensor);
  }

  std::string text() {
    std::string all;
    for (const auto& [name, tensor] : roots_) {
      if (!all.empty()) all += ", ";
      if (!name.empty()) all += name + " = ";
      all += operation_of(tensor) ? formula(tensor).text : leaf(tensor);
    }
    for (std::size_t i = 0; i < lettered_.size(); ++i) {
      all += fmt::format("{}t{} = {}", i == 0 ? " where " : ", ", i + 1, lettered_[i]);
    }
    return all;
  }

 private:
  /// Iteratively: derivatives of long chains are long chains.
  void count_uses(const Tensor& root) {
    Tensors stack{root};
    while (!stack.empty()) {
      const Tensor tensor = stack.back();
      stack.pop_back();
      if (++uses_[tensor.node()] > 1) continue;
      if (!tensor.name().empty() && tensor.node() != root.node()) continue;
      for (const Tensor& input : inputs_of(tensor)) stack.push_back(input);
    }
  }

  static std::string leaf(const Tensor& tensor) {
    if (!tensor.name().empty()) return tensor.name();
    switch (leaf_of(tensor)) {
      case Leaf::number:
        return fmt::format("{:g}", number_of(tensor));
      case Leaf::parameter:
        return "parameter" + tensor.shape().text();
      default:
        return "constant" + tensor.shape().text();
    }
  }

  Text part(const Tensor& tensor) {
    if (!tensor.name().empty() || !operation_of(tensor)) {
      std::string text = leaf(tensor);
      const bool negative = text.starts_with('-');
      return {std::move(text), negative ? sign : whole};
    }
    const auto known = letters_.find(tensor.node());
    if (known != letters_.end()) return {known->second, whole};
    Text text = formula(tensor);
    if (uses_[tensor.node()] < 2 || text.text.size() < shortest_lettered) return text;
    lettered_.push_back(std::move(text.text));
    return {letters_[tensor.node()] = fmt::format("t{}", lettered_.size()), whole};
  }

  Text formula(const Tensor& tensor) {
    const Registered& operation = *operation_of(tensor);
    const Tensors inputs = inputs_of(tensor);
    if (depth_ == deepest) return {"…", whole};
    ++depth_;
    Text text = infix(operation, inputs);
    if (text.text.empty()) text = call(operation, inputs, attributes_of(tensor));
    --depth_;
    return text;
  }

  Text infix(const Registered& operation, const Tensors& inputs) {
    const std::string_view symbol = operation.symbol;
    if (symbol.empty() || inputs.empty() || inputs.size() > 2) return {};
    if (inputs.size() == 1) return {std::string(symbol) + bracketed(part(inputs[0]), sign), sign};
    // a − (b − c) and a / (b / c) keep their brackets; other symbols always have them.
    const bool additive = symbol == "+" || symbol == "-", known = additive || symbol == "*" || symbol == "/";
    const int strength = additive ? sum : known ? product : sum;
    const bool associates = symbol == "+" || symbol == "*";
    const std::string left = bracketed(part(inputs[0]), known ? strength : whole);
    Text second = part(inputs[1]);
    if (second.text.starts_with('-')) second.strength = 0;  // rather a - (-b) than a - -b
    const std::string right = bracketed(second, !known ? whole : associates ? strength : strength + 1);
    return {fmt::format("{} {} {}", left, symbol, right), strength};
  }

  Text call(const Registered& operation, const Tensors& inputs, const Attributes& attributes) {
    std::string arguments;
    for (const Tensor& input : inputs) arguments += (arguments.empty() ? "" : ", ") + part(input).text;
    const std::string extra = attributes_text(attributes);
    if (!extra.empty()) arguments += (arguments.empty() ? "" : ", ") + extra;
    return {fmt::format("{}({})", operation.name, arguments), whole};
  }

  static constexpr int deepest = 100;
  int depth_ = 0;
  std::vector<std::pair<std::string, Tensor>> roots_;
  std::map<const Node*, int> uses_;
  std::map<const Node*, std::string> letters_;
  std::vector<std::string> lettered_;
};

}  // namespace

std::string expression(const Tensor& tensor) {
  return expressions({""}, {tensor});
}

std::string expressions(const std::vector<std::string>& names, const Tensors& tensors) {
  Printer printer;
  for (std::size_t i = 0; i < tensors.size(); ++i) printer.print(names[i], tensors[i]);
  return printer.text();
}

}  // namespace gradus
