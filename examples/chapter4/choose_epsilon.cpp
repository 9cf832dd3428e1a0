// The statement of universality: for any ε > 0 there is a network with |g(x) − f(x)| < ε for all x. Here ε comes first,
// and the network is worked out from it.
#include <algorithm>
#include <cmath>

#include "experiments.h"
#include "target.h"

namespace chapter4 {

namespace {

/// The heights of σ⁻¹∘f in the middles of the bins: nowhere in its bin is σ⁻¹∘f further away than half a bin's rise.
std::vector<double> heights_in_the_middle(Index bins) {
  const double width = 1 / static_cast<double>(bins);
  return weighted_target(width * (iota(bins, Dtype::float64) + 0.5)).values();
}

/// How steep σ⁻¹∘f gets, by automatic differentiation.
double steepest_rise() {
  const Tensor x = inputs(0, 1, 20'001);
  return max(absolute(gradients(sum(weighted_target(x)), {x})[0])).item();
}

}  // namespace

const Experiment choose_epsilon{
    .name = "choose-epsilon",
    .description = "given ε, works out N and w, builds the network and measures that |network − f| < ε everywhere",
    .published = "the universality theorem: |g(x) − f(x)| < ε for all x",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const double rise = steepest_rise();
          run.say("σ⁻¹∘f is nowhere steeper than L = {:.1f} (autodiff), and σ nowhere steeper than 1/4.", rise);
          run.say("Within half a bin σ⁻¹∘f moves by at most L/2N, in the window of a step by some L/w more:");
          run.say("  |network − f| ≤ (L/2N + L/w)/4 < ε  for  w = 100 N  and  N > 1.02 L/8ε.");
          run.say("      ε      N         w   max |network − f|   of ε");
          program::Series chosen{.title = "ε, chosen first"}, measured{.title = "max |network − f|"};
          double worst = 0;
          const std::vector<double> epsilons =
              run.quick() ? std::vector{0.1, 0.03, 0.01} : std::vector{0.1, 0.03, 0.01, 0.003, 0.001};
          const Tensor x = inputs(0, 1, 10'001);
          for (const double epsilon : epsilons) {
            const auto bins = static_cast<Index>(std::ceil(1.02 * rise / (8 * epsilon)));
            const double w = 100 * static_cast<double>(bins);
            const OutputError error = error_of(step_network(staircase(heights_in_the_middle(bins)), w)(x), target(x));
            run.say("{:7g}{:7}{:10g}{:20.6f}{:7.2f}", epsilon, bins, w, error.max, error.max / epsilon);
            chosen.x.push_back(static_cast<double>(bins));
            chosen.y.push_back(epsilon);
            measured.x.push_back(static_cast<double>(bins));
            measured.y.push_back(error.max);
            worst = std::max(worst, error.max / epsilon);
          }
          run.say("Measured at 10,001 points of [0, 1], both ends included. Every ε > 0 has its N; ε = 0 has none.");
          run.draw(
              "choose_epsilon", program::Plot{
                                    .title = "The error that was asked for, and the one that came out",
                                    .x_label = "hidden neurons N",
                                    .y_label = "error of the output",
                                    .series = {chosen, measured},
                                    .logarithmic_x = true,
                                    .logarithmic_y = true});
          run.summary(
              {.quantity = "largest error, as a part of the ε that was chosen",
               .published = 1,
               .measured = worst,
               .band = program::Band{0.1, 1}});
        },
};

}  // namespace chapter4
