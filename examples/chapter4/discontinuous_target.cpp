// The second caveat: only continuous functions. A network's output is continuous, so next to a jump it must be off by
// half of it, on one side or the other.
#include <algorithm>
#include <cmath>

#include "experiments.h"
#include "target.h"

namespace chapter4 {

namespace {

constexpr double jump_at = 0.6, low = 0.3, high = 0.7;

Tensor jumping_target(const Tensor& x) {
  return where(x > jump_at, broadcast_to(number(high, Dtype::float64), x.shape()), low);
}

/// One bin for each value; only the step between them counts.
FeedForward network_with_slope(double w) {
  const auto ends = inverse_sigmoid(tensor({low, high}, {2})).values();
  return step_network({{-1, ends[0]}, {jump_at, ends[1] - ends[0]}}, w);
}

/// The larger of the two distances where the target comes from below and from above: f(s−) and f(s+).
double error_beside_the_jump(const FeedForward& network) {
  const double output = network(input_rows({{jump_at}})).item();
  return std::max(std::abs(output - low), std::abs(output - high));
}

}  // namespace

const Experiment discontinuous_target{
    .name = "discontinuous-target",
    .description =
        "a target that jumps: steeper and steeper steps bring the mean error to 0, the largest never below ½ jump",
    .published = "only continuous functions can be approximated everywhere",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = inputs(0, 1, 100'001), zoom = inputs(0.55, 0.65, 2001);
          program::Plot plot{
              .title = "A jump of .4, and networks: continuous, however steep",
              .x_label = "input x",
              .y_label = "output",
              .series = {curve("target", zoom, jumping_target(zoom))},
              .references = {{.title = "half way", .y = (low + high) / 2}},
              .x_range = program::Band{0.55, 0.65}};
          program::Series means{.title = "mean |network − target|"}, greatest{.title = "sup |network − target|"};
          run.say("       w   mean error   largest error beside the jump");
          double mean_error = 0, least_sup = 1;
          for (const double w : {30.0, 100.0, 300.0, 1000.0, 3000.0, 10'000.0}) {
            const FeedForward network = network_with_slope(w);
            const OutputError error = error_of(network(x), jumping_target(x));
            const double sup = std::max(error.max, error_beside_the_jump(network));
            run.say("{:8g}{:13.6f}{:16.4f}", w, error.mean, sup);
            means.x.push_back(w);
            means.y.push_back(error.mean);
            greatest.x.push_back(w);
            greatest.y.push_back(sup);
            mean_error = error.mean;
            least_sup = std::min(least_sup, sup);
            if (w == 100 || w == 1000) plot.series.push_back(curve(fmt::format("w = {:g}", w), zoom, network(zoom)));
          }
          run.draw("discontinuous_target", plot);
          run.draw(
              "discontinuous_errors", program::Plot{
                                          .title = "The mean error goes to 0, the largest stays at half the jump",
                                          .x_label = "weight w of the step",
                                          .y_label = "error of the output",
                                          .series = {means, greatest},
                                          .references = {{.title = "half the jump", .y = (high - low) / 2}},
                                          .logarithmic_x = true,
                                          .logarithmic_y = true});
          run.say("At the jump the output is one number; .3 on its left and .7 on its right cannot both be near.");
          run.finding(
              {.quantity = "mean error for w = 10,000", .measured = mean_error, .band = program::Band{0, 1e-4}});
          run.summary(
              {.quantity = "least sup error that was reached: half the jump",
               .published = 0.2,
               .measured = least_sup,
               .band = program::Band{0.2 - 1e-9, 0.21}});
        },
};

}  // namespace chapter4
