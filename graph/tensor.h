#pragma once

#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include <gradus/graph/dtype.h>
#include <gradus/graph/shape.h>

namespace gradus {

struct Node;
class Parameter;
class Operand;

/// Whom an error should point at: the line of the user's program.
using Where = std::source_location;

/// A cheap handle to an immutable node of the graph: an operation, its inputs and attributes, a shape, a dtype, and,
/// once evaluated, a value. The graph is the handles: a node lives as long as somebody can reach it.
class Tensor {
 public:
  /// An empty handle; using it in an operation throws ValueError.
  Tensor() = default;
  /// A number takes the dtype of whatever it meets (float32 on its own), and is a value, not structure: the same graph
  /// built with another number needs no new plan.
  Tensor(double number);  // NOLINT(google-explicit-constructor): numbers in formulas
  Tensor(const Tensor& other);
  Tensor(Tensor&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Tensor& operator=(const Tensor& other);
  Tensor& operator=(Tensor&& other) noexcept;
  ~Tensor();

  bool empty() const { return node_ == nullptr; }
  const Shape& shape() const;
  int rank() const { return shape().rank(); }
  /// The size along an axis; -1 is the last one. Throws ShapeError where there is no such axis.
  Index size(int axis, Where where = Where::current()) const;
  Index count() const { return shape().count(); }
  Dtype dtype() const;

  /// A name for errors and drawings. Names belong to the node, so every handle sees it.
  Tensor named(std::string name) const;
  /// The name given; empty if there is none.
  std::string name() const;

  bool evaluated() const;
  /// The only entry, evaluated if need be. Throws ShapeError if there are several and DtypeError if T would lose
  /// digits.
  template <class T = double>
  T item(Where where = Where::current()) const;
  /// All entries in row-major order, evaluated if need be. Throws DtypeError if T would lose digits.
  template <class T = double>
  std::vector<T> values(Where where = Where::current()) const;
  /// The evaluated entries in place, row-major; valid while a handle lives. T must be the dtype exactly (std::uint8_t
  /// reads booleans). Throws DtypeError otherwise.
  template <class T>
  std::span<const T> view(Where where = Where::current()) const;

  /// The same value without its history: gradients stop here.
  Tensor detach(Where where = Where::current()) const;

  /// For those who extend the library: the node, and a handle that takes over one reference.
  Node* node() const { return node_; }
  static Tensor adopt(Node* node) {
    Tensor tensor;
    tensor.node_ = node;
    return tensor;
  }

 private:
  Node* node_ = nullptr;
};

using Tensors = std::vector<Tensor>;

/// What operations take: a tensor, a parameter (at its current version) or a number, with the line on which it is used.
/// Meant for parameters of functions: it borrows a tensor that has a name, and so does its copy. A temporary that only
/// operands hold does not count as a handle that somebody may still read.
class Operand {
 public:
  Operand(const Tensor& tensor, Where where = Where::current()) : borrowed_(&tensor), where_(where) {}
  Operand(Tensor&& tensor, Where where = Where::current()) : owned_(std::move(tensor)), where_(where) { hold(); }
  Operand(const Tensor&& tensor, Where where = Where::current()) : owned_(tensor), where_(where) { hold(); }
  Operand(const Parameter& parameter, Where where = Where::current());
  Operand(double number, Where where = Where::current()) : owned_(number), where_(where) { hold(); }
  Operand(const Operand& other) : borrowed_(&other.tensor()), where_(other.where_) {}
  Operand(Operand&& other) noexcept
      : owned_(std::move(other.owned_)), borrowed_(other.borrowed_), where_(other.where_), passing_(other.passing_) {}
  Operand& operator=(Operand other) noexcept {
    std::swap(owned_, other.owned_);
    std::swap(borrowed_, other.borrowed_);
    std::swap(passing_, other.passing_);
    where_ = other.where_;
    return *this;
  }
  ~Operand() {
    if (passing_) let_go();
  }

  const Tensor& tensor() const { return borrowed_ ? *borrowed_ : owned_; }
  Where where() const { return where_; }

 private:
  void hold();
  void let_go() const;
  Tensor owned_;
  const Tensor* borrowed_ = nullptr;
  Where where_;
  bool passing_ = false;  ///< the tensor was a temporary that nobody else referred to
};

/// A number as a scalar tensor of a given dtype. Like a literal in a formula it is a value, not structure; only whether
/// it is exactly 0, 1 or −1 may shape the plan.
Tensor number(double value, Dtype dtype);
/// The same, but never looked at when planning: for a learning rate that passes through 1 on its way.
Tensor variable_number(double value, Dtype dtype);

/// A tensor of given entries, row-major. T: float, double, std::int32_t or bool. Throws ShapeError if their number is
/// not the shape's count.
template <class T>
Tensor tensor(const std::vector<T>& values, const Shape& shape, Where where = Where::current());
template <class T>
Tensor tensor(std::initializer_list<T> values, const Shape& shape, Where where = Where::current()) {
  return tensor(std::vector<T>(values), shape, where);
}
/// A rank-1 tensor of given entries.
template <class T>
Tensor tensor(std::initializer_list<T> values) {
  return tensor(std::vector<T>(values), {static_cast<Index>(values.size())}, Where());
}
/// A tensor over memory that somebody else owns and that never changes again: no copy. `owner` is kept alive.
Tensor tensor_over(
    const void* data, Dtype dtype, const Shape& shape, std::shared_ptr<const void> owner,
    Where where = Where::current());

}  // namespace gradus
