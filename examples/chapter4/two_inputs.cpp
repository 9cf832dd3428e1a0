// "Many input variables": steps, bumps and a tower over the square of two inputs.
#include "experiments.h"
#include "target.h"
#include "towers.h"

namespace chapter4 {

namespace {

constexpr Index side = 201;
constexpr double height = 10;
const Box square_box{{0.3, 0.7}, {0.3, 0.7}};

/// The weighted output of a hidden layer, over the square.
void draw_sum(
    program::Run& run, const std::string& name, const std::string& title, const Layer& layer,
    const std::vector<double>& weights) {
  const FeedForward network = network_of({layer, {{.weights = weights}}});
  const Tensor sums = network.logits(grid_inputs(side));
  run.draw(name, map_of(title, "weighted output of the hidden layer", sums, side));
}

void draw(program::Run& run, const FeedForward& tower) {
  const Layer steps = steps_around(square_box);
  draw_sum(run, "step_in_x", "A step in x: weights 1000 and 0, bias −500", {step_along(0, 0.5, 2)}, {1});
  draw_sum(run, "step_in_y", "A step in y: weights 0 and 1000, bias −500", {step_along(1, 0.5, 2)}, {1});
  draw_sum(run, "bump_in_x", "A bump in x: h at .3, −h at .7", {steps[0], steps[1]}, {height, -height});
  draw_sum(run, "plateau", "Bumps in x and in y: h, and 2h where they cross", steps, tower_neuron(2, height).weights);
  run.draw("tower", map_of("The same after σ with bias −3h/2: a tower", "output", tower(grid_inputs(side)), side));
}

}  // namespace

const Experiment two_inputs{
    .name = "two-inputs",
    .description = "two inputs: steps and bumps in x and in y, their sum, and with bias −3h/2 a tower",
    .published = "a tower with h = 10, b = −15; computed: centre .993, plateau .007, outside 0",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const FeedForward tower = tower_network(square_box, height);
          const Tensor places = input_rows({{0.5, 0.5}, {0.5, 0.1}, {0.1, 0.1}});
          const auto sums = tower.logits(places).values(), outputs = tower(places).values();
          const char* names[] = {"centre", "plateau", "outside"};
          const double published[] = {0.993, 0.007, 0};
          run.say("Bumps of height h = 10 between .3 and .7 in x and in y, output bias −3h/2 = −15:");
          run.say("             sum of bumps + bias       σ of it");
          for (std::size_t i = 0; i < 3; ++i) {
            run.say("{:<10}{:22.3f}{:14.3g}", names[i], sums[i], outputs[i]);
          }
          draw(run, tower);
          for (std::size_t i = 1; i < 3; ++i) {
            run.finding(
                {.quantity = fmt::format("output of the tower, {}", names[i]),
                 .published = published[i],
                 .measured = outputs[i],
                 .band = to_the_digit(published[i], 0.001)});
          }
          run.summary(
              {.quantity = "output of the tower, centre",
               .published = published[0],
               .measured = outputs[0],
               .band = to_the_digit(published[0], 0.001)});
        },
};

}  // namespace chapter4
