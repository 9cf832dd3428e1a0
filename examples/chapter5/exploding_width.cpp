// The problem on (123): how rarely |wσ′(wa + b)| ≥ 1, which is what it takes for a gradient not to vanish.
#include <algorithm>
#include <cmath>

#include <gradus/gradus.h>

#include "experiments.h"

namespace chapter5 {

using namespace gradus;

namespace {

/// The factor for inputs a of a neuron whose bias puts the middle of its slope at a = 0.
Tensor factor(const Tensor& a, double w) {
  return absolute(w * sigmoid_prime(w * a));
}

/// Where the factor falls below 1, for a ≥ 0: by halving an interval, without (123). The factor has one hump.
double half_width(double w) {
  double inside = 0, outside = 2;
  while (outside - inside > 1e-15) {
    const double middle = (inside + outside) / 2;
    (factor(number(middle, Dtype::float64), w).item() >= 1 ? inside : outside) = middle;
  }
  return inside;
}

/// (123): the width of the interval of inputs.
Tensor width(const Tensor& w) {
  return 2 / w * log(w * (1 + square_root(1 - 4 / w)) / 2 - 1);
}

double greatest_factor(double w) {
  return max(factor(linspace(-5, 5, 10'001, Dtype::float64), w)).item();
}

void draw_factors(program::Run& run) {
  program::Plot plot{
      .title = "Inputs for which a gradient does not shrink",
      .x_label = "input a, from where wa + b = 0",
      .y_label = "|w σ′(wa + b)|",
      .references = {{"1", 1}},
      .y_range = program::Band{0, 6}};
  const Tensor a = linspace(-1, 1, 401, Dtype::float64);
  for (const double w : {2.0, 4.0, 6.894, 20.0}) {
    plot.series.push_back(
        {.title = fmt::format("w = {:g}", w),
         .x = a.values(),
         .y = factor(a, w).values(),
         .style = program::Style::line});
  }
  run.draw("factors", plot);
}

void draw_width(program::Run& run, double best) {
  const Tensor w = linspace(4, 40, 721, Dtype::float64);
  run.draw(
      "width",
      program::Plot{
          .title = "(123): how wide the range of inputs is",
          .x_label = "|w|",
          .y_label = "width in which |w σ′(wa + b)| ≥ 1",
          .series = {{.title = "(123)", .x = w.values(), .y = width(w).values(), .style = program::Style::line}},
          .references = {{"the book: about 0.45", 0.45}},
          .marks = {{fmt::format("|w| = {:.3f}", best), best}},
          .y_range = program::Band{0, 0.5}});
}

}  // namespace

const Experiment exploding_width{
    .name = "exploding-width",
    .description = "the problem (123): |w| ≥ 4 is needed, for how wide a range of inputs, and where that is widest",
    .published = "at most about 0.45 wide, at |w| ≈ 6.9",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          run.say("(1) The greatest |wσ′(wa + b)| over all inputs is |w|/4:");
          for (const double w : {1.0, 3.9, 4.0, 4.1}) run.say("    w = {:3.1f}: {:.4f}", w, greatest_factor(w));

          run.say("(2) The width of the range of inputs where it is at least 1:");
          run.say("        w      by search        by (123)");
          double worst = 0;
          for (const double w : {4.1, 5.0, 6.0, 6.894, 8.0, 10.0, 20.0, 50.0, 100.0}) {
            const double searched = 2 * half_width(w), formula = width(number(w, Dtype::float64)).item();
            run.say("{:9g}{:15.10f}{:16.10f}", w, searched, formula);
            worst = std::max(worst, std::abs(searched - formula));
          }

          const Parameter w(number(6, Dtype::float64), "w");
          for (int i = 0; i < 8; ++i) hessian_step(-width(w), {w});
          const double best = w.item(), widest = width(w).item();
          run.say("(3) Newton's steps on (123) end at |w| = {:.6f}, where the range is {:.6f} wide.", best, widest);
          draw_factors(run);
          draw_width(run, best);
          run.finding(
              {.quantity = "largest difference between (123) and the search",
               .measured = worst,
               .band = program::Band{0, 1e-10}});
          run.finding(
              {.quantity = "|w| where the range is widest",
               .published = 6.9,
               .measured = best,
               .band = program::Band{6.893, 6.895}});
          run.summary(
              {.quantity = "width of the widest range",
               .published = 0.45,
               .measured = widest,
               .band = program::Band{0.4476, 0.4478}});
        },
};

}  // namespace chapter5
