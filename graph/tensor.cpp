#include <gradus/graph/tensor.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/node.h>

namespace gradus {

namespace {

Node* number_node(NodeKind kind, double value, Dtype dtype, Where where) {
  Node* node = new_node(kind, {}, dtype, where);
  node->number = value;
  return node;
}

// Not graph_mutex: errors name tensors while a walk holds that one.
std::mutex& name_mutex() {
  static std::mutex* mutex = new std::mutex;
  return *mutex;
}

const Node* checked(const Tensor& tensor, Where where = {}) {
  if (tensor.empty()) throw ValueError(at(where) + "an empty tensor has no shape, dtype or value; give it one first");
  return tensor.node();
}

// What a user calls the type of the entries.
template <class T>
constexpr std::string_view type_name() {
  if constexpr (std::is_same_v<T, float>) return "float";
  if constexpr (std::is_same_v<T, double>) return "double";
  if constexpr (std::is_same_v<T, bool>) return "bool";
  return std::is_same_v<T, std::uint8_t> ? "std::uint8_t" : "std::int32_t";
}

std::string_view type_of_entries(Dtype dtype) {
  switch (dtype) {
    case Dtype::float32:
      return type_name<float>();
    case Dtype::float64:
      return type_name<double>();
    case Dtype::int32:
      return type_name<std::int32_t>();
    case Dtype::boolean:
      return type_name<std::uint8_t>();
  }
  return "";
}

}  // namespace

Tensor::Tensor(double number) : node_(number_node(NodeKind::number, number, Dtype::float32, {})) {}

Tensor number(double value, Dtype dtype) {
  return Tensor::adopt(number_node(NodeKind::number, value, dtype, {}));
}

Tensor variable_number(double value, Dtype dtype) {
  return Tensor::adopt(number_node(NodeKind::variable_number, value, dtype, {}));
}

Tensor::Tensor(const Tensor& other) : node_(other.node_) {
  if (node_) retain(node_);
}

Tensor& Tensor::operator=(const Tensor& other) {
  Tensor copy(other);
  std::swap(node_, copy.node_);
  return *this;
}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  std::swap(node_, other.node_);
  return *this;
}

Tensor::~Tensor() {
  if (node_) release(node_);
}

const Shape& Tensor::shape() const {
  return checked(*this)->shape;
}
Dtype Tensor::dtype() const {
  return checked(*this)->dtype;
}

Index Tensor::size(int axis, Where where) const {
  return shape()[normal_axis("size", Operand(*this, where), axis)];
}

Tensor Tensor::named(std::string name) const {
  checked(*this);
  const std::scoped_lock lock(name_mutex());
  node_->name = std::make_unique<std::string>(std::move(name));
  return *this;
}

std::string Tensor::name() const {
  const Node* node = checked(*this);
  if (node->parameter) return node->parameter->name;
  const std::scoped_lock lock(name_mutex());
  return node->name ? *node->name : std::string();
}

bool Tensor::evaluated() const {
  return checked(*this)->has_value();
}

namespace {

// The value's bytes, evaluated if need be. Numbers have none: they are read from the node.
const void* value_bytes(const Tensor& tensor, Where where) {
  Node* node = tensor.node();
  ScopedRule::forbid("read values", where);
  evaluate({tensor}, where);
  return node->value.load(std::memory_order_acquire)->data();
}

template <class From, class T>
void convert(const void* bytes, Index count, T* to) {
  std::copy_n(static_cast<const From*>(bytes), count, to);
}

template <class T>
bool holds_exactly(Dtype dtype) {
  if (dtype == dtype_of<T> || dtype == Dtype::boolean) return true;
  if constexpr (std::is_same_v<T, double>) return true;
  return false;
}

template <class T>
void require_exact(const Tensor& tensor, std::string_view what, Where where) {
  const Dtype dtype = checked(tensor, where)->dtype;
  if (holds_exactly<T>(dtype)) return;
  throw DtypeError(fmt::format(
      "{}{}<{}>: would lose digits of {}; ask for {}<{}> or cast first", at(where), what, type_name<T>(),
      describe(tensor), what, type_of_entries(dtype)));
}

template <class T>
void read(const Tensor& tensor, T* to, Where where) {
  const Node* node = tensor.node();
  ScopedRule::forbid("read values", where);
  if (node->is_number()) {
    // A number of dtype float32 is what a kernel would see.
    const double value =
        node->dtype == Dtype::float32 ? static_cast<double>(static_cast<float>(node->number)) : node->number;
    *to = static_cast<T>(value);
    return;
  }
  const void* bytes = value_bytes(tensor, where);
  const Index count = node->shape.count();
  // Parameters are overwritten in place by assignments, so their values are read under their lock.
  std::shared_lock<std::shared_mutex> access;
  if (node->parameter) access = std::shared_lock(node->parameter->access);
  if (node->dtype == dtype_of<T>) {
    if (count > 0) std::memcpy(to, bytes, static_cast<std::size_t>(node->bytes()));
    return;
  }
  switch (node->dtype) {
    case Dtype::float32:
      return convert<float>(bytes, count, to);
    case Dtype::float64:
      return convert<double>(bytes, count, to);
    case Dtype::int32:
      return convert<std::int32_t>(bytes, count, to);
    case Dtype::boolean:
      return convert<std::uint8_t>(bytes, count, to);
  }
}

}  // namespace

template <class T>
T Tensor::item(Where where) const {
  require_exact<T>(*this, "item", where);
  if (count() != 1) {
    throw ShapeError(fmt::format(
        "{}item: {} has {} entries, not one; reduce it first or ask for values", at(where), describe(*this), count()));
  }
  T value{};
  read(*this, &value, where);
  return value;
}

