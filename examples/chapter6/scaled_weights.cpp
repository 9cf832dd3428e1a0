// A problem: all weights and biases of a network of rectified linear neurons times c > 0. Outputs are then c^(L−1)
// times what they were where biases are 0, so that cᴸ⁻¹ decides whether signals survive.
#include <cmath>

#include <program/comparison.h>

#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

constexpr double factor = 2;

Tensor weighted_outputs(const Network& network, const Tensor& images) {
  return network.logits(images).detach();
}

}  // namespace

const Experiment scaled_weights{
    .name = "scaled-weights",
    .description = "20 and 40 filters, 100 neurons, ReLU, biases 0: all weights doubled",
    .published = "outputs are scaled by c^(L−1), L layers with that of the inputs (a problem)",
    .run =
        [](program::Run& run) {
          const Tensor images = images_of_the_book(run).test.take(100).features();
          for (const Activation activation : {Activation::relu, Activation::sigmoid}) {
            const Network network({.filters = {20, 40}, .neurons = {100}, .activation = activation}, Start::right);
            const Parameters weights = network.weights();
            weights.back().assign(normal(weights.back().shape(), {.deviation = 0.1}));
            const Tensor before = weighted_outputs(network, images);
            for (const Parameter& weight : weights) weight.assign(weight * factor);
            const Tensor after = weighted_outputs(network, images);
            const double expected = std::pow(factor, weights.size());
            const double ratio = (norm(after) / norm(before)).item();
            run.say("{}: outputs {:.4g} times as large", name_of(activation), ratio);
            if (activation == Activation::sigmoid) {
              run.summary(
                  {.quantity = "how many times outputs grow, sigmoid: the last layer's factor is most of it",
                   .measured = ratio,
                   .band = program::Band{1, 8}});
              continue;
            }
            run.finding(
                {.quantity = "relative difference of the outputs from c⁴ times what they were, ReLU",
                 .measured = program::relative_difference({after}, {before * expected}),
                 .band = program::Band{0, 1e-5}});
          }
        },
};

}  // namespace chapter6
