#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include <gradus/graph/attributes.h>
#include <gradus/graph/dtype.h>
#include <gradus/graph/shape.h>

namespace gradus {

struct Registered;

namespace plan {
struct Draft;
}

/// A value in a graph that is being planned, as an operation's `rewrite` sees it: what it is made of, but no entries.
/// Leaves are made of nothing.
class Term {
 public:
  Term(plan::Draft& draft, std::uint32_t vertex) : draft_(&draft), vertex_(vertex) {}

  bool is(const Registered& operation) const;
  /// Of numbers only 0, 1 and −1 can be told; plans are made for whatever the others are.
  bool is_number(double value) const;
  /// An input of the operation, which must have it.
  Term operator[](int input) const;

  /// Null for a leaf.
  const Registered* operation() const;
  const Attributes& attributes() const;
  const Shape& shape() const;
  Dtype dtype() const;
  /// The same value, not just an equal one; equal expressions are one value.
  bool operator==(const Term& other) const { return vertex_ == other.vertex_; }

  /// A new value of this one's shape and dtype, which the operation must give for these inputs.
  Term with(const Registered& operation, std::initializer_list<Term> inputs, const Attributes& attributes = {}) const;

  /// The same of another shape, and any number of inputs.
  Term with(
      const Registered& operation, const std::vector<Term>& inputs, const Attributes& attributes,
      const Shape& shape) const;

  std::uint32_t vertex() const { return vertex_; }

 private:
  plan::Draft* draft_;
  std::uint32_t vertex_;
};

}  // namespace gradus