template <class T>
std::vector<T> Tensor::values(Where where) const {
  require_exact<T>(*this, "values", where);
  const auto size = static_cast<std::size_t>(count());
  if constexpr (std::is_same_v<T, bool>) {
    const auto bytes = std::make_unique<bool[]>(std::max<std::size_t>(size, 1));
    read(*this, bytes.get(), where);
    return std::vector<bool>(bytes.get(), bytes.get() + size);
  } else {
    std::vector<T> values(size);
    read(*this, values.data(), where);
    return values;
  }
}

namespace {

template <class T>
constexpr Dtype viewed_as() {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    return Dtype::boolean;
  } else {
    return dtype_of<T>;
  }
}

}  // namespace

template <class T>
std::span<const T> Tensor::view(Where where) const {
  if (checked(*this, where)->dtype != viewed_as<T>()) {
    throw DtypeError(fmt::format(
        "{}view<{}>: {} is not held as {}; ask for view<{}>, or values() for a copy as double", at(where),
        type_name<T>(), describe(*this), type_name<T>(), type_of_entries(dtype())));
  }
  ScopedRule::forbid("read values", where);
  if (node_->is_number() && !node_->value.load()) {
    const double number = node_->number;
    BufferHandle memory(Buffer::allocate(node_->bytes()));
    if constexpr (std::is_same_v<T, std::uint8_t>) {
      *static_cast<std::uint8_t*>(memory->data()) = number != 0;
    } else {
      *static_cast<T*>(memory->data()) = static_cast<T>(number);
    }
    Buffer* none = nullptr;
    if (node_->value.compare_exchange_strong(none, memory.get())) memory.detach();
  }
  return {static_cast<const T*>(value_bytes(*this, where)), static_cast<std::size_t>(count())};
}

Tensor Tensor::detach(Where where) const {
  ScopedRule::forbid("detach", where);
  const Node* node = checked(*this, where);
  if (node->is_number()) return *this;
  value_bytes(*this, where);
  Node* cut = new_node(NodeKind::constant, node->shape, node->dtype, where);
  if (node->parameter) {
    // A parameter's memory changes under it: the detached value is a copy.
    const std::shared_lock access(node->parameter->access);
    Buffer* copy = Buffer::allocate(node->bytes());
    std::memcpy(copy->data(), node->value.load()->data(), static_cast<std::size_t>(node->bytes()));
    cut->value.store(copy);
  } else {
    Buffer* buffer = node->value.load(std::memory_order_acquire);
    buffer->retain();
    cut->value.store(buffer);
  }
  Tensor result = Tensor::adopt(cut);
  const std::string name = this->name();
  return name.empty() ? result : result.named(name);
}

Operand::Operand(const Parameter& parameter, Where where) : where_(where) {
  if (!parameter.empty()) owned_ = parameter.tensor();
  hold();
}

// No other thread can know a node that has one reference, and that here.
void Operand::hold() {
  Node* node = owned_.node();
  if (!node || node->references.load(std::memory_order_relaxed) != 1) return;
  node->passing.store(true, std::memory_order_relaxed);
  passing_ = true;
}

void Operand::let_go() const {
  if (Node* node = owned_.node()) node->passing.store(false, std::memory_order_relaxed);
}

template <class T>
Tensor tensor(const std::vector<T>& values, const Shape& shape, Where where) {
  if (static_cast<Index>(values.size()) != shape.count()) {
    throw ShapeError(fmt::format(
        "{}tensor: {} entries given, but shape {} holds {}", at(where), values.size(), shape.text(), shape.count()));
  }
  Node* node = new_node(NodeKind::constant, shape, dtype_of<T>, where);
  Tensor result = Tensor::adopt(node);
  Buffer* buffer = Buffer::allocate(node->bytes());
  node->value.store(buffer);
  if constexpr (std::is_same_v<T, bool>) {
    std::copy(values.begin(), values.end(), static_cast<std::uint8_t*>(buffer->data()));
  } else if (!values.empty()) {
    std::memcpy(buffer->data(), values.data(), static_cast<std::size_t>(node->bytes()));
  }
  return result;
}

Tensor tensor_over(const void* data, Dtype dtype, const Shape& shape, std::shared_ptr<const void> owner, Where where) {
  Node* node = new_node(NodeKind::constant, shape, dtype, where);
  node->value.store(Buffer::borrow(data, node->bytes(), std::move(owner)));
  return Tensor::adopt(node);
}

template float Tensor::item<float>(Where) const;
template double Tensor::item<double>(Where) const;
template std::int32_t Tensor::item<std::int32_t>(Where) const;
template bool Tensor::item<bool>(Where) const;
template std::vector<float> Tensor::values<float>(Where) const;
template std::vector<double> Tensor::values<double>(Where) const;
template std::vector<std::int32_t> Tensor::values<std::int32_t>(Where) const;
template std::vector<bool> Tensor::values<bool>(Where) const;
template std::span<const float> Tensor::view<float>(Where) const;
template std::span<const double> Tensor::view<double>(Where) const;
template std::span<const std::int32_t> Tensor::view<std::int32_t>(Where) const;
template std::span<const std::uint8_t> Tensor::view<std::uint8_t>(Where) const;
template Tensor tensor<float>(const std::vector<float>&, const Shape&, Where);
template Tensor tensor<double>(const std::vector<double>&, const Shape&, Where);
template Tensor tensor<std::int32_t>(const std::vector<std::int32_t>&, const Shape&, Where);
template Tensor tensor<bool>(const std::vector<bool>&, const Shape&, Where);

}  // namespace gradus
