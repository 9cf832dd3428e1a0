// A reader asked why networks should be deep if one hidden layer can compute anything. The chapter answers with
// circuits: the parity of n bits. Here such circuits are built of neurons, and checked on every input.
#include <vector>

#include <program/pictures.h>

#include "experiments.h"
#include "parity.h"

namespace chapter5 {

namespace {

struct Design {
  const char* name;
  FeedForward (*build)(Index bits);
};

const Design designs[] = {
    {"one layer of ANDs, then an OR", ands_and_or},
    {"a tree of XORs", tree_of_xors},
    {"one layer of neurons that count", counting}};

Index wrong_outputs(const FeedForward& network, const Tensor& inputs) {
  return count_nonzero(not_equal(round(network(inputs)), parity(inputs))).item<std::int32_t>();
}

/// The fewest bits by which two odd inputs differ: ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b over all pairs.
double nearest_odd_inputs(Index bits) {
  const Tensor odd = transpose(ands_and_or(bits).weights()[0]) / 2 + 0.5;
  const Tensor lengths = sum(odd, 1, keep_axes), products = matmul(odd, transpose(odd));
  const Tensor self = 1e9 * eye(odd.size(0), -1, Dtype::float64);
  return min(lengths + transpose(lengths) - 2 * products + self).item();
}

}  // namespace

const Experiment why_deep{
    .name = "why-deep",
    .description = "the parity of 2 to 10 bits: neurons that one hidden layer needs, and a deep tree",
    .published = "shallow circuits need exponentially many gates for parity, deep ones few",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          program::Plot plot{
              .title = "Neurons that compute the parity of n bits",
              .x_label = "bits n",
              .y_label = "neurons",
              .whole_x = true,
              .logarithmic_y = true};
          for (const Design& design : designs) plot.series.push_back({.title = design.name});
          Index wrong = 0, checked = 0;
          run.say("bits   inputs   ANDs and an OR   tree of XORs (layers)   neurons that count");
          for (Index bits = 2; bits <= 10; ++bits) {
            const Tensor inputs = all_inputs(bits);
            std::vector<FeedForward> networks;
            for (const Design& design : designs) {
              const FeedForward& network = networks.emplace_back(design.build(bits));
              wrong += wrong_outputs(network, inputs) + wrong_outputs(with_sigmoids(network), inputs);
              checked += 2 * inputs.size(0);
              program::Series& series = plot.series[networks.size() - 1];
              series.x.push_back(static_cast<double>(bits));
              series.y.push_back(static_cast<double>(neurons_of(network)));
            }
            run.say(
                "{:4}{:9}{:17}{:15} ({}){:21}", bits, inputs.size(0), neurons_of(networks[0]), neurons_of(networks[1]),
                layers_of(networks[1]), neurons_of(networks[2]));
          }
          run.draw("neurons", plot);
          run.say(
              "One layer of ANDs cannot do with fewer than 2^(n−1): any two odd inputs of 10 bits differ in at least");
          run.say(
              "{:g} bits, so that an AND which takes both also takes even ones between them.", nearest_odd_inputs(10));
          run.say(
              "But neurons are more than gates: they count, and then one hidden layer of n is enough for parity. It");
          run.say("shows what depth is worth for circuits; deep-sawtooth is an example for neurons.");
          run.finding(
              {.quantity = "neurons for 10 bits, one hidden layer of ANDs over tree of XORs",
               .measured = plot.series[0].y.back() / plot.series[1].y.back(),
               .band = program::Band{10, 20}});
          run.summary(
              {.quantity = fmt::format("wrong outputs of all networks, of {}", checked),
               .measured = static_cast<double>(wrong),
               .band = program::Band{0, 0}});
        },
};

}  // namespace chapter5
