// Two problems of the chapter: rectified linear units do not have two finite limits, and still are universal; linear
// ones are not.
#include <algorithm>
#include <cmath>

#include "experiments.h"
#include "target.h"

namespace chapter4 {

namespace {

Tensor rectified(const Tensor& z) {
  return relu(z);
}

/// Two rectified linear neurons make a step: one starts to rise just before s, the other takes the rise away after it.
FeedForward steps_of_pairs(const std::vector<Step>& steps, double w) {
  Layer hidden;
  Neuron output;
  for (const auto& [position, height] : steps) {
    hidden.push_back({.weights = {w}, .bias = -w * position + 0.5});
    hidden.push_back({.weights = {w}, .bias = -w * position - 0.5});
    output.weights.push_back(height);
    output.weights.push_back(-height);
  }
  return network_of({hidden, {output}}, rectified);
}

/// One neuron a bin, too, can do it: where each starts, the slope changes, so that straight pieces join the values of
/// σ⁻¹∘f.
FeedForward straight_pieces(Index bins) {
  const double width = 1 / static_cast<double>(bins);
  const auto values = weighted_target(width * iota(bins + 1, Dtype::float64)).values();
  Layer hidden;
  Neuron output{.bias = values[0]};
  double slope_before = 0;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    const double slope = (values[i + 1] - values[i]) / width;
    hidden.push_back({.weights = {1}, .bias = -width * static_cast<double>(i)});
    output.weights.push_back(slope - slope_before);
    slope_before = slope;
  }
  return network_of({hidden, {output}}, rectified);
}

void draw(program::Run& run) {
  const Tensor x = inputs(0, 1, 2001);
  run.draw(
      "rectified_linear",
      program::Plot{
          .title = "(113) from 20 rectified linear neurons",
          .x_label = "input x",
          .y_label = "output",
          .series = {
              curve("f", x, target(x)), curve("10 steps of two", x, steps_of_pairs(staircase(bin_means(10)), steep)(x)),
              curve("20 straight pieces", x, straight_pieces(20)(x))}});
}

}  // namespace

const Experiment rectified_linear{
    .name = "rectified-linear",
    .description = "rectified linear neurons: two make a step, or one a bin joins straight pieces",
    .published = "a problem: they have no finite limit at ∞; show that they are universal all the same",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const FeedForward step = steps_of_pairs({{0.4, 1}}, steep);
          const auto sides = step.logits(input_rows({{0.3}, {0.5}, {1}})).values();
          run.say(
              "A step at .4 from two rectified linear neurons: {:g} at .3, {:g} at .5, {:g} at 1", sides[0], sides[1],
              sides[2]);
          run.say("               steps, two a bin       straight pieces, one a bin");
          run.say("bins N       mean error       max        mean error       max");
          OutputError steps, pieces;
          double pieces_at_50 = 0;
          for (const Index bins : {5, 10, 20, 50, 100, 500}) {
            steps = error_of(steps_of_pairs(staircase(bin_means(bins)), slope_for(bins)));
            pieces = error_of(straight_pieces(bins));
            if (bins == 50) pieces_at_50 = pieces.mean;
            run.say("{:6}{:17.5f}{:10.5f}{:18.6f}{:10.6f}", bins, steps.mean, steps.max, pieces.mean, pieces.max);
          }
          draw(run);
          run.finding(
              {.quantity = "mean error of 500 steps", .measured = steps.mean, .band = program::Band{0.0009, 0.0011}});
          // Twice as many straight pieces are a quarter as far off.
          run.summary(
              {.quantity = "p of error ∝ N^−p for straight pieces, N = 50 to 500",
               .measured = std::log10(pieces_at_50 / pieces.mean),
               .band = program::Band{1.9, 2.1}});
        },
};

const Experiment linear{
    .name = "linear",
    .description = "linear neurons: however many, the network is a straight line, and its error has a floor",
    .published = "a problem: why linear neurons are not universal",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const Tensor x = test_inputs(), y = target(x);
          const Tensor x_centred = x - mean(x), y_centred = y - mean(y);
          const Tensor line = mean(y) + sum(x_centred * y_centred) / sum(square(x_centred)) * x_centred;
          const double floor = square_root(mean(square(line - y))).item();
          run.say("The straight line nearest to (113) is off by {:.5f} (root mean square).", floor);

          run.say("Hidden neurons at random, output weights by one Newton step on a cost that is quadratic in them:");
          run.say("    N   linear   sigmoid staircase by hand");
          const auto same = [](const Tensor& z) { return z; };
          double best = 1;
          for (const Index neurons : {5, 50, 500}) {
            const Tensor w = normal({1, neurons}, {.dtype = Dtype::float64});
            const Tensor b = normal({neurons}, {.dtype = Dtype::float64});
            const FeedForward network(
                {w, zeros({neurons, 1}, Dtype::float64)}, {b, zeros({1}, Dtype::float64)},
                {.activation = same, .output = same});
            hessian_step(
                quadratic_cost(network(x), y), {network.weights()[1], network.biases()[1]},
                {.solver = {.tolerance = 1e-12}});
            const double error = square_root(mean(square(network(x) - y))).item();
            const FeedForward steps = step_network(staircase(bin_means(neurons)), slope_for(neurons));
            run.say("{:5}{:9.5f}{:28.5f}", neurons, error, square_root(mean(square(steps(x) - y))).item());
            best = std::min(best, error);
            if (neurons == 500) {
              run.draw(
                  "linear",
                  program::Plot{
                      .title = "500 linear neurons are one straight line",
                      .x_label = "input x",
                      .y_label = "output",
                      .series = {
                          curve("f", x, y), curve("500 linear neurons", x, network(x)),
                          curve("50 sigmoid neurons", x, step_network(staircase(bin_means(50)), slope_for(50))(x))}});
            }
          }
          run.say("A sum of straight lines is a straight line: more neurons, and more layers, change nothing.");
          run.summary(
              {.quantity = "root mean square error of linear neurons over that of the best line",
               .published = 1,
               .measured = best / floor,
               .band = program::Band{1 - 1e-9, 1.001}});
        },
};

}  // namespace chapter4
