// "Shared weights and biases": how few parameters a convolution has.
#include "experiments.h"
#include "row.h"

namespace chapter6 {

const Experiment parameter_counts{
    .name = "parameter-counts",
    .description = "the parameters of every layer, against fully connected ones",
    .published = "520 for 20 feature maps, 23,550 for 30 fully connected neurons",
    .run =
        [](program::Run& run) {
          const Network convolutional({.filters = {20, 40}, .neurons = {100}}), dense({.neurons = {30}});
          const Parameters layers = convolutional.parameters();
          std::vector<Index> counts;
          for (std::size_t i = 0; i + 1 < layers.size(); i += 2) {
            counts.push_back(layers[i].shape().count() + layers[i + 1].shape().count());
            run.say("{:<18}{:<16}{:>8} parameters", layers[i].name(), layers[i].shape().text(), counts.back());
          }
          const Parameters hidden = dense.parameters();
          const Index of_dense = hidden[0].shape().count() + hidden[1].shape().count();
          // What it would take to make the same maps, 24 × 24 of them each, without sharing.
          constexpr Index pixels = 28 * 28, positions = 24 * 24;
          run.say(
              "All of it: {}. Without sharing, with filters of its own at every position, the first layer would have",
              convolutional.parameter_count());
          run.say(
              "{} parameters; with every neuron of its maps connected to the whole image, {}.", 20 * positions * 26,
              20 * positions * (pixels + 1));
          const auto exactly = [](double count) { return program::Band{count, count}; };
          run.finding(
              {.quantity = "parameters of 40 filters over 20 feature maps",
               .published = 20'040,
               .measured = static_cast<double>(counts[1]),
               .band = exactly(20'040)});
          run.finding(
              {.quantity = "parameters of 100 neurons on 40 maps of 4 × 4",
               .published = 64'100,
               .measured = static_cast<double>(counts[2]),
               .band = exactly(64'100)});
          run.finding(
              {.quantity = "parameters of 30 neurons that see the whole image",
               .published = 23'550,
               .measured = static_cast<double>(of_dense),
               .band = exactly(23'550)});
          run.summary(
              {.quantity = "parameters of 20 filters of 5 × 5",
               .published = 520,
               .measured = static_cast<double>(counts[0]),
               .band = exactly(520)});
        },
};

}  // namespace chapter6
