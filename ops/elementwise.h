#pragma once

#include <type_traits>

#include <Eigen/Core>

#include <gradus/graph/operation.h>

namespace gradus {

/// Text that an entry cannot do without: leaving it out does not compile.
struct Required {
  consteval Required(const char* given) : text(given) {  // NOLINT(google-explicit-constructor): .formula = "…"
    if (*given == '\0') throw "this field needs a text";
  }
  std::string_view text;
};

/// What an elementwise operation says about itself. `formula` and `slope` must be given.
struct Elementwise {
  Required formula;
  Slopes slope;
  DtypeRule dtype = same_floating;
  std::optional<double> neutral_left = {}, neutral_right = {};  ///< f(e, x) = x; f(x, e) = x
  std::string_view symbol = {};                                 ///< infix, when a graph is printed as a formula
  std::vector<double> linear = {};                              ///< y = Σ linear[i]·x_i
  bool bilinear = false;                                        ///< y = x_0·x_1
  std::string_view onnx = {};
  std::optional<Term> (*rewrite)(const Term& term) = nullptr;
  std::vector<Domain> domains = {};  ///< one an input; missing ones are [-2, 2]
  std::vector<Misfit> misfits = {};
};

/// Which dtypes an elementwise operation's function is compiled for.
struct Floating {
  static constexpr bool integers = false, booleans = false, floats = true;
};
struct Numeric {
  static constexpr bool integers = true, booleans = false, floats = true;
};
struct Any {
  static constexpr bool integers = true, booleans = true, floats = true;
};
struct Logical {
  static constexpr bool integers = false, booleans = true, floats = false;
};

namespace elementwise_detail {

template <class T>
using TileArray = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

/// Booleans are stored as bytes 0 and 1.
template <class Expression>
void store(const Expression& values, void* output, Index n) {
  using Scalar = typename Expression::Scalar;
  if constexpr (std::is_same_v<Scalar, bool>) {
    Eigen::Map<Eigen::Array<std::uint8_t, Eigen::Dynamic, 1>>(static_cast<std::uint8_t*>(output), n) =
        values.template cast<std::uint8_t>();
  } else {
    Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>>(static_cast<Scalar*>(output), n) = values;
  }
}

template <class Value, class T>
inline constexpr int arity = std::is_invocable_v<Value, TileArray<T>>                                          ? 1
                             : std::is_invocable_v<Value, TileArray<T>, TileArray<T>>                          ? 2
                             : std::is_invocable_v<Value, TileArray<std::uint8_t>, TileArray<T>, TileArray<T>> ? 3
                                                                                                               : 0;

template <class Value, class T>
void run_tile(const void* const* inputs, void* output, Index n) {
  constexpr int count = arity<Value, T>;
  static_assert(count > 0, "an elementwise function takes one, two or three arrays");
  const auto array = [&](int i) { return TileArray<T>(static_cast<const T*>(inputs[i]), n); };
  if constexpr (count == 1) {
    store(Value{}(array(0)), output, n);
  } else if constexpr (count == 2) {
    store(Value{}(array(0), array(1)), output, n);
  } else {
    // Three inputs: a condition first.
    store(
        Value{}(TileArray<std::uint8_t>(static_cast<const std::uint8_t*>(inputs[0]), n), array(1), array(2)), output,
        n);
  }
}

template <class Types, class Value>
Tiles tiles_of() {
  Tiles tiles{};
  if constexpr (Types::floats) {
    tiles[static_cast<std::size_t>(Dtype::float32)] = run_tile<Value, float>;
    tiles[static_cast<std::size_t>(Dtype::float64)] = run_tile<Value, double>;
  }
  if constexpr (Types::integers) tiles[static_cast<std::size_t>(Dtype::int32)] = run_tile<Value, std::int32_t>;
  if constexpr (Types::booleans) tiles[static_cast<std::size_t>(Dtype::boolean)] = run_tile<Value, std::uint8_t>;
  return tiles;
}

}  // namespace elementwise_detail

/// An elementwise operation from a function of whole Eigen arrays: `[](auto x) { return x.tanh(); }`. One text gives
/// every dtype of `Types`; the executor runs it tile by tile and fuses it with its neighbours. Two arrays: broadcast
/// against each other. Three: the first is a condition (bytes 0 and 1). The function must not keep temporaries
/// (`eval`).
template <class Types = Floating, class Value>
Operation elementwise(std::string_view name, Value, Elementwise entry) {
  static_assert(std::is_empty_v<Value>, "give a lambda without captures: only its type is kept");
  using First = std::conditional_t<Types::floats, float, std::uint8_t>;
  constexpr int count = elementwise_detail::arity<Value, First>;
  static constexpr std::array<std::array<std::string_view, 3>, 4> names{
      {{}, {"x"}, {"a", "b"}, {"condition", "a", "b"}}};
  Operation operation{.name = name, .formula = entry.formula.text};
  const auto& row = names[count];
  operation.inputs.assign(row.begin(), row.begin() + count);
  operation.shape = broadcast_shape;
  operation.dtype = entry.dtype;
  operation.neutral_left = entry.neutral_left;
  operation.neutral_right = entry.neutral_right;
  operation.symbol = entry.symbol;
  operation.linear = std::move(entry.linear);
  operation.bilinear = entry.bilinear;
  operation.no_derivative = entry.slope.flat();
  operation.slopes = std::move(entry.slope);
  operation.tiles = elementwise_detail::tiles_of<Types, Value>();
  operation.onnx = entry.onnx;
  operation.rewrite = entry.rewrite;
  operation.domains = std::move(entry.domains);
  operation.misfits = std::move(entry.misfits);
  return operation;
}

}  // namespace gradus
