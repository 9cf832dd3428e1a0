#pragma once

#include <gradus/ops/elementwise.h>

namespace gradus {

/// What a movement operation says about itself. `formula`, `shape` and `view` must be given.
struct Movement {
  using ShapeRule = Shape (*)(const Call&);
  using View = std::optional<Layout> (*)(const ViewRequest&);

  /// A rule that leaving out does not compile.
  template <class Rule>
  struct Given {
    template <class F>
      requires std::is_convertible_v<F, Rule>
    consteval Given(F given) : rule(given) {}  // NOLINT(google-explicit-constructor): .view = [](…) { … }
    Rule rule;
  };

  Required formula;
  Given<ShapeRule> shape;
  /// Where the result's entries lie among the input's, whatever the input's layout (strides may be 0 or negative);
  /// nullopt where no strides can say it.
  Given<View> view;
  Tensor (*batched)(const Call& call, std::uint32_t stacked) = nullptr;
  std::string_view onnx = {};
  std::vector<Sample> samples = {};
  std::vector<Misfit> misfits = {};
};

/// An operation that only says where entries lie: one input of any dtype, no arithmetic, no copy. `transposed` is the
/// movement back, from a cotangent of the result to one of the input, as a lambda: `[](const Call& call, const Tensor&
/// g) { … }`.
template <class Transposed>
  requires std::is_empty_v<Transposed>
Operation movement(std::string_view name, Transposed, Movement entry) {
  return {
      .name = name,
      .formula = entry.formula.text,
      .inputs = {"x"},
      .shape = entry.shape.rule,
      .dtype = same_any,
      .derivative = [](const Call& call, const Tensor&, const Tensor& g) { return Tensors{Transposed{}(call, g)}; },
      .view = entry.view.rule,
      .batched = entry.batched,
      .onnx = entry.onnx,
      .samples = std::move(entry.samples),
      .misfits = std::move(entry.misfits),
  };
}

}  // namespace gradus
