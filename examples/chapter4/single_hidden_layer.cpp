// A problem of the chapter: two hidden layers make towers of two inputs, but one is enough. Steps may face any
// direction; many of them around a point add up to a round tower, and round towers to any function.
#include <cmath>
#include <numbers>

#include "experiments.h"
#include "round_towers.h"
#include "target.h"

namespace chapter4 {

namespace {

constexpr Index side = 101;
constexpr Point middle{0.5, 0.5};

void draw_sum(program::Run& run, const std::string& name, const std::string& title, const FeedForward& network) {
  const Tensor sums = network.logits(grid_inputs(side));
  run.draw(name, map_of(title, "weighted output of the hidden layer", sums, side));
}

/// Bumps between −r and r along every direction: all overlap in the middle, but each is a long ridge.
void show_crossing_bumps(program::Run& run) {
  RoundSum bumps;
  bumps.add({{-tower_radius, 1}, {tower_radius, -1}}, middle);
  const auto sums = bumps.network().logits(input_rows({{0.5, 0.5}, {0.9, 0.5}})).values();
  run.say("{} bumps of radius r = .2, one along each direction: {} neurons", bumps.directions, bumps.hidden.size());
  run.say(
      "  in the middle {:.3f}; d = .4 away still {:.3f}, for (2/π) arcsin(r/d) = {:.3f} of the ridges meet there",
      sums[0], sums[1], 2 / std::numbers::pi * std::asin(0.5));
  draw_sum(
      run, "oriented_step", "A step that faces 30°: weights 866 and 500, bias −683",
      network_of({{{.weights = {866, 500}, .bias = -683}}, {{.weights = {1}}}}));
  draw_sum(run, "crossing_bumps", "24 bumps across the middle", bumps.network());

  const double height = 10, count = static_cast<double>(bumps.directions);
  for (double& weight : bumps.output.weights) weight *= height * count;
  bumps.output.bias = -height * (count - 0.5);
  run.draw(
      "round_tower_of_bias", map_of(
                                 "The same, each of height h, and an output bias of −(24 − ½)h", "output",
                                 bumps.network()(grid_inputs(side)), side));
}

/// Round towers without ridges, which can be added.
OutputError show_round_towers(program::Run& run) {
  const std::vector<Step> profile = staircase_along_directions();
  RoundSum one{.w = 150};
  one.add(profile, middle);
  const Tensor grid = grid_inputs(side);
  const OutputError error = error_of(one.network().logits(grid), tower_profile(norm(grid - 0.5, 1, keep_axes)));
  run.say("Other heights along the directions, and the ridges cancel: a tower from {} neurons,", one.hidden.size());
  run.say("  off a round tower of height 1 by {:.4f} on average, {:.4f} at most", error.mean, error.max);

  std::vector<Step> lower = profile;
  for (Step& step : lower) step.height *= 0.5;
  RoundSum two{.w = 150};
  two.add(profile, {0.25, 0.7});
  two.add(lower, {0.75, 0.3});
  draw_sum(run, "round_towers", "Two round towers, of heights 1 and ½, from one hidden layer", two.network());

  const Tensor t = linspace(-0.6, 0.6, 601, Dtype::float64);
  run.draw(
      "round_tower_profile", program::Plot{
                                 .title = "Seen from the side: a tower, and what makes it",
                                 .x_label = "distance t from the middle",
                                 .y_label = "height",
                                 .series = {
                                     curve("round tower", t, tower_profile(absolute(t))),
                                     curve("what stands along each direction", t, profile_along_directions(t))}});
  return error;
}

Tensor waves(const Tensor& places) {
  const Tensor angles = 2 * std::numbers::pi * places;
  return 0.5 + 0.4 * product(sin(angles), 1, keep_axes);
}

/// Steps everywhere and in every direction, and the weights of their outputs by one Newton step on a cost that is
/// quadratic in them.
FeedForward network_for_waves(Index directions) {
  const double count = static_cast<double>(directions);
  std::vector<Step> profile;
  for (Index i = 0; i < directions; ++i) profile.push_back({1.5 * ((static_cast<double>(i) + 0.5) / count - 0.5), 0});
  RoundSum steps{.directions = directions, .w = 4 * count};
  steps.add(profile, middle);
  FeedForward network = steps.network();
  const Tensor places = uniform({2000, 2}, {.dtype = Dtype::float64}), wanted = inverse_sigmoid(waves(places));
  evaluate({places, wanted});
  hessian_step(
      quadratic_cost(network.logits(places), wanted), {network.weights()[1], network.biases()[1]},
      {.damping = 1e-5, .solver = {.tolerance = 1e-4}});
  return network;
}

double show_waves(program::Run& run) {
  const Tensor grid = grid_inputs(side);
  double error = 0;
  run.say("½ + .4 sin 2πx sin 2πy from N steps in √N directions, outputs weighed by a Newton step:");
  run.say("    N   mean error   max");
  for (const Index directions : {8, 16, 24}) {
    if (run.quick() && directions > 16) continue;
    const FeedForward network = network_for_waves(directions);
    const OutputError of_network = error_of(network(grid), waves(grid));
    run.say("{:5}{:13.5f}{:10.5f}", directions * directions, of_network.mean, of_network.max);
    error = of_network.mean;
    if (directions == 16) {
      run.draw("waves", map_of("½ + .4 sin 2πx sin 2πy from one hidden layer of 256", "output", network(grid), side));
    }
  }
  return error;
}

}  // namespace

const Experiment single_hidden_layer{
    .name = "single-hidden-layer",
    .description =
        "one hidden layer for two inputs: steps in many directions add up to round towers, and to any function",
    .published = "a problem: show that a single hidden layer is enough",
    .seconds = 3,
    .run =
        [](program::Run& run) {
          show_crossing_bumps(run);
          const OutputError tower = show_round_towers(run);
          const double of_waves = show_waves(run);
          run.finding(
              {.quantity = "mean error of a function of two inputs",
               .measured = of_waves,
               .band = program::Band{0, 0.01}});
          run.summary(
              {.quantity = "mean error of a round tower", .measured = tower.mean, .band = program::Band{0, 0.005}});
        },
};

}  // namespace chapter4
