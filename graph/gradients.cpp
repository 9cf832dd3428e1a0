#include <gradus/graph/gradients.h>

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <gradus/graph/flow.h>
#include <gradus/graph/lost_gradient.h>
#include <gradus/graph/node.h>
#include <gradus/graph/number_watch.h>
#include <gradus/graph/rule_override.h>

namespace gradus {

namespace {

// The graph behind some outputs, frozen: what other threads do to the nodes meanwhile does not matter.
struct Walk {
  struct Vertex {
    Tensor tensor;
    std::size_t first_input = 0, input_count = 0;  // in `edges`
    bool leads = false;                            // a target can be reached from here, differentiably
    Tensor cotangent;
  };
  std::vector<Vertex> vertices;  // inputs before their readers
  std::vector<std::uint32_t> edges;

  std::span<const std::uint32_t> inputs(const Vertex& vertex) const {
    return std::span(edges).subspan(vertex.first_input, vertex.input_count);
  }
};

// Where an expansion is differentiated, its inputs are the end of the walk.
enum class Targets { walk_through, stop };

Walk walk_behind(const Tensors& outputs, const Tensors& targets, Targets at_targets) {
  Walk walk;
  const std::scoped_lock lock(graph_mutex());
  const std::uint64_t number = next_walk(), unfinished = next_walk();
  std::vector<Node*> ends;
  if (at_targets == Targets::stop) {
    for (const Tensor& target : targets) ends.push_back(target.node());
  }
  std::vector<std::pair<Node*, std::uint32_t>> stack;  // a node and the input to visit next
  const auto push = [&](Node* node) {
    if (node->walk == number || node->walk == unfinished) return;
    node->walk = unfinished;
    stack.emplace_back(node, 0);
  };
  for (const Tensor& output : outputs) {
    push(output.node());
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      const bool end = std::find(ends.begin(), ends.end(), node) != ends.end();
      if (!end && next < node->input_count) {
        push(node->inputs()[next++]);
        continue;
      }
      Walk::Vertex vertex{.tensor = share(node), .first_input = walk.edges.size(), .cotangent = {}};
      if (!end) {
        for (const Node* input : node->inputs()) walk.edges.push_back(input->position);
      }
      vertex.input_count = walk.edges.size() - vertex.first_input;
      node->walk = number;
      node->position = static_cast<std::uint32_t>(walk.vertices.size());
      walk.vertices.push_back(std::move(vertex));
      stack.pop_back();
    }
  }
  return walk;
}

std::optional<double> literal(const Tensor& tensor) {
  const Node* node = tensor.node();
  if (node->kind != NodeKind::number) return std::nullopt;
  return node->number;
}

Tensor times(const Tensor& cotangent, const Tensor& slope) {
  if (literal(slope) == 1.0) return cotangent;
  if (literal(slope) == -1.0) return -cotangent;
  return cotangent * slope;
}

Tensors vector_jacobian_product(
    const Tensors& outputs, const Tensors& cotangents, const Tensors& targets, Missing missing, Targets at_targets,
    Where where);

Tensors differentiated_expansion(const Call& call, const Tensor& cotangent) {
  Tensors inputs;
  for (const Operand& input : call.inputs()) {
    if (is_floating(input.tensor().dtype())) inputs.push_back(input.tensor());
  }
  const Tensor expansion = call.operation().expand(call);
  const Tensors found =
      vector_jacobian_product({expansion}, {cotangent}, inputs, Missing::zeros, Targets::stop, call.where());
  Tensors results;
  std::size_t next = 0;
  for (int i = 0; i < call.input_count(); ++i) {
    if (!is_floating(call[i].dtype())) {
      results.emplace_back();
      continue;
    }
    // In f(x, x) both inputs are one node, whose cotangent already holds both uses.
    const auto earlier = call.inputs().first(static_cast<std::size_t>(i));
    const bool repeated = std::any_of(
        earlier.begin(), earlier.end(), [&](const Operand& other) { return other.tensor().node() == call[i].node(); });
    results.push_back(repeated ? Tensor() : found[next]);
    ++next;
  }
  return results;
}

// One cotangent an input, before broadcasting is undone; empty where none flows or none is wanted.
Tensors apply_rule(const Call& call, const Tensor& y, const Tensor& g, const std::vector<bool>& wanted) {
  const Operation& operation = call.operation();
  const auto count = static_cast<std::size_t>(call.input_count());
  Tensors results(count);
  const ScopedRule rule(operation.name);
  if (operation.slopes && operation.slopes->given()) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!wanted[i]) continue;
      const Tensor slope = operation.slopes->of(call, y, static_cast<int>(i));
      if (!slope.empty()) results[i] = times(g, slope);
    }
  } else if (operation.derivative) {
    results = operation.derivative(call, y, g);
    if (results.size() != count) {
      throw GradientError(fmt::format(
          "{}{}: its derivative rule returned {} cotangents for {} inputs", at(call.where()), operation.name,
          results.size(), count));
    }
  } else if (operation.expand) {
    results = differentiated_expansion(call, g);
  }
  return results;
}

