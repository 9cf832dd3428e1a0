// That a network can compute parity does not mean that training finds it: from random weights, with one hidden layer
// and with three of the same number of neurons together.
#include <numeric>
#include <vector>

#include <program/pictures.h>

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

double share_of_successes(program::Run& run, const std::vector<Index>& sizes, Index starts, Index steps) {
  double found = 0;
  for (Index start = 0; start < starts; ++start) {
    if (learns_parity(sizes, steps)) ++found;
    run.advance();
  }
  return 100 * found / static_cast<double>(starts);
}

double mean_of(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

}  // namespace

const Experiment parity_training{
    .name = "parity-training",
    .description = "descent from random weights on the parity of 2 to 5 bits: how often it finds it, shallow and deep",
    .published = "nothing; what can be computed need not be learnt",
    .seconds = 5,
    .run =
        [](program::Run& run) {
          const Index starts = run.quick() ? 5 : 20, steps = 2000, most_bits = 5;
          program::Series shallow{.title = "one hidden layer"}, deep{.title = "three hidden layers"};
          run.expect(2 * starts * (most_bits - 1), "trainings");
          run.say("bits   one hidden layer   three hidden layers");
          for (Index bits = 2; bits <= most_bits; ++bits) {
            const double found = share_of_successes(run, {bits, 3 * bits, 1}, starts, steps);
            const double found_deep = share_of_successes(run, {bits, bits, bits, bits, 1}, starts, steps);
            run.say("{:4}{:15.0f} %{:18.0f} %", bits, found, found_deep);
            for (program::Series* series : {&shallow, &deep}) series->x.push_back(static_cast<double>(bits));
            shallow.y.push_back(found);
            deep.y.push_back(found_deep);
          }
          run.draw(
              "found", program::Plot{
                           .title = "Trainings that find the parity of n bits",
                           .x_label = "bits n",
                           .y_label = "trainings in %",
                           .series = {shallow, deep},
                           .x_range = program::Band{1.8, 5.2},
                           .y_range = program::Band{0, 105},
                           .whole_x = true});
          run.finding(
              {.quantity = "trainings that find it, one hidden layer, in %",
               .measured = mean_of(shallow.y),
               .band = program::Band{90, 100}});
          run.summary(
              {.quantity = "trainings that find it, three hidden layers, in %",
               .measured = mean_of(deep.y),
               .band = program::Band{40, 90}});
        },
};

}  // namespace chapter5
