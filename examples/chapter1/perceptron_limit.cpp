// Two exercises of "Sigmoid neurons": scaling all weights and biases by c > 0, and what c → ∞ makes of sigmoid neurons.
#include <algorithm>

#include "experiments.h"
#include "perceptrons.h"

namespace chapter1 {

using namespace gradus;

namespace {

using Neuron = Tensor (*)(const Tensor& x, const Tensor& w, const Tensor& b);

/// 6 inputs, 4 neurons, 3 neurons, all scaled by c.
struct Layers {
  Tensor w1 = normal({6, 4}, {.dtype = Dtype::float64}), b1 = normal({4}, {.dtype = Dtype::float64});
  Tensor w2 = normal({4, 3}, {.dtype = Dtype::float64}), b2 = normal({3}, {.dtype = Dtype::float64});

  Tensor operator()(Neuron neuron, const Tensor& x, double c) const {
    return neuron(neuron(x, c * w1, c * b1), c * w2, c * b2);
  }
};

}  // namespace

const Experiment perceptron_limit{
    .name = "perceptron-limit",
    .description =
        "weights and biases times c > 0: nothing changes for perceptrons; sigmoid neurons become them as "
        "c → ∞, unless w·x + b = 0",
    .published = "exercises: show that this is so, and where it fails",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Layers network;
          const Tensor x = all_inputs(6);
          const Tensor of_perceptrons = network(fires, x, 1);
          // (0, 1) lies on the line −2 x1 − 2 x2 + 2 = 0.
          const Tensor on_the_line = tensor({0.0, 1.0}, {1, 2}), w = vector({-2, -2});

          run.say("6-4-3 neurons with random weights, on all 64 inputs; and one neuron where w·x + b = 0");
          run.say("       c   perceptrons' outputs   sigmoid outputs off the        sigmoid neuron   perceptron");
          run.say("           that changed           perceptrons' by at most    where w·x + b = 0        there");
          Index unchanged = 0;
          double off = 0, in_between = 0;
          const auto factors = {0.01, 1.0, 10.0, 100.0, 1e3, 1e4, 1e6};
          for (const double c : factors) {
            const Index same = count_equal(network(fires, x, c), of_perceptrons);
            unchanged += same;
            off = max(absolute(network(softly_fires, x, c) - of_perceptrons)).item();
            in_between = softly_fires(on_the_line, c * w, c * 2).item();
            run.say(
                "{:8g}   {:20}   {:23.3g}   {:20}   {:10}", c, of_perceptrons.count() - same, off, in_between,
                fires(on_the_line, c * w, c * 2).item());
          }
          run.say(
              "For w·x + b ≠ 0 the sigmoid's argument c (w·x + b) goes to ±∞, and σ to 1 or 0, the perceptron's "
              "output.");
          run.say("Where w·x + b = 0 it stays 0, and σ(0) = ½ for every c, while the perceptron says 0.");
          run.say(
              "unchanged outputs of perceptrons: {} of {}", unchanged,
              static_cast<Index>(factors.size()) * of_perceptrons.count());
          run.summary(
              {.quantity = "what a sigmoid neuron says on the line, as c → ∞",
               .published = 0.5,
               .measured = in_between,
               .band = program::Band{0.5, 0.5}});
        },
};

}  // namespace chapter1