void check_cotangent(const Call& call, const Tensor& input, Tensor& cotangent) {
  if (literal(cotangent)) {
    NumberWatch::note(cotangent.node());
    cotangent = number(*literal(cotangent), input.dtype());
  }
  if (cotangent.dtype() == input.dtype() && cotangent.shape() == input.shape()) return;
  if (cotangent.dtype() == input.dtype() && broadcastable(cotangent.shape(), input.shape())) {
    if (broadcast(cotangent.shape(), input.shape()) == input.shape()) {
      cotangent = broadcast_to(cotangent, input.shape());
      return;
    }
    if (call.operation().is_elementwise()) {
      cotangent = sum_to(cotangent, input.shape());
      return;
    }
  }
  throw GradientError(fmt::format(
      "{}{}: its derivative rule returned {} as the cotangent of {}", at(call.where()), call.operation().name,
      describe(cotangent), describe(input)));
}

class Backward {
 public:
  Backward(Walk& walk, const Tensors& targets) : walk_(walk) {
    for (const Tensor& target : targets) target_nodes_.push_back(target.node());
    std::sort(target_nodes_.begin(), target_nodes_.end());
    target_vertices_.resize(target_nodes_.size(), nullptr);
    for (Walk::Vertex& vertex : walk_.vertices) {
      if (const auto slot = target_slot(vertex.tensor.node())) target_vertices_[*slot] = &vertex;
      vertex.leads = leads(vertex);
    }
  }

  /// Empty if none arrived.
  Tensor cotangent_of(const Tensor& target) const {
    const Walk::Vertex* vertex = target_vertices_[*target_slot(target.node())];
    return vertex ? vertex->cotangent : Tensor();
  }

  void seed(const Tensor& output, const Tensor& cotangent) {
    for (Walk::Vertex& vertex : walk_.vertices) {
      if (vertex.tensor.node() == output.node()) add(vertex, cotangent);
    }
  }

  void run() {
    for (std::size_t i = walk_.vertices.size(); i-- > 0;) {
      Walk::Vertex& vertex = walk_.vertices[i];
      if (!vertex.leads || vertex.cotangent.empty() || vertex.input_count == 0) continue;
      pass_on(vertex);
      // Only targets are asked for their cotangent afterwards.
      if (!is_target(vertex)) vertex.cotangent = {};
    }
  }

 private:
  std::optional<std::size_t> target_slot(Node* node) const {
    const auto found = std::lower_bound(target_nodes_.begin(), target_nodes_.end(), node);
    if (found == target_nodes_.end() || *found != node) return std::nullopt;
    return static_cast<std::size_t>(found - target_nodes_.begin());
  }

  bool is_target(const Walk::Vertex& vertex) const { return target_slot(vertex.tensor.node()).has_value(); }

  bool leads(const Walk::Vertex& vertex) const {
    const Node* node = vertex.tensor.node();
    if (!is_floating(node->dtype)) return false;
    if (is_target(vertex)) return true;
    if (!node->operation || !node->operation->differentiable()) return false;
    const auto inputs = walk_.inputs(vertex);
    return std::any_of(inputs.begin(), inputs.end(), [&](std::uint32_t i) { return walk_.vertices[i].leads; });
  }

  static void add(Walk::Vertex& vertex, const Tensor& cotangent) {
    vertex.cotangent = vertex.cotangent.empty() ? cotangent : vertex.cotangent + cotangent;
  }

  void pass_on(Walk::Vertex& vertex) {
    const Node* node = vertex.tensor.node();
    std::vector<Operand> operands;
    std::vector<bool> wanted;
    for (const std::uint32_t i : walk_.inputs(vertex)) {
      operands.emplace_back(walk_.vertices[i].tensor, node->where);
      wanted.push_back(walk_.vertices[i].leads);
    }
    const ScopedOrigin origin(node->where);
    const Call call(*node->operation, operands, node->attributes, node->where);
    Tensors cotangents = apply_rule(call, vertex.tensor, vertex.cotangent, wanted);
    if (const auto* mutate = ScopedRuleOverride::find(*node->operation)) {
      cotangents = (*mutate)(call, vertex.tensor, vertex.cotangent, std::move(cotangents));
    }
    for (std::size_t k = 0; k < cotangents.size(); ++k) {
      if (!wanted[k] || cotangents[k].empty()) continue;
      Walk::Vertex& input = walk_.vertices[walk_.edges[vertex.first_input + k]];
      check_cotangent(call, input.tensor, cotangents[k]);
      add(input, cotangents[k]);
    }
  }

