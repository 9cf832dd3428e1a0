#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gradus/graph/error.h>
#include <gradus/graph/kernel.h>
#include <gradus/graph/operators.h>
#include <gradus/graph/tensor.h>

namespace gradus {

struct Operation;
class Term;

/// One use of an operation, as its rules see it: inputs, attributes, and the user's line.
class Call {
 public:
  Call(const Operation& operation, std::span<const Operand> inputs, const Attributes& attributes, Where where)
      : operation_(operation), inputs_(inputs), attributes_(attributes), where_(where) {}

  const Tensor& operator[](int input) const { return inputs_[static_cast<std::size_t>(input)].tensor(); }
  int input_count() const { return static_cast<int>(inputs_.size()); }
  std::span<const Operand> inputs() const { return inputs_; }
  std::span<const Index> integers() const { return attributes_.integers(); }
  Index integer(int i) const { return attributes_.integers()[static_cast<std::size_t>(i)]; }
  double real(int i) const { return attributes_.reals()[static_cast<std::size_t>(i)]; }
  const Attributes& attributes() const { return attributes_; }
  const Operation& operation() const { return operation_; }
  Where where() const { return where_; }

  /// Throws ShapeError with the user's line, the operation, `why` and every input's name, dtype and shape unless
  /// `holds`.
  void require(bool holds, std::string_view why) const {
    if (!holds) fail(why);
  }
  [[noreturn]] void fail(std::string_view why) const;
  /// The same as DtypeError.
  void require_dtype(bool holds, std::string_view why) const {
    if (!holds) fail_dtype(why);
  }
  [[noreturn]] void fail_dtype(std::string_view why) const;

 private:
  const Operation& operation_;
  std::span<const Operand> inputs_;
  const Attributes& attributes_;
  Where where_;
};

/// The dtype of a result, from those of the inputs; throws DtypeError through call.require_dtype.
using DtypeRule = Dtype (*)(const Call&);
Dtype same_floating(const Call& call);  ///< all inputs float32 or all float64; so is the result
Dtype same_numeric(const Call& call);   ///< the same, or all int32
Dtype same_any(const Call& call);       ///< the same, or all bool
Dtype compares(const Call& call);       ///< inputs as same_any; the result is bool
Dtype logical(const Call& call);        ///< all bool
/// The result has the dtype of the first input, whatever the others are (indices: see require_dtype in the shape rule).
Dtype as_first(const Call& call);

/// The shape rule of elementwise operations: all inputs broadcast against each other.
Shape broadcast_shape(const Call& call);

/// Entry-wise derivatives dy/dx as graph; the walk multiplies by the cotangent and undoes broadcasting.
class Slopes {
 public:
  using Unary = Tensor (*)(Tensor x, Tensor y);
  using Binary = Tensor (*)(Tensor a, Tensor b, Tensor y);
  using Ternary = Tensor (*)(Tensor a, Tensor b, Tensor c, Tensor y);

  template <class F>
    requires std::is_convertible_v<F, Unary>
  Slopes(F slope) : unary_(slope) {}  // NOLINT(google-explicit-constructor)
  template <class A, class B>
    requires std::is_convertible_v<A, Binary>
  Slopes(A a, B b) : binary_{a, b} {}
  template <class A, class B, class C>
    requires std::is_convertible_v<A, Ternary>
  Slopes(A a, B b, C c) : ternary_{a, b, c} {}

  /// dy/d(input i) of one call. An empty tensor: no gradient flows to that input.
  Tensor of(const Call& call, const Tensor& y, int input) const;
  std::string_view flat() const { return flat_; }
  bool given() const { return unary_ || binary_[0] || ternary_[0]; }

 private:
  friend Slopes no_slope(std::string_view reason);
  friend struct Operation;
  Slopes() = default;
  Unary unary_ = nullptr;
  std::array<Binary, 2> binary_{};
  std::array<Ternary, 3> ternary_{};
  std::string_view flat_;
};

/// Says that no gradient passes, and why: "constant but for its jumps".
Slopes no_slope(std::string_view reason);

/// What the entries of an input are drawn from when an operation is checked.
struct Domain {
  double from = -2, to = 2;
  /// Samples stay off these points but must visit both sides of each.
  std::vector<double> kinks = {};
  Dtype dtype = Dtype::float64;  ///< int32 inputs draw whole numbers in [from, to]; booleans draw both
  /// How far out float32 must still agree with float64 to 1e-3, relatively, both in value and in gradient; from == to:
  /// not checked further out.
  double far_from = 0, far_to = 0;
};

/// Input shapes to check an operation with, and how to call it where attributes are needed.
struct Sample {
  std::vector<Shape> shapes = {};
  Tensor (*build)(const Tensors& inputs) = nullptr;  ///< null: apply the operation to the inputs
  std::vector<Domain> domains = {};                  ///< one an input; missing ones are the operation's
};

/// A call that must throw, and a word that the message must hold.
struct Misfit {
  std::vector<Shape> shapes = {};
  std::string_view word = {};
  Tensor (*build)(const Tensors& inputs) = nullptr;
  std::vector<Domain> domains = {};
};

/// What a kernel throws ValueError about: an entry of this input that is below 0 or not below the size. It looks at all
/// of them if its result has any entry.
struct IndexCheck {
  int input;
  Index size;
};

/// What a movement operation knows about one input when asked for the layout of its result.
struct ViewRequest {
  const Layout& input;
  const Shape& shape;  ///< of the result
  const Attributes& attributes;
};

/// All that gradus knows of an operation. No base class, no macro, no list: tests, docs, drawings and exports read
/// this.
struct Operation {
  std::string_view name = {};                 ///< in errors, drawings, tests, benchmarks
  std::string_view formula = {};              ///< its row in docs/operations.md
  std::vector<std::string_view> inputs = {};  ///< what errors call the arguments; the last one repeats if `variadic`
  bool variadic = false;
  std::optional<double> neutral_left = {}, neutral_right = {};  ///< f(e, x) = x; f(x, e) = x
  std::string_view symbol = {};                                 ///< infix, when a graph is printed as a formula: "+"

