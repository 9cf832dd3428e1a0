// That a network can compute parity does not mean that training finds it: from random weights, with one hidden layer
// and with three of the same number of neurons together.
#include <program/training.h>

#include "experiments.h"
#include "parity.h"

namespace chapter5 {

namespace {

/// Whether descent from random weights ends with all outputs right.
bool learns_parity(const std::vector<Index>& sizes, Index steps) {
  const FeedForward network(sizes, {.initializer = initializers::book_large, .dtype = Dtype::float64});
  const Tensor inputs = all_inputs(sizes.front()), target = parity(inputs);
  Momentum optimizer(network.parameters(), {.learning_rate = 0.5, .momentum = 0.9});
  while (optimizer.steps() < steps) optimizer.step(cross_entropy_with_logits(network.logits(inputs), target));
  return count_nonzero(not_equal(round(network(inputs)), target)).item<std::int32_t>() == 0;
}

}  // namespace

const Experiment parity_training{
    .name = "parity-training",
    .description = "descent from random weights on the parity of 2 to 5 bits: how often it finds it, shallow and deep",
    .published = "nothing; what can be computed need not be learnt",
    .seconds = 5,
    .run =
        [](program::Run& run) {
          const Index starts = run.quick() ? 3 : 20, steps = 2000;
          run.say("bits   one hidden layer   three hidden layers");
          for (Index bits = 2; bits <= 5; ++bits) {
            Index shallow = 0, deep = 0;
            for (Index start = 0; start < starts; ++start) {
              shallow += learns_parity({bits, 3 * bits, 1}, steps) ? 1 : 0;
              deep += learns_parity({bits, bits, bits, bits, 1}, steps) ? 1 : 0;
            }
            run.say("{:4}{:10} of {}{:15} of {}", bits, shallow, starts, deep, starts);
          }
        },
};

}  // namespace chapter5