  Walk& walk_;
  std::vector<Node*> target_nodes_;             // sorted
  std::vector<Walk::Vertex*> target_vertices_;  // in the same order; null where the walk never came by
};

void check_arguments(const Tensors& outputs, const Tensors& cotangents, const Tensors& targets, Where where) {
  if (outputs.size() != cotangents.size()) {
    throw ValueError(fmt::format("{}vjp: {} outputs but {} cotangents", at(where), outputs.size(), cotangents.size()));
  }
  const std::pair<std::string_view, const Tensors*> lists[] = {
      {"outputs", &outputs}, {"cotangents", &cotangents}, {"with_respect_to", &targets}};
  for (const auto& [name, tensors] : lists) {
    const auto empty =
        std::find_if(tensors->begin(), tensors->end(), [](const Tensor& tensor) { return tensor.empty(); });
    if (empty == tensors->end()) continue;
    throw ValueError(fmt::format("{}gradients: {}[{}] is an empty handle", at(where), name, empty - tensors->begin()));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].shape() == cotangents[i].shape()) continue;
    throw ShapeError(fmt::format(
        "{}vjp: cotangent {} must have the shape of its output {}", at(where), describe(cotangents[i]),
        describe(outputs[i])));
  }
  for (const Tensor& target : targets) {
    if (is_floating(target.dtype())) continue;
    throw DtypeError(fmt::format(
        "{}gradients: {} is not floating: there is no derivative with respect to it", at(where), describe(target)));
  }
}

// Empty where none arrives.
Tensors cotangents_behind(
    const Tensors& outputs, const Tensors& cotangents, const Tensors& targets, Targets at_targets) {
  Walk walk = walk_behind(outputs, targets, at_targets);
  Backward backward(walk, targets);
  for (std::size_t i = 0; i < outputs.size(); ++i) backward.seed(outputs[i], cotangents[i]);
  backward.run();
  Tensors results;
  for (const Tensor& target : targets) results.push_back(backward.cotangent_of(target));
  return results;
}

Tensors vector_jacobian_product(
    const Tensors& outputs, const Tensors& cotangents, const Tensors& targets, Missing missing, Targets at_targets,
    Where where) {
  check_arguments(outputs, cotangents, targets, where);
  Tensors results = cotangents_behind(outputs, cotangents, targets, at_targets);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (missing == Missing::error) {
      check_not_lost(outputs, targets[i], !results[i].empty(), where);
    } else if (at_targets == Targets::walk_through) {
      check_nothing_forgotten(outputs, targets[i], where);
    }
    if (results[i].empty()) results[i] = full(targets[i].shape(), 0, targets[i].dtype(), where);
  }
  return results;
}

}  // namespace

Tensors vjp_where_it_flows(const Tensors& outputs, const Tensors& cotangents, const Tensors& with_respect_to) {
  check_arguments(outputs, cotangents, with_respect_to, {});
  return cotangents_behind(outputs, cotangents, with_respect_to, Targets::walk_through);
}

Tensors vjp(
    const Tensors& outputs, const Tensors& cotangents, const Tensors& with_respect_to, Missing missing, Where where) {
  return vector_jacobian_product(outputs, cotangents, with_respect_to, missing, Targets::walk_through, where);
}

Tensors gradients(const Operand& cost, const Tensors& with_respect_to, Missing missing) {
  const Tensor& tensor = cost.tensor();
  if (tensor.empty()) throw ValueError(at(cost.where()) + "gradients: the cost is an empty handle");
  if (tensor.count() != 1 || !is_floating(tensor.dtype())) {
    throw ShapeError(fmt::format(
        "{}gradients: the cost must be one floating number, but it is {}; {}", at(cost.where()), describe(tensor),
        is_floating(tensor.dtype()) ? "reduce it with mean or sum, or use vjp"
                                    : "there is no derivative of whole numbers or booleans"));
  }
  const ScopedOrigin origin(cost.where());
  Tensor one = number(1.0, tensor.dtype());
  if (tensor.rank() > 0) one = reshape(one, tensor.shape());
  return vjp({tensor}, {one}, with_respect_to, missing, cost.where());
}

