// A trap on the way to (113): a step that stands exactly on a border is half done there.
#include "experiments.h"
#include "target.h"

namespace chapter4 {

namespace {

/// The same staircase between steps at 0 and at 1, where the book's five bumps have theirs.
std::vector<Step> with_steps_at_the_borders(std::vector<Step> steps) {
  steps.front().position = 0;
  double height = 0;
  for (const Step& step : steps) height += step.height;
  steps.push_back({1, -height});
  return steps;
}

struct BorderErrors {
  double at_0 = 0, at_1 = 0, max = 0;
};

BorderErrors errors_of(const FeedForward& network) {
  const Tensor x = inputs(0, 1, 1001);
  const Tensor errors = absolute(network(x) - target(x));
  const auto all = errors.values();
  return {.at_0 = all.front(), .at_1 = all.back(), .max = max(errors).item()};
}

void draw(program::Run& run, const FeedForward& at_the_borders, const FeedForward& beyond) {
  const Tensor x = inputs(0, 0.1, 2001);
  run.draw(
      "half_step_borders", program::Plot{
                               .title = "50 bins, beside the border: half a step is missing",
                               .x_label = "input x",
                               .y_label = "output",
                               .series =
                                   {curve("first step at 0", x, at_the_borders(x)),
                                    curve("first step far below 0", x, beyond(x)), curve("f", x, target(x))},
                               .x_range = program::Band{0, 0.1}});
}

}  // namespace

const Experiment half_step_borders{
    .name = "half-step-borders",
    .description = "steps exactly at 0 and 1 are half done there: an error of .12 that no N takes away",
    .published = "computed: a permanent error of .12",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          double permanent = 0;
          run.say("        steps at 0 and 1, error       steps far below 0 and above 1, error");
          run.say("    N   at x = 0  at x = 1  at most   at x = 0  at x = 1  at most");
          for (const Index bins : {5, 50, 500}) {
            const std::vector<Step> steps = staircase(bin_means(bins));
            const FeedForward beyond = step_network(steps, slope_for(bins));
            const FeedForward at_the_borders = step_network(with_steps_at_the_borders(steps), slope_for(bins));
            const BorderErrors half = errors_of(at_the_borders), whole = errors_of(beyond);
            run.say(
                "{:5}{:11.3f}{:10.3f}{:9.3f}{:11.3f}{:10.3f}{:9.3f}", bins, half.at_0, half.at_1, half.max, whole.at_0,
                whole.at_1, whole.max);
            permanent = half.at_0;
            if (bins == 50) draw(run, at_the_borders, beyond);
          }
          const Tensor ends = inputs(0, 1, 2);
          const auto limits = absolute(sigmoid(weighted_target(ends) / 2) - target(ends)).values();
          run.say("On a border the sum is half the bin's height, near σ⁻¹f/2 when bins are narrow. σ of that is off f");
          run.say("by {:.3f} at x = 0 and {:.3f} at x = 1, whatever N and w are.", limits[0], limits[1]);
          run.summary(
              {.quantity = "error at x = 0 with 500 bins and steps at the borders",
               .published = 0.12,
               .measured = permanent,
               .band = program::Band{0.115, 0.125}});
        },
};

}  // namespace chapter4
