// "Perceptrons": they compute NAND, and so anything; here the sum of two bits.
#include "experiments.h"
#include "perceptrons.h"

namespace chapter1 {

using namespace gradus;

namespace {

Tensor nand_gate(const Tensor& a, const Tensor& b) {
  return fires(stack({a, b}, 1), vector({-2, -2}), 3);
}

struct Sum {
  Tensor bit, carry;
};

/// Five gates; the last one gets the same wire twice.
Sum add(const Tensor& x1, const Tensor& x2) {
  const Tensor neither_both = nand_gate(x1, x2);
  return {
      .bit = nand_gate(nand_gate(x1, neither_both), nand_gate(x2, neither_both)),
      .carry = nand_gate(neither_both, neither_both)};
}

/// The doubled wire, two weights of −2, merged into one of −4.
Tensor carry_of_merged_wire(const Tensor& x1, const Tensor& x2) {
  return fires(expand(nand_gate(x1, x2), 1), vector({-4}), 3);
}

}  // namespace

const Experiment nand{
    .name = "nand",
    .description = "a perceptron with weights −2, −2 and bias 3",
    .published = "it is a NAND gate: 1, 1, 1, 0",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = all_inputs(2);
          const Tensor weighted = matmul(x, vector({-2, -2})) + 3;
          const Tensor output = nand_gate(select(x, 1, 0), select(x, 1, 1));
          run.say("x1  x2   w·x + b   output");
          const auto inputs = x.values(), sums = weighted.values(), outputs = output.values();
          for (std::size_t i = 0; i < 4; ++i) {
            run.say("{:2}  {:2}  {:8}  {:7}", inputs[2 * i], inputs[2 * i + 1], sums[i], outputs[i]);
          }
          run.summary(
              {.quantity = "outputs of a NAND gate, of 4",
               .published = 4,
               .measured = static_cast<double>(count_equal(output, vector({1, 1, 1, 0}))),
               .band = program::Band{4, 4}});
        },
};

const Experiment half_adder{
    .name = "half-adder",
    .description = "x1 ⊕ x2 and the carry x1 x2 from five NANDs; then a doubled wire as one weight of −4",
    .published = "the circuit adds; merging the wires changes nothing",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = all_inputs(2), x1 = select(x, 1, 0), x2 = select(x, 1, 1);
          const auto [bit, carry] = add(x1, x2);
          const Tensor merged = carry_of_merged_wire(x1, x2);
          run.say("x1  x2   sum  carry  carry through the merged wire");
          const auto inputs = x.values(), bits = bit.values(), carries = carry.values(), mergeds = merged.values();
          for (std::size_t i = 0; i < 4; ++i) {
            run.say("{:2}  {:2}  {:4}  {:5}  {:5}", inputs[2 * i], inputs[2 * i + 1], bits[i], carries[i], mergeds[i]);
          }
          const Index right = count_equal(bit + 2 * carry, x1 + x2) + count_equal(merged, x1 * x2);
          run.summary(
              {.quantity = "right sums and right merged carries, of 8",
               .published = 8,
               .measured = static_cast<double>(right),
               .band = program::Band{8, 8}});
        },
};

}  // namespace chapter1
