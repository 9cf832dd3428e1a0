#include <gradus/graph/operation.h>

#include <atomic>
#include <string>

#include <fmt/format.h>
#include <boost/container/small_vector.hpp>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/inspect.h>
#include <gradus/graph/node.h>
#include <gradus/graph/number_watch.h>

namespace gradus {

namespace {

// Registration happens before main, on one thread; programs that load libraries later do it one at a time.
const Registered* head = nullptr;

constexpr int most_inputs_described = 8;

// "a"; of an operation that takes any number of inputs "x[3]".
std::string input_name(const Operation& operation, std::size_t i) {
  const auto& names = operation.inputs;
  if (names.empty()) return fmt::format("input {}", i);
  const std::size_t last = names.size() - 1;
  return operation.variadic && i >= last ? fmt::format("{}[{}]", names[last], i - last)
                                         : std::string(names[std::min(i, last)]);
}

std::string inputs_text(const Call& call) {
  std::string text;
  for (int i = 0; i < call.input_count(); ++i) {
    if (i == most_inputs_described) return text + fmt::format(" and so on, {} in all", call.input_count());
    text += fmt::format(
        "{}{} is {}", i == 0 ? "; " : ", ", input_name(call.operation(), static_cast<std::size_t>(i)),
        describe(call[i]));
  }
  return text;
}

thread_local std::string composed_name;

// While a composed operation builds its parts, errors name it as well.
class ScopedComposed {
 public:
  explicit ScopedComposed(std::string_view name) : outermost_(composed_name.empty()) {
    if (outermost_) composed_name = name;
  }
  ~ScopedComposed() {
    if (outermost_) composed_name.clear();
  }
  ScopedComposed(const ScopedComposed&) = delete;
  ScopedComposed& operator=(const ScopedComposed&) = delete;