  Shape (*shape)(const Call&) = nullptr;
  DtypeRule dtype = same_floating;

  /// The vector–Jacobian product as graph: one tensor an input; an empty one where no gradient flows (integer inputs).
  Tensors (*derivative)(const Call& call, const Tensor& y, const Tensor& g) = nullptr;
  std::optional<Slopes> slopes = {};        ///< elementwise: instead of `derivative`
  std::string_view no_derivative = {};      ///< the reason why there is none
  Tensor (*expand)(const Call&) = nullptr;  ///< the same, said with other operations; without a kernel: used instead

  /// The same value, or one nearer to what the formula means, made of other values: for the planner, who asks again
  /// about every value that is new. nullopt where there is none; one of another shape or dtype counts as none.
  std::optional<Term> (*rewrite)(const Term& term) = nullptr;
  /// One value that is the sum of several calls' results, all of one shape; nothing where that would not pay.
  std::optional<Term> (*summed)(const std::vector<Term>& calls) = nullptr;

  Tiles tiles{};                                                       ///< elementwise
  KernelPointer (*prepare)(const KernelRequest&) = nullptr;            ///< the others
  std::optional<Layout> (*view)(const ViewRequest&) = nullptr;         ///< movement: no copy at all
  bool (*accepts)(int input, const KernelRequest& request) = nullptr;  ///< strided inputs; null: dense only
  bool (*streams)(const KernelRequest& request) = nullptr;  ///< whether the kernel takes input 0 from request.source
  bool accumulates = false;                                 ///< the kernel honours request.accumulation
  std::vector<double> linear = {};  ///< elementwise, y = Σ linear[i]·x_i: what the planner may accumulate
  bool bilinear = false;            ///< elementwise, y = x_0·x_1
  IndexCheck (*checks)(const KernelRequest&) = nullptr;  ///< the kernel may throw: it then runs before any assignment
  /// Several calls as one: input i, if bit i of `stacked` is set, holds one call's input behind another's along a new
  /// first axis, and so does the result. Elementwise operations need none. Null: each call runs by itself.
  Tensor (*batched)(const Call& call, std::uint32_t stacked) = nullptr;

  std::string_view onnx = {};
  std::vector<Domain> domains = {};
  std::vector<Sample> samples = {};
  std::vector<Misfit> misfits = {};

  bool is_elementwise() const { return tiles != Tiles{}; }
  bool is_composed() const { return expand && !is_elementwise() && !prepare && !view; }
  bool differentiable() const { return no_derivative.empty(); }
};

/// An operation that the library knows, because it exists: in the library or in a user's program.
struct Registered : Operation {
  Registered(Operation operation);  // NOLINT(google-explicit-constructor): const Registered tanh_op = elementwise(…)
  Registered(const Registered&) = delete;
  ~Registered();
  Registered& operator=(const Registered&) = delete;
  const Registered* next = nullptr;

  /// All of them, in no particular order.
  static const Registered* first();
  /// By name; null if there is none.
  static const Registered* find(std::string_view name);
};

/// A new node: checks the inputs, infers shape and dtype. Numbers take the dtype of the others. Throws on the user's
/// line.
Tensor apply(const Registered& operation, std::span<const Operand> inputs, const Attributes& attributes = {});
inline Tensor apply(
    const Registered& operation, std::initializer_list<Operand> inputs, const Attributes& attributes = {}) {
  return apply(operation, std::span<const Operand>(inputs.begin(), inputs.size()), attributes);
}
/// For operations without inputs (their line must be said), such as iota.
Tensor apply(const Registered& operation, const Attributes& attributes, Where where);

/// An axis counted from the front, -1 being the last. Throws ShapeError naming the operation and the axes there are.
int normal_axis(std::string_view operation, const Operand& x, Index axis);

/// "main.cpp:12: " for messages; empty where no line is known.
std::string at(Where where);
/// "'hidden' float32 [10, 30]" for messages.
std::string describe(const Tensor& tensor);

}  // namespace gradus
