#pragma once

#include <gradus/ops/axes.h>
#include <gradus/ops/elementwise.h>

namespace gradus {

// Attributes of a reduction: which axes it takes away (bit i is axis i), and whether they stay with size 1.

/// Throws ShapeError on the user's line where x has no such axis or one is named twice.
Attributes reduction_attributes(std::string_view operation, const Operand& x, const Axes& axes, bool keep);

/// The axes that a call reduces.
Axes reduced_axes(const Call& call);
bool keeps_axes(const Call& call);
/// How many entries become one.
Index reduced_count(const Call& call);
/// A result, or its cotangent, with size 1 along the reduced axes: broadcasts against the call's input.
Tensor with_reduced_axes(const Call& call, const Tensor& result);

/// Reduces the same axes of each call.
Tensor batched_reduction(const Call& call, std::uint32_t stacked);

/// The shape rules: of nothing too, or only of one entry or more (ShapeError otherwise).
Shape reduced_shape(const Call& call);
Shape reduced_shape_of_something(const Call& call);

/// How a reduction is differentiated; leaving it out does not compile.
class ReductionRule {
 public:
  using Derivative = Tensors (*)(const Call& call, const Tensor& y, const Tensor& g);

  template <class F>
    requires std::is_convertible_v<F, Derivative>
  ReductionRule(F rule) : derivative_(rule) {}  // NOLINT(google-explicit-constructor)
  /// The rule is that of the operation's expansion.
  static ReductionRule of_expansion() { return ReductionRule(); }
  /// There is none, for this reason.
  static ReductionRule none(std::string_view reason) {
    ReductionRule rule;
    rule.none_ = reason;
    return rule;
  }

  Derivative derivative() const { return derivative_; }
  std::string_view reason_for_none() const { return none_; }

 private:
  ReductionRule() = default;
  Derivative derivative_ = nullptr;
  std::string_view none_;
};

/// What a reduction says about itself. `name`, `formula` and `derivative` must be given, and a kernel, an expansion or
/// both.
struct Reduction {
  Required name;
  Required formula;
  ReductionRule derivative;
  DtypeRule dtype = same_floating;
  Tensor (*expand)(const Call&) = nullptr;
  KernelPointer (*prepare)(const KernelRequest&) = nullptr;
  bool (*streams)(const KernelRequest&) = nullptr;
  bool of_nothing = true;  ///< whether no entries at all have a result
  std::string_view onnx = {};
  std::optional<Term> (*rewrite)(const Term& term) = nullptr;
  Domain domain = {};
  std::vector<Sample> samples = {};  ///< beside the family's
  std::vector<Misfit> misfits = {};
};

/// Samples and misfits of a family member, called through its public function.
template <auto function>
std::vector<Sample> reduction_samples(bool of_nothing) {
  std::vector<Sample> samples = {
      {{{2, 3}}, [](const Tensors& x) { return function(x[0], {}, false); }},
      {{{2, 3}}, [](const Tensors& x) { return function(x[0], 0, false); }},
      {{{3, 2}}, [](const Tensors& x) { return function(x[0], -1, keep_axes); }},
      {{{5}}, [](const Tensors& x) { return function(x[0], 0, keep_axes); }},
      {{{2, 3, 4}}, [](const Tensors& x) { return function(x[0], 1, false); }},
      {{{3, 2, 3}},
       [](const Tensors& x) {
         return function(x[0], {-1, 0}, false);
       }},
      {{{2, 2, 1, 4}},
       [](const Tensors& x) {
         return function(x[0], {1, 2}, keep_axes);
       }},
      {{{1, 4}}, [](const Tensors& x) { return function(x[0], 0, false); }},
      {{{}}, [](const Tensors& x) { return function(x[0], {}, false); }},
      {{{0, 3}}, [](const Tensors& x) { return function(x[0], 1, false); }},
  };
  if (of_nothing) {
    samples.push_back({{{0, 3}}, [](const Tensors& x) { return function(x[0], 0, false); }});
    samples.push_back({{{2, 0}}, [](const Tensors& x) { return function(x[0], {}, keep_axes); }});
  }
  return samples;
}

template <auto function>
std::vector<Misfit> reduction_misfits(bool of_nothing) {
  std::vector<Misfit> misfits = {
      {{{2, 3}}, "no axis 2", [](const Tensors& x) { return function(x[0], 2, false); }},
      {{{2, 3}},
       "no axis -3",
       [](const Tensors& x) {
         return function(x[0], {0, -3}, false);
       }},
      {{{2, 3}},
       "twice",
       [](const Tensors& x) {
         return function(x[0], {1, -1}, false);
       }},
  };
  if (!of_nothing) {
    misfits.push_back({{{0, 3}}, "no entries", [](const Tensors& x) { return function(x[0], 0, false); }});
  }
  return misfits;
}

/// An operation that makes one number of many along some axes. `function` is the public one, a Tensor (const Operand&,
/// const Axes&, bool keep); the checks call it.
template <auto function>
Operation reduction(Reduction entry) {
  Operation operation{.name = entry.name.text, .formula = entry.formula.text, .inputs = {"x"}};
  operation.shape = entry.of_nothing ? reduced_shape : reduced_shape_of_something;
  operation.dtype = entry.dtype;
  operation.derivative = entry.derivative.derivative();
  operation.no_derivative = entry.derivative.reason_for_none();
  operation.expand = entry.expand;
  operation.prepare = entry.prepare;
  operation.streams = entry.streams;
  if (entry.prepare) operation.accepts = [](int, const KernelRequest&) { return true; };
  operation.batched = batched_reduction;
  operation.onnx = entry.onnx;
  operation.rewrite = entry.rewrite;
  operation.domains = {entry.domain};
  operation.samples = reduction_samples<function>(entry.of_nothing);
  operation.samples.insert(operation.samples.end(), entry.samples.begin(), entry.samples.end());
  operation.misfits = reduction_misfits<function>(entry.of_nothing);
  operation.misfits.insert(operation.misfits.end(), entry.misfits.begin(), entry.misfits.end());
  return operation;
}

}  // namespace gradus
