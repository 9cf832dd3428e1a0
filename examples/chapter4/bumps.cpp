// Steps add up to bumps, and bumps to a function of any heights: the weighted output of the hidden layer, before the
// output neuron's σ.
#include <algorithm>
#include <cmath>

#include "experiments.h"
#include "network.h"

namespace chapter4 {

namespace {

/// Prints and draws the weighted output of the hidden layer, and returns it at the given places.
std::vector<double> show(
    program::Run& run, const std::string& picture, const std::string& title, const std::vector<Step>& steps,
    const std::vector<double>& places) {
  run.say("hidden neuron        w         b   weight of its output");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    run.say("{:13}{:9g}{:10g}{:23g}", i + 1, steep, -steep * steps[i].position, steps[i].height);
  }
  const FeedForward network = step_network(steps);
  auto heights = network.logits(tensor(places, {static_cast<Index>(places.size()), 1})).values();
  run.say("    x   weighted output of the hidden layer");
  for (std::size_t i = 0; i < places.size(); ++i) run.say("{:5g}{:38.4f}", places[i], heights[i]);
  const Tensor x = inputs(0, 1, 2001);
  run.draw(
      picture, program::Plot{
                   .title = title,
                   .x_label = "input x",
                   .y_label = "weighted output of the hidden layer",
                   .series = {curve("", x, network.logits(x))}});
  return heights;
}

/// How far any height is from what it should be.
double worst_difference(const std::vector<double>& measured, const std::vector<double>& expected) {
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(measured[i] - expected[i]));
  return worst;
}

const program::Band rounding{0, 1e-9};

}  // namespace

const Experiment two_steps{
    .name = "two-steps",
    .description = "two hidden neurons, steps at .4 and .6, output weights .6 and 1.2: a staircase",
    .published = "0, then .6, then 1.8",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const auto heights =
              show(run, "two_steps", "Two steps: .6 at .4, 1.2 more at .6", {{0.4, 0.6}, {0.6, 1.2}}, {0.2, 0.5, 0.8});
          run.finding(
              {.quantity = "height between the steps",
               .published = 0.6,
               .measured = heights[1],
               .band = program::Band{0.6 - 1e-9, 0.6 + 1e-9}});
          run.summary(
              {.quantity = "height after both steps",
               .published = 1.8,
               .measured = heights[2],
               .band = program::Band{1.8 - 1e-9, 1.8 + 1e-9}});
        },
};

const Experiment bump{
    .name = "bump",
    .description = "two hidden neurons, steps at .4 and .6, output weights h and −h: a bump of height h = .6",
    .published = "a bump of height h = .6 between .4 and .6",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const auto heights =
              show(run, "bump", "A bump: h at .4, −h at .6", steps_of({{0.4, 0.6, 0.6}}), {0.2, 0.5, 0.8});
          run.say("In the words of a programmer: if x > s₁ add h; if x > s₂ take it away.");
          run.finding(
              {.quantity = "largest height beside the bump",
               .published = 0,
               .measured = std::max(std::abs(heights[0]), std::abs(heights[2])),
               .band = rounding});
          run.summary(
              {.quantity = "height of the bump",
               .published = 0.6,
               .measured = heights[1],
               .band = program::Band{0.6 - 1e-9, 0.6 + 1e-9}});
        },
};

const Experiment two_bumps{
    .name = "two-bumps",
    .description = "two pairs of hidden neurons: −1.2 between .4 and .6, .3 between .7 and .9",
    .published = "bumps of heights −1.2 and .3",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const auto heights = show(
              run, "two_bumps", "Two bumps from two pairs of hidden neurons",
              steps_of({{0.4, 0.6, -1.2}, {0.7, 0.9, 0.3}}), {0.2, 0.5, 0.65, 0.8, 0.95});
          run.summary(
              {.quantity = "largest difference from 0, −1.2, 0, .3, 0",
               .published = 0,
               .measured = worst_difference(heights, {0, -1.2, 0, 0.3, 0}),
               .band = rounding});
        },
};

const Experiment five_bumps{
    .name = "five-bumps",
    .description = "five pairs of hidden neurons on fifths of [0, 1], heights drawn from −1.5, −1.4, … 1.5",
    .published = "any heights can be had",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const std::vector<double> wanted = (cast(random_integers({5}, -15, 16), Dtype::float64) / 10).values();
          std::vector<Bump> bumps;
          for (int i = 0; i < 5; ++i) bumps.push_back({i / 5.0, (i + 1) / 5.0, wanted[static_cast<std::size_t>(i)]});
          const auto heights = show(
              run, "five_bumps", "Five bumps, their heights drawn at random", steps_of(bumps),
              {0.1, 0.3, 0.5, 0.7, 0.9});
          run.summary(
              {.quantity = "largest difference from the heights that were drawn",
               .published = 0,
               .measured = worst_difference(heights, wanted),
               .band = rounding});
        },
};

}  // namespace chapter4
