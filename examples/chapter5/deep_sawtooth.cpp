// What depth is worth for neurons: a tent, folded k times, has 2ᵏ straight pieces out of 2k rectified linear neurons.
// One hidden layer needs a neuron for every corner (M. Telgarsky, "Benefits of depth in neural networks", 2016).
#include <algorithm>
#include <utility>

#include <gradus/gradus.h>

#include "experiments.h"

namespace chapter5 {

using namespace gradus;

namespace {

Tensor identity(const Tensor& z) {
  return z;
}

FeedForward of_rectified(Parameters weights, Parameters biases) {
  return {
      std::move(weights),
      std::move(biases),
      {.activation = [](const Tensor& z) { return relu(z); }, .output = identity}};
}

/// The tent t(x) = 2 relu(x) − 4 relu(x − ½) takes [0, 1] to [0, 1] and back. Each layer is the tent of the one before.
FeedForward deep(Index folds) {
  const Tensor corners = tensor({0.0, -0.5}), tent = tensor({2.0, -4.0}, {2, 1});
  Parameters weights{ones({1, 2}, Dtype::float64)}, biases{corners};
  for (Index fold = 1; fold < folds; ++fold) {
    weights.emplace_back(concatenate({tent, tent}, 1));
    biases.emplace_back(corners);
  }
  weights.emplace_back(tent);
  biases.emplace_back(zeros({1}, Dtype::float64));
  return of_rectified(std::move(weights), std::move(biases));
}

/// A neuron for every corner j/2ᵏ, where the slope changes from 2ᵏ to −2ᵏ or back.
FeedForward shallow(Index folds) {
  const Index pieces = Index{1} << folds;
  const auto slope = static_cast<double>(pieces);
  const Tensor j = iota(pieces, Dtype::float64);
  const Tensor signs = 1 - 2 * (j - 2 * floor(j / 2));
  const Tensor changes = slope * signs * (1 + cast(j > 0, Dtype::float64));
  return of_rectified(
      {ones({1, pieces}, Dtype::float64), expand(changes, 1)}, {-j / slope, zeros({1}, Dtype::float64)});
}

Index hidden_neurons(const FeedForward& network) {
  Index count = 0;
  for (const Parameter& w : network.weights()) count += w.size(0);
  return count - network.weights().front().size(0);
}

/// Runs of one slope along equal steps of x.
Index pieces_of(const Tensor& y) {
  const Index count = y.size(0);
  const Tensor slopes = slice(y, 0, 1, count) - slice(y, 0, 0, count - 1);
  const Tensor changes = not_equal(slice(slopes, 0, 1, count - 1), slice(slopes, 0, 0, count - 2));
  return count_nonzero(changes).item<std::int32_t>() + 1;
}

}  // namespace

const Experiment deep_sawtooth{
    .name = "deep-sawtooth",
    .description = "a zigzag of 2ᵏ straight pieces from k layers of two ReLUs, and from one layer of 2ᵏ",
    .published = "nothing; what the chapter says of circuits, for neurons",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = linspace(0, 1, 4097, Dtype::float64);
          program::Plot plot{.title = "A tent folded again and again", .x_label = "x", .y_label = "output of k layers"};
          program::Series few{.title = "k layers of two"}, many{.title = "one hidden layer"};
          double difference = 0;
          Index pieces = 0;
          run.say(" k   straight pieces   neurons, k layers   neurons, one layer   largest difference");
          for (Index k = 1; k <= 10; ++k) {
            const FeedForward narrow = deep(k), wide = shallow(k);
            const Tensor y = narrow(expand(x, 1));
            const double apart = max(absolute(y - wide(expand(x, 1)))).item();
            difference = std::max(difference, apart);
            pieces = pieces_of(squeeze(y, 1));
            run.say("{:2}{:18}{:20}{:21}{:21g}", k, pieces, hidden_neurons(narrow), hidden_neurons(wide), apart);
            few.x.push_back(static_cast<double>(pieces));
            few.y.push_back(static_cast<double>(hidden_neurons(narrow)));
            many.x.push_back(static_cast<double>(pieces));
            many.y.push_back(static_cast<double>(hidden_neurons(wide)));
            if (k == 1 || k == 2 || k == 4) {
              plot.series.push_back(
                  {.title = fmt::format("k = {}", k),
                   .x = x.values(),
                   .y = squeeze(y, 1).values(),
                   .style = program::Style::line});
            }
          }
          run.say("One hidden layer of m ReLUs has at most m corners, so it cannot do with fewer than 2ᵏ − 1.");
          run.draw("sawtooth", plot);
          run.draw(
              "neurons", program::Plot{
                             .title = "Neurons for a zigzag",
                             .x_label = "straight pieces",
                             .y_label = "hidden neurons",
                             .series = {few, many},
                             .logarithmic_x = true,
                             .logarithmic_y = true});
          run.finding(
              {.quantity = "straight pieces of ten layers of two neurons",
               .measured = static_cast<double>(pieces),
               .band = program::Band{1024, 1024}});
          run.summary(
              {.quantity = "largest difference between deep and shallow",
               .measured = difference,
               .band = program::Band{0, 1e-9}});
        },
};

}  // namespace chapter5
