// (6) divides by 2n where a mean squared error divides by n. A reader wondered why; here is what it changes: nothing
// but the scale of η.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include <fmt/ranges.h>

#include "experiments.h"
#include "training.h"

namespace chapter1 {

using namespace gradus;

namespace {

constexpr Index batch_size = 10;

Tensor squared_distances(const Tensor& output, const Tensor& target) {
  return sum(square(output - target), 1);
}

// Costs of a mini-batch from ‖y(x) − a‖² of its examples.
double n(const Tensor& distances) {
  return static_cast<double>(distances.count());
}
Tensor with_1_over_2n(const Tensor& distances) {
  return sum(distances) / (2 * n(distances));
}
Tensor with_1_over_n(const Tensor& distances) {
  return sum(distances) / n(distances);
}
Tensor just_summed(const Tensor& distances) {
  return sum(distances);
}

/// All weights and biases after some steps from the same start over the same mini-batches.
std::vector<float> trained(
    program::Run& run, const Data& data, Tensor (*cost)(const Tensor&), double learning_rate, Index steps) {
  seed(run.seed());
  const Network network({784, 30, 10});
  Sgd optimizer(network.parameters(), {.learning_rate = learning_rate});
  for (const auto& [images, labels] : data.train.batches({.size = batch_size, .seed = run.seed()})) {
    if (optimizer.steps() == steps) break;
    optimizer.step(cost(squared_distances(network(images), one_hot(labels, 10))));
    run.advance();
  }
  std::vector<float> all;
  for (const Parameter& parameter : network.parameters()) {
    const auto values = parameter.values<float>();
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

struct Difference {
  Index differing = 0;
  double largest = 0;
};

Difference difference(const std::vector<float>& a, const std::vector<float>& b) {
  Difference found;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) ++found.differing;
    found.largest = std::max(found.largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return found;
}

/// One mini-batch: the costs of its examples, their mean, and the mean squared error.
void show_costs(program::Run& run, const Data& data) {
  const datasets::Dataset batch = data.train.take(batch_size);
  const Tensor target = one_hot(batch.labels(), 10);
  const Tensor output = Network({784, 30, 10})(batch.features());
  const Tensor distances = squared_distances(output, target);
  const Tensor c = with_1_over_2n(distances), mean_square = with_1_over_n(distances);
  run.say("One mini-batch of a network that has learnt nothing yet");
  run.say("  ½‖y − a‖² of each example (27):        {:.4f}", fmt::join((distances / 2).values(), "  "));
  run.say(
      "  their mean, which is C of (6):         {:.6f}   (quadratic_cost: {:.6f})", c.item(),
      quadratic_cost(output, target).item());
  run.say("  mean of ‖y − a‖², 1/n instead of 1/2n: {:.6f} = 2C", mean_square.item());
  run.say(
      "  mean over examples and outputs:        {:.6f} = 2C/10   (mean_squared_error)",
      mean_squared_error(output, target).item());

  const Parameter a(select(output, 0, 0), "a");
  const Tensor y = select(target, 0, 0);
  const auto slopes = [&](const Tensor& cost) { return gradients(cost, {a})[0].values(); };
  run.say("The first example's ∂/∂a");
  run.say("  a − y:                {:7.4f}", fmt::join((a - y).values(), " "));
  run.say("  ∂/∂a of ½‖y − a‖²:    {:7.4f}   the ½ takes the 2 away", fmt::join(slopes(sum(square(a - y)) / 2), " "));
  run.say("  ∂/∂a of  ‖y − a‖²:    {:7.4f}", fmt::join(slopes(sum(square(a - y))), " "));
}

}  // namespace

const Experiment one_over_2n{
    .name = "one-over-2n",
    .description = "the same seed trained with 1/n at η/2 and with 1/2n at η: the same weights to the last bit",
    .published = "nothing; the reader's marginal note to (6) asks",
    .seconds = 2,
    .run =
        [](program::Run& run) {
          const Data data = program::mnist_of_the_book(run);
          show_costs(run, data);

          const double learning_rate = run.number("learning-rate", 3.0);
          const Index steps = run.quick() ? 1000 : 5000;
          run.expect(3 * steps, "mini-batches");
          const auto halves = trained(run, data, with_1_over_2n, learning_rate, steps);
          const auto means = trained(run, data, with_1_over_n, learning_rate / 2, steps);
          const auto sums = trained(run, data, just_summed, learning_rate / (2 * batch_size), steps);

          const Difference of_means = difference(halves, means), of_sums = difference(halves, sums);
          run.say("After {} steps of training, of {} weights and biases", steps, halves.size());
          run.say(
              "  1/2n at η = {:g} and 1/n at η = {:g}: {} differ", learning_rate, learning_rate / 2,
              of_means.differing);
          run.say(
              "  1/2n at η = {:g} and Σ at η = {:g}: {} differ, by at most {:.2g}", learning_rate,
              learning_rate / (2 * batch_size), of_sums.differing, of_sums.largest);
          run.say("  (20 is no power of 2, so the last two round differently, and training amplifies that)");
          run.summary(
              {.quantity = "weights that differ between 1/n at η/2 and 1/2n at η",
               .measured = static_cast<double>(of_means.differing),
               .band = program::Band{0, 0}});
        },
};

}  // namespace chapter1
