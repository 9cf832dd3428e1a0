#include <gradus/graph/plan/multiply_add.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gradus::plan {

namespace {

enum class Sign { plus, minus, from };  // ab + c, ab − c, c − ab

template <class T, Sign sign, bool b_is_number, bool c_is_number>
void multiply_add(const void* const* inputs, void* output, Index n) {
  const T* a = static_cast<const T*>(inputs[0]);
  const T* b = static_cast<const T*>(inputs[1]);
  const T* c = static_cast<const T*>(inputs[2]);
  const T one_b = *b, one_c = *c;
  T* y = static_cast<T*>(output);
  // Each entry may be written over one that it is made from, but over no other.
#ifndef __clang__
#pragma GCC ivdep
#endif
  for (Index i = 0; i < n; ++i) {
    const T product = a[i] * (b_is_number ? one_b : b[i]);
    const T other = c_is_number ? one_c : c[i];
    if constexpr (sign == Sign::plus) y[i] = product + other;
    if constexpr (sign == Sign::minus) y[i] = product - other;
    if constexpr (sign == Sign::from) y[i] = other - product;
  }
}

template <class T, Sign sign>
Tile tile_of(bool b_is_number, bool c_is_number) {
  if (b_is_number) {
    return c_is_number ? multiply_add<T, sign, true, true> : multiply_add<T, sign, true, false>;
  }
  return c_is_number ? multiply_add<T, sign, false, true> : multiply_add<T, sign, false, false>;
}

template <class T>
Tile tile_of(Sign sign, bool b_is_number, bool c_is_number) {
  if (sign == Sign::plus) return tile_of<T, Sign::plus>(b_is_number, c_is_number);
  if (sign == Sign::minus) return tile_of<T, Sign::minus>(b_is_number, c_is_number);
  return tile_of<T, Sign::from>(b_is_number, c_is_number);
}

bool is_number(const Layout& layout) {
  for (int axis = 0; axis < layout.shape.rank(); ++axis) {
    if (layout.shape[axis] != 1 && layout.stride(axis) != 0) return false;
  }
  return true;
}

class Peephole {
 public:
  explicit Peephole(ElementwiseProgram program) : program_(std::move(program)), inputs_(program_.inputs.size()) {}

  ElementwiseProgram run() {
    count_uses();
    for (std::size_t k = 0; k < program_.instructions.size(); ++k) join_product(k);
    if (pairs_.empty()) return std::move(program_);
    choose_numbers();
    for (const Pair& pair : pairs_) choose_tile(pair);
    drop_joined();
    return std::move(program_);
  }

 private:
  struct Pair {
    std::size_t instruction;
    Sign sign;
  };

  void count_uses() {
    uses_.assign(inputs_ + program_.instructions.size(), 0);
    for (const auto& instruction : program_.instructions) {
      for (const int input : instruction.inputs) ++uses_[static_cast<std::size_t>(input)];
    }
    for (const int output : program_.outputs) ++uses_[static_cast<std::size_t>(output)];
    joined_.assign(program_.instructions.size(), false);
  }

  // Whether a register is the result of a product of this dtype that nobody else reads.
  bool is_free_product(int reg, Dtype dtype) const {
    if (reg < static_cast<int>(inputs_) || uses_[static_cast<std::size_t>(reg)] != 1) return false;
    const auto& producer = program_.instructions[static_cast<std::size_t>(reg) - inputs_];
    return producer.operation->bilinear && producer.dtype == dtype;
  }

  // An output may lie where an input does, which must have been read by then.
  bool may_wait(std::size_t producer, std::size_t k) const {
    const auto is_input = [&](int reg) { return reg < static_cast<int>(inputs_); };
    if (std::ranges::none_of(program_.instructions[producer].inputs, is_input)) return true;
    return std::ranges::none_of(program_.outputs, [&](int output) {
      const std::size_t writer = static_cast<std::size_t>(output) - inputs_;
      return producer < writer && writer < k;
    });
  }

  void join_product(std::size_t k) {
    auto& sum = program_.instructions[k];
    const std::vector<double>& linear = sum.operation->linear;
    if (linear.size() != 2 || !is_floating(sum.dtype) || std::abs(linear[0]) != 1 || std::abs(linear[1]) != 1) return;
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      const double of_product = linear[side], of_other = linear[1 - side];
      if (of_product < 0 && of_other < 0) continue;
      const int product = sum.inputs[side], other = sum.inputs[1 - side];
      if (!is_free_product(product, sum.dtype)) continue;
      const std::size_t producer = static_cast<std::size_t>(product) - inputs_;
      if (!may_wait(producer, k)) continue;
      const auto& factors = program_.instructions[producer].inputs;
      sum.inputs = {factors[0], factors[1], other};
      joined_[producer] = true;
      pairs_.push_back({k, of_product < 0 ? Sign::from : of_other < 0 ? Sign::minus : Sign::plus});
      return;
    }
  }

  // A number is read as one where all that read it can.
  void choose_numbers() {
    for (auto& input : program_.inputs) input.is_number = is_number(input.layout);
    for (const Pair& pair : pairs_) {
      auto& operands = program_.instructions[pair.instruction].inputs;
      if (reads_number(operands[0]) && !reads_number(operands[1])) std::swap(operands[0], operands[1]);
      if (reads_number(operands[0])) program_.inputs[static_cast<std::size_t>(operands[0])].is_number = false;
    }
    for (std::size_t k = 0; k < program_.instructions.size(); ++k) {
      const auto is_it = [&](const Pair& pair) { return pair.instruction == k; };
      if (joined_[k] || std::any_of(pairs_.begin(), pairs_.end(), is_it)) continue;
      for (const int input : program_.instructions[k].inputs) {
        if (reads_number(input)) program_.inputs[static_cast<std::size_t>(input)].is_number = false;
      }
    }
  }

  bool reads_number(int reg) const {
    return reg < static_cast<int>(inputs_) && program_.inputs[static_cast<std::size_t>(reg)].is_number;
  }

  void choose_tile(const Pair& pair) {
    auto& instruction = program_.instructions[pair.instruction];
    const bool b = reads_number(instruction.inputs[1]), c = reads_number(instruction.inputs[2]);
    instruction.tile =
        instruction.dtype == Dtype::float64 ? tile_of<double>(pair.sign, b, c) : tile_of<float>(pair.sign, b, c);
  }

  void drop_joined() {
    std::vector<int> moved(uses_.size());
    for (std::size_t reg = 0, next = 0; reg < moved.size(); ++reg) {
      moved[reg] = static_cast<int>(next);
      if (reg < inputs_ || !joined_[reg - inputs_]) ++next;
    }
    std::vector<ElementwiseProgram::Instruction> left;
    for (std::size_t k = 0; k < program_.instructions.size(); ++k) {
      if (joined_[k]) continue;
      left.push_back(std::move(program_.instructions[k]));
      for (int& input : left.back().inputs) input = moved[static_cast<std::size_t>(input)];
    }
    program_.instructions = std::move(left);
    for (int& output : program_.outputs) output = moved[static_cast<std::size_t>(output)];
  }

  ElementwiseProgram program_;
  std::size_t inputs_;
  std::vector<int> uses_;     // by register
  std::vector<bool> joined_;  // by instruction: done by its reader
  std::vector<Pair> pairs_;
};

}  // namespace

ElementwiseProgram with_products_added(ElementwiseProgram program) {
  return Peephole(std::move(program)).run();
}

}  // namespace gradus::plan
