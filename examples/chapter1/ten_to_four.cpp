// The exercise of "A simple network to classify handwritten digits": a further layer that turns ten outputs, one a
// digit, into the digit's four bits.
#include "experiments.h"
#include "perceptrons.h"

namespace chapter1 {

using namespace gradus;

namespace {

/// w[d, j] = 10 where digit d has bit j, else −10; bit 3 is the eights.
Tensor bit_weights() {
  std::vector<double> weights;
  for (int digit = 0; digit < 10; ++digit) {
    for (int bit = 3; bit >= 0; --bit) weights.push_back((digit >> bit & 1) != 0 ? 10 : -10);
  }
  return tensor(weights, {10, 4});
}

/// The extremes of what the old output layer may say when it sees `digit`: that neuron .99 or 1, the others 0 or .01.
/// What is linear in them is worst at one of these 1,024.
Tensor extreme_outputs(Index digit) {
  const Tensor corners = all_inputs(10);
  const Tensor right = expand(one_hot(tensor({static_cast<std::int32_t>(digit)}), 10, Dtype::float64), 0);
  return squeeze(right * (0.99 + 0.01 * corners) + (1 - right) * (0.01 * corners), 0);
}

}  // namespace

const Experiment ten_to_four{
    .name = "ten-to-four",
    .description = "a layer from ten outputs to the digit's four bits: weights ±10, biases 0; the worst of all cases",
    .published = "an exercise: right outputs ≥ .99, wrong ones < .01 in; the worst bits come out as .99989 and .00008",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor w = bit_weights();
          double worst_on = 1, worst_off = 0;
          run.say("digit   worst of 1,024 inputs for each bit: 8, 4, 2, 1");
          for (Index digit = 0; digit < 10; ++digit) {
            const Tensor bits = softly_fires(extreme_outputs(digit), w, 0);
            const auto lowest = min(bits, 0).values(), highest = max(bits, 0).values();
            std::string line = fmt::format("{:5}", digit);
            for (std::size_t j = 0; j < 4; ++j) {
              const bool on = (digit >> (3 - j) & 1) != 0;
              if (on) worst_on = std::min(worst_on, lowest[j]);
              if (!on) worst_off = std::max(worst_off, highest[j]);
              line += fmt::format("   {:.5f}", on ? lowest[j] : highest[j]);
            }
            run.print(line);
          }
          run.say("worst bit that should be 0: {:.5f}", worst_off);
          run.summary(
              {.quantity = "worst bit that should be 1",
               .published = 0.99989,
               .measured = worst_on,
               .band = program::Band{0.999885, 0.999895}});
        },
};

}  // namespace chapter1