 private:
  bool outermost_;
};

std::string failure_text(const Call& call, std::string_view why) {
  const Where* origin = ScopedOrigin::current();
  const std::string_view name = call.operation().name;
  const std::string inside = composed_name.empty() || composed_name == name ? "" : composed_name + ": ";
  return fmt::format("{}{}{}: {}{}", at(origin ? *origin : call.where()), inside, name, why, inputs_text(call));
}

}  // namespace

void Call::fail(std::string_view why) const {
  throw ShapeError(failure_text(*this, why));
}
void Call::fail_dtype(std::string_view why) const {
  throw DtypeError(failure_text(*this, why));
}

namespace {

Dtype all_equal(const Call& call) {
  const Dtype dtype = call[0].dtype();
  for (int i = 1; i < call.input_count(); ++i) {
    if (call[i].dtype() != dtype) {
      call.fail_dtype(
          fmt::format("dtypes differ ({} and {}); cast one of them", name_of(dtype), name_of(call[i].dtype())));
    }
  }
  return dtype;
}

}  // namespace

Dtype same_floating(const Call& call) {
  const Dtype dtype = all_equal(call);
  call.require_dtype(is_floating(dtype), "takes float32 or float64; cast first");
  return dtype;
}

Dtype same_numeric(const Call& call) {
  const Dtype dtype = all_equal(call);
  call.require_dtype(dtype != Dtype::boolean, "takes numbers, not bool; cast first");
  return dtype;
}

Dtype same_any(const Call& call) {
  return all_equal(call);
}

Dtype compares(const Call& call) {
  all_equal(call);
  return Dtype::boolean;
}

Dtype logical(const Call& call) {
  for (int i = 0; i < call.input_count(); ++i) {
    call.require_dtype(call[i].dtype() == Dtype::boolean, "takes bool; compare first, as in x > 0");
  }
  return Dtype::boolean;
}

Dtype as_first(const Call& call) {
  return call[0].dtype();
}

Shape broadcast_shape(const Call& call) {
  Shape shape = call[0].shape();
  for (int i = 1; i < call.input_count(); ++i) {
    const Shape& other = call[i].shape();
    if (shape == other) continue;
    if (!broadcastable(shape, other)) {
      call.fail(fmt::format(
          "shapes {} and {} do not broadcast: aligned at their last axes, sizes must be equal or 1", shape.text(),
          other.text()));
    }
    shape = broadcast(shape, other);
  }
  return shape;
}

Tensor Slopes::of(const Call& call, const Tensor& y, int input) const {
  const auto i = static_cast<std::size_t>(input);
  if (unary_) return unary_(call[0], y);
  if (binary_[0]) return binary_[i](call[0], call[1], y);
  if (ternary_[0]) return ternary_[i](call[0], call[1], call[2], y);
  return {};
}

Slopes no_slope(std::string_view reason) {
  Slopes slopes;
  slopes.flat_ = reason;
  return slopes;
}

Registered::Registered(Operation operation) : Operation(std::move(operation)), next(std::exchange(head, this)) {}

Registered::~Registered() {
  const Registered** link = &head;
  while (*link && *link != this) link = const_cast<const Registered**>(&(*link)->next);
  if (*link) *link = next;
  // Plans know operations by address, and another one may live here next.
  clear_plan_cache();
}

const Registered* Registered::first() {
  return head;
}

const Registered* Registered::find(std::string_view name) {
  for (const Registered* operation = head; operation; operation = operation->next) {
    if (operation->name == name) return operation;
  }
  return nullptr;
}

namespace {

using Operands = boost::container::small_vector<Operand, 4>;

// Which dtype the numbers in a call take: that of the last input which is neither a number nor a condition.
const Tensor* model_for_numbers(std::span<const Operand> inputs) {
  const Tensor* model = nullptr;
  for (const Operand& input : inputs) {
    const Node* node = input.tensor().node();
    if (node->kind != NodeKind::number && node->dtype != Dtype::boolean) model = &input.tensor();
  }
  if (model) return model;
  // Numbers among themselves: one of a dtype that somebody chose.
  for (const Operand& input : inputs) {
    const Node* node = input.tensor().node();
    if (node->kind == NodeKind::number && node->dtype != Dtype::float32) return &input.tensor();
  }
  return nullptr;
}

bool has_misfitting_number(std::span<const Operand> inputs) {
  bool numbers = false, differ = false;
  for (const Operand& input : inputs) {
    const Node* node = input.tensor().node();
    numbers |= node->kind == NodeKind::number;
    differ |= node->dtype != inputs.front().tensor().node()->dtype;
  }
  return numbers && differ;
}

Operands with_numbers_cast(const Registered& operation, std::span<const Operand> inputs) {
  Operands cast(inputs.begin(), inputs.end());
  const Tensor* model = model_for_numbers(inputs);
  if (!model) return cast;
  const Dtype dtype = model->dtype();
  for (Operand& input : cast) {
    const Node* node = input.tensor().node();
    if (node->kind != NodeKind::number || node->dtype == dtype) continue;
    if (dtype == Dtype::int32 && node->number != static_cast<double>(static_cast<std::int32_t>(node->number))) {
      throw DtypeError(fmt::format(
          "{}{}: {} is not a whole number, but it meets {}; cast that to a floating dtype first", at(input.where()),
          operation.name, node->number, describe(*model)));
    }
    NumberWatch::note(node);
    input = Operand(number(node->number, dtype), input.where());
  }
  return cast;
}

void check_inputs(const Registered& operation, std::span<const Operand> inputs, Where where) {
  if (operation.name.empty()) {
    throw Error(at(where) + "an operation is used before it is registered: by another file's global, before main");
  }
  const std::size_t expected = operation.inputs.size();
  if (operation.variadic ? inputs.size() < expected : inputs.size() != expected) {
    throw ValueError(fmt::format(
        "{}{}: takes {}{} input{}, not {}", at(where), operation.name, operation.variadic ? "at least " : "", expected,
        expected == 1 ? "" : "s", inputs.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].tensor().empty()) continue;
    throw ValueError(fmt::format(
        "{}{}: input {} is an empty handle; give it a value first", at(where), operation.name,
        input_name(operation, i)));
  }
}

bool needs_gradient(const Registered& operation, std::span<const Operand> inputs) {
  if (!operation.differentiable()) return false;
  for (const Operand& input : inputs) {
    if (input.tensor().node()->needs_gradient) return true;
  }
  return false;
}

Tensor build(const Registered& operation, std::span<const Operand> inputs, const Attributes& attributes, Where where) {
  const Call call(operation, inputs, attributes, where);
  if (operation.is_composed()) {
    const ScopedComposed composed(operation.name);
    const ScopedOrigin origin(ScopedOrigin::current() ? *ScopedOrigin::current() : where);
    return operation.expand(call);
  }
  const Dtype dtype = operation.dtype(call);
  Node* node = new_node(NodeKind::operation, operation.shape(call), dtype, where);
  node->operation = &operation;
  node->attributes = attributes;
  node->needs_gradient = is_floating(dtype) && needs_gradient(operation, inputs);
  set_inputs(node, inputs);
  return Tensor::adopt(node);
}

}  // namespace

Tensor apply(const Registered& operation, std::span<const Operand> inputs, const Attributes& attributes) {
  const Where where = inputs.empty() ? Where() : inputs.front().where();
  check_inputs(operation, inputs, where);
  if (has_misfitting_number(inputs)) {
    const Operands cast = with_numbers_cast(operation, inputs);
    return build(operation, {cast.data(), cast.size()}, attributes, where);
  }
  return build(operation, inputs, attributes, where);
}

Tensor apply(const Registered& operation, const Attributes& attributes, Where where) {
  check_inputs(operation, {}, where);
  return build(operation, {}, attributes, where);
}

int normal_axis(std::string_view operation, const Operand& x, Index axis) {
  const int rank = x.tensor().rank();
  if (axis >= -rank && axis < rank) return static_cast<int>(axis < 0 ? axis + rank : axis);
  const std::string range =
      rank == 0 ? "a scalar has no axes" : fmt::format("axes are 0 … {} (or −{} … −1)", rank - 1, rank);
  throw ShapeError(fmt::format(
      "{}{}: there is no axis {}: {}; x is {}", at(x.where()), operation, axis, range, describe(x.tensor())));
}

std::string at(Where where) {
  if (where.line() == 0) return "";
  const std::string_view path = where.file_name();
  const std::size_t slash = path.rfind('/');
  return fmt::format("{}:{}: ", slash == std::string_view::npos ? path : path.substr(slash + 1), where.line());
}

std::string describe(const Tensor& tensor) {
  if (tensor.empty()) return "an empty handle";
  const Node* node = tensor.node();
  if (node->is_number()) return fmt::format("the number {}", node->number);
  const std::string name = tensor.name();
  return fmt::format("{}{} {}", name.empty() ? "" : "'" + name + "' ", name_of(node->dtype), node->shape.text());
}

const Registered* operation_of(const Tensor& tensor) {
  return tensor.node()->operation;
}

Tensors inputs_of(const Tensor& tensor) {
  const std::scoped_lock lock(graph_mutex());
  Tensors inputs;
  for (Node* input : tensor.node()->inputs()) inputs.push_back(share(input));
  return inputs;
}

const Attributes& attributes_of(const Tensor& tensor) {
  return tensor.node()->attributes;
}
Where where_of(const Tensor& tensor) {
  return tensor.node()->where;
}

Leaf leaf_of(const Tensor& tensor) {
  switch (tensor.node()->kind) {
    case NodeKind::operation:
      return Leaf::none;
    case NodeKind::constant:
      return Leaf::constant;
    case NodeKind::number:
    case NodeKind::variable_number:
      return Leaf::number;
    case NodeKind::parameter:
      return Leaf::parameter;
  }
  return Leaf::none;
}

double number_of(const Tensor& tensor) {
  forbid_in_rules("read a number", where_of(tensor));
  return tensor.node()->number;
}

void forbid_in_rules(std::string_view what, Where where) {
  ScopedRule::forbid(what, where);
}

}  // namespace gradus
