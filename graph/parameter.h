#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gradus/graph/tensor.h>

namespace gradus {

struct ParameterState;

/// The only thing in a graph that changes: a named leaf with a version. Copies share the same state. In a formula it
/// stands for its value at the current version; a graph built on an older version cannot be evaluated any more
/// (StaleError).
class Parameter {
 public:
  Parameter() = default;
  /// Starts at the value of `initial`, which is evaluated here.
  Parameter(const Tensor& initial, std::string name = "", Where where = Where::current());  // NOLINT: Parameter w = …

  bool empty() const { return state_ == nullptr; }
  /// The leaf of the current version: the same node until the parameter moves on.
  Tensor tensor() const;
  operator Tensor() const { return tensor(); }  // NOLINT(google-explicit-constructor): used in formulas

  const Shape& shape() const;
  int rank() const { return shape().rank(); }
  Index size(int axis, Where where = Where::current()) const { return tensor().size(axis, where); }
  Dtype dtype() const;
  const std::string& name() const;
  /// Names the parameter, for errors, drawings and files. Returns itself.
  Parameter named(std::string name) const;
  /// How often it has been assigned.
  std::uint64_t version() const;

  template <class T = double>
  std::vector<T> values(Where where = Where::current()) const {
    return tensor().values<T>(where);
  }
  template <class T = double>
  T item(Where where = Where::current()) const {
    return tensor().item<T>(where);
  }
  /// Moves on to the value of `value`, evaluated here. Throws ShapeError or DtypeError unless both are the same.
  void assign(const Tensor& value, Where where = Where::current()) const;

  ParameterState* state() const { return state_.get(); }
  bool operator==(const Parameter& other) const { return state_ == other.state_; }

 private:
  std::shared_ptr<ParameterState> state_;
};

using Parameters = std::vector<Parameter>;

}  // namespace gradus