namespace {

// Directions in the space of `tensors`: one each, shaped like it.
void check_directions(
    std::string_view function, const Tensors& tensors, std::string_view what, const Tensors& directions, Where where) {
  if (tensors.size() != directions.size()) {
    throw ValueError(fmt::format(
        "{}{}: with_respect_to and {} must be as many, but are {} and {}", at(where), function, what, tensors.size(),
        directions.size()));
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].empty() || directions[i].empty()) {
      throw ValueError(fmt::format("{}{}: {}[{}] or its tensor is an empty handle", at(where), function, what, i));
    }
    if (tensors[i].shape() == directions[i].shape()) continue;
    throw ShapeError(fmt::format(
        "{}{}: {}[{}] must have the shape of {}, but is {}", at(where), function, what, i, describe(tensors[i]),
        describe(directions[i])));
  }
}

}  // namespace

Tensor jvp(const Operand& y, const Tensors& with_respect_to, const Tensors& tangents) {
  if (y.tensor().empty()) throw ValueError(at(y.where()) + "jvp: what to differentiate is an empty handle");
  check_directions("jvp", with_respect_to, "tangents", tangents, y.where());
  // The vjp is linear in its cotangent, so any cotangent serves as the point to differentiate at.
  const Shape& shape = y.tensor().shape();
  const BufferHandle zeros(Buffer::allocate(y.tensor().node()->bytes()));
  std::fill_n(static_cast<char*>(zeros->data()), zeros->bytes(), '\0');
  Node* leaf = new_node(NodeKind::constant, shape, y.tensor().dtype(), y.where());
  leaf->value.store(BufferHandle(zeros).detach());
  const Tensor cotangent = Tensor::adopt(leaf);
  const Tensors products = vjp({y.tensor()}, {cotangent}, with_respect_to, Missing::error, y.where());
  return vjp(products, tangents, {cotangent}, Missing::zeros, y.where())[0];
}

Tensors hessian_vector_product(const Operand& cost, const Tensors& with_respect_to, const Tensors& vectors) {
  check_directions("hessian_vector_product", with_respect_to, "vectors", vectors, cost.where());
  // A gradient that no longer depends on x is constant there: its derivative is zero, not lost.
  return vjp(gradients(cost, with_respect_to), vectors, with_respect_to, Missing::zeros, cost.where());
}

namespace {

Tensor jacobian_rows(const Operand& y, const Tensor& x, Missing missing) {
  const Shape& shape = y.tensor().shape();
  const Index count = shape.count();
  const Tensor flat = reshape(y, {count});
  Tensors rows;
  std::vector<double> unit(static_cast<std::size_t>(count), 0.0);
  for (Index i = 0; i < count; ++i) {
    unit.assign(unit.size(), 0.0);
    unit[static_cast<std::size_t>(i)] = 1;
    Tensor cotangent;
    if (flat.dtype() == Dtype::float64) {
      cotangent = tensor(unit, {count}, y.where());
    } else {
      cotangent = tensor(std::vector<float>(unit.begin(), unit.end()), {count}, y.where());
    }
    rows.push_back(vjp({flat}, {cotangent}, {x}, missing, y.where())[0]);
  }
  std::vector<Index> sizes(shape.begin(), shape.end());
  sizes.insert(sizes.end(), x.shape().begin(), x.shape().end());
  const Shape result{std::span<const Index>(sizes)};
  if (rows.empty()) return full(result, 0, x.dtype(), y.where());
  return reshape(stack(rows, 0, y.where()), result);
}

}  // namespace

Tensor jacobian(const Operand& y, const Tensor& x) {
  return jacobian_rows(y, x, Missing::error);
}

Tensor hessian(const Operand& cost, const Tensor& x) {
  return jacobian_rows(Operand(gradients(cost, {x})[0], cost.where()), x, Missing::zeros);
}

namespace {

thread_local ScopedRuleOverride* innermost = nullptr;

}  // namespace

ScopedRuleOverride::ScopedRuleOverride(const Registered& operation, Mutate mutate)
    : operation_(operation), mutate_(std::move(mutate)), previous_(std::exchange(innermost, this)) {}

ScopedRuleOverride::~ScopedRuleOverride() {
  innermost = previous_;
}

bool ScopedRuleOverride::any() {
  return innermost != nullptr;
}

const ScopedRuleOverride::Mutate* ScopedRuleOverride::find(const Registered& operation) {
  for (const ScopedRuleOverride* scoped = innermost; scoped; scoped = scoped->previous_) {
    if (&scoped->operation_ == &operation) return &scoped->mutate_;
  }
  return nullptr;
}

}  // namespace gradus
