#include <gradus/graph/parameter.h>

#include <atomic>
#include <cstring>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/node.h>

namespace gradus {

namespace {

std::string next_name() {
  static std::atomic<int> count{0};
  return fmt::format("parameter{}", ++count);
}

ParameterState* checked(const Parameter& parameter) {
  if (parameter.empty())
    throw ValueError("an empty parameter has no value; give it one first: Parameter w = normal({784, 30})");
  return parameter.state();
}

BufferHandle copy_of_value(const Tensor& tensor, Where where) {
  const Tensor value = tensor.detach(where);
  BufferHandle copy(Buffer::allocate(value.node()->bytes()));
  if (value.node()->bytes() == 0) return copy;
  if (value.node()->is_number()) {
    if (value.dtype() == Dtype::float64) {
      *static_cast<double*>(copy->data()) = value.item<double>();
    } else if (value.dtype() == Dtype::float32) {
      *static_cast<float*>(copy->data()) = value.item<float>();
    } else {
      *static_cast<std::int32_t*>(copy->data()) = value.item<std::int32_t>();
    }
  } else {
    std::memcpy(copy->data(), value.node()->value.load()->data(), static_cast<std::size_t>(copy->bytes()));
  }
  return copy;
}

}  // namespace

Tensor leaf_of_current_version(const std::shared_ptr<ParameterCell>& cell) {
  Node* node = new_node(NodeKind::parameter, cell->shape, cell->dtype, {});
  node->parameter = cell;
  node->version = cell->version.load();
  node->needs_gradient = is_floating(cell->dtype);
  cell->value->retain();
  node->value.store(cell->value.get());
  return Tensor::adopt(node);
}

void move_leaf_on(ParameterState& state) {
  ParameterCell& cell = *state.cell;
  const std::uint64_t version = cell.version.fetch_add(1, std::memory_order_acq_rel) + 1;
  Node* leaf = state.leaf.node();
  // Nobody can get at a leaf that only its parameter holds: references are handed out under state.mutex.
  if (leaf->references.load(std::memory_order_acquire) == 1) {
    leaf->version = version;
    leaf->born = evaluation_count().load(std::memory_order_relaxed);
    leaf->name.reset();
  } else {
    state.leaf = leaf_of_current_version(state.cell);
  }
}

Parameter::Parameter(const Tensor& initial, std::string name, Where where) {
  if (initial.empty()) throw ValueError(at(where) + "Parameter: the initial value is an empty handle");
  auto cell = std::make_shared<ParameterCell>();
  if (name.empty()) name = initial.name();
  cell->name = name.empty() ? next_name() : std::move(name);
  cell->shape = initial.shape();
  cell->dtype = initial.dtype();
  cell->value = copy_of_value(initial, where);
  state_ = std::make_shared<ParameterState>();
  state_->cell = std::move(cell);
  state_->leaf = leaf_of_current_version(state_->cell);
}

Tensor Parameter::tensor() const {
  ParameterState* state = checked(*this);
  const std::scoped_lock lock(state->mutex);
  return state->leaf;
}

const Shape& Parameter::shape() const {
  return checked(*this)->cell->shape;
}
Dtype Parameter::dtype() const {
  return checked(*this)->cell->dtype;
}
const std::string& Parameter::name() const {
  return checked(*this)->cell->name;
}
std::uint64_t Parameter::version() const {
  return checked(*this)->cell->version.load();
}

Parameter Parameter::named(std::string name) const {
  checked(*this)->cell->name = std::move(name);
  return *this;
}

void Parameter::assign(const Tensor& value, Where where) const {
  gradus::assign({{*this, value}}, {}, where);
}

}  // namespace gradus
