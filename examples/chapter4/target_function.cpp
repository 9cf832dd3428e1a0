// The book's challenge: five bumps for the function (113), "try it yourself" by hand. Here every choice is tried.
#include <cmath>
#include <limits>

#include "experiments.h"
#include "target.h"

namespace chapter4 {

namespace {

constexpr int bins = 5;

/// What a bin adds to the score if its bump is that high: Σ|σ⁻¹f(x) − h| / 100 over its 20 of the x = 0, .01, … .99.
struct Choice {
  double height = 0, score = 0;
};

/// The best of some heights. Bins do not share any x, so that the best of each is the best of all.
Choice best_choice(const std::vector<double>& wanted, const std::vector<double>& candidates) {
  Choice best{.score = std::numeric_limits<double>::infinity()};
  for (const double height : candidates) {
    double score = 0;
    for (const double y : wanted) score += std::abs(y - height) / 100;
    if (score < best.score) best = {height, score};
  }
  return best;
}

/// With the slip of a later sentence: 0.3 sin(15x) instead of 0.3x sin(15x).
Tensor misprinted_target(const Tensor& x) {
  return target(x) + 0.3 * (1 - x) * sin(15 * x);
}

void explain_misprint(program::Run& run, const Tensor& x) {
  const Tensor right = target(x), wrong = misprinted_target(x);
  const Index lowest = argmin(wrong).item<std::int32_t>();
  run.say(
      "(113) runs from {:.3f} to {:.3f}. A later sentence writes 0.3 sin(15x) for 0.3x sin(15x), a slip: that goes "
      "down to {:.3f}, at x = {:.2f}, where σ⁻¹ does not exist; no sigmoid output gets there.",
      min(right).item(), max(right).item(), min(wrong).item(), x.values()[static_cast<std::size_t>(lowest)]);
}

void draw(program::Run& run, const FeedForward& network, const Tensor& x) {
  run.draw(
      "target_weighted",
      program::Plot{
          .title = "Five bumps against σ⁻¹∘f",
          .x_label = "input x",
          .y_label = "weighted output of the hidden layer",
          .series = {curve("σ⁻¹∘f", x, weighted_target(x)), curve("network", x, network.logits(x))}});
  run.draw(
      "target_function", program::Plot{
                             .title = "(113) and the network's output",
                             .x_label = "input x",
                             .y_label = "output",
                             .series =
                                 {curve("f", x, target(x)), curve("network, 10 hidden neurons", x, network(x)),
                                  curve("f as misprinted later on", x, misprinted_target(x))},
                             .y_range = program::Band{-0.2, 1}});
}

}  // namespace

const Experiment target_function{
    .name = "target-function",
    .description =
        "the challenge: the five heights, in steps of .1, that bring the hidden layer nearest to σ⁻¹ of (113)",
    .published = "success below .405; the best on the grid: −1.2, −1.4, −.3, −1.0, 1.1 with .373",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = inputs(0, 1, 2001);
          explain_misprint(run, x);

          std::vector<double> grid;
          for (int tenths = -30; tenths <= 30; ++tenths) grid.push_back(tenths / 10.0);
          const std::vector<double> published{-1.2, -1.4, -0.3, -1.0, 1.1};
          const Tensor wanted = weighted_target(inputs(0, 0.99, 100));
          std::vector<Bump> bumps;
          double score = 0, floor = 0;
          Index as_published = 0;
          run.say("  bin      best h on the grid   the book's page   its share of the score");
          for (int bin = 0; bin < bins; ++bin) {
            const auto values = slice(wanted, 0, 20 * bin, 20 * (bin + 1)).values();
            const Choice best = best_choice(values, grid);
            const double expected = published[static_cast<std::size_t>(bin)];
            run.say(
                "{:.1f}–{:.1f}{:22.1f}{:18.1f}{:25.4f}", bin / 5.0, (bin + 1) / 5.0, best.height, expected, best.score);
            bumps.push_back({bin / 5.0, (bin + 1) / 5.0, best.height});
            score += best.score;
            floor += best_choice(values, values).score;  // one of the values is a median, the best of all heights
            as_published += best.height == expected;
          }
          run.say("With heights off the grid, too, the best is {:.4f}: five bumps can do no better.", floor);
          const FeedForward network = step_network(steps_of(bumps));
          const OutputError error = error_of(network);
          run.say(
              "The network's output, σ of it, is off f by {:.3f} on average, {:.2f} at most.", error.mean, error.max);
          draw(run, network, x);
          run.finding(
              {.quantity = "heights that are those known as the best",
               .published = bins,
               .measured = static_cast<double>(as_published),
               .band = program::Band{bins, bins}});
          run.finding(
              {.quantity = "lead over what the book counts as success, .405",
               .measured = 0.405 - score,
               .band = program::Band{0, 0.405}});
          run.summary(
              {.quantity = "score of the best heights",
               .published = 0.373,
               .measured = score,
               .band = to_the_digit(0.373, 0.001)});
        },
};

}  // namespace chapter4
