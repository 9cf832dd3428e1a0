// "This does not mean that a network can be used to exactly compute any function": the first caveat. More hidden
// neurons bring the error down to anything but 0.
#include <cmath>

#include "experiments.h"
#include "target.h"

namespace chapter4 {

namespace {

/// What is known of the errors with N bins, to the last digit that is given.
struct Row {
  Index bins;
  double mean, max;
  double mean_digit, max_digit;
};

const Row rows[] = {
    {5, 0.074, 0.38, 0.001, 0.01},      {10, 0.054, 0.23, 0.001, 0.01},      {20, 0.024, 0.13, 0.001, 0.01},
    {50, 0.0096, 0.061, 0.0001, 0.001}, {100, 0.0049, 0.030, 0.0001, 0.001}, {500, 0.0010, 0.0052, 0.0001, 0.0001},
};

void draw(program::Run& run) {
  program::Series means{.title = "mean |network − f|"}, greatest{.title = "max |network − f|"};
  program::Series inverse{.title = "1/N", .style = program::Style::line};
  for (const Index bins : {5, 10, 20, 50, 100, 200, 500, 1000}) {
    const OutputError error = error_of(step_network(staircase(bin_means(bins)), slope_for(bins)));
    const double n = static_cast<double>(bins);
    means.x.push_back(n);
    means.y.push_back(error.mean);
    greatest.x.push_back(n);
    greatest.y.push_back(error.max);
    inverse.x.push_back(n);
    inverse.y.push_back(1 / n);
  }
  run.draw(
      "error_against_n", program::Plot{
                             .title = "How near a network of N hidden neurons comes to (113)",
                             .x_label = "hidden neurons N",
                             .y_label = "error of the output",
                             .series = {means, greatest, inverse},
                             .x_range = program::Band{3, 2000},
                             .logarithmic_x = true,
                             .logarithmic_y = true});
}

}  // namespace

const Experiment error_against_n{
    .name = "error-against-n",
    .description = "(113) with N = 5 to 500 hidden neurons, put in by hand: the error goes like 1/N and is never 0",
    .published = "as near as one likes, not exactly; computed: N = 5 .074/.38 (mean/max) … N = 500 .0010/.0052",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          double first = 0, last = 0;
          for (const Row& row : rows) {
            const double w = slope_for(row.bins);
            const OutputError error = error_of(step_network(staircase(bin_means(row.bins)), w));
            run.finding(
                {.quantity = fmt::format("N = {:3}, w = {:5}: mean error", row.bins, w),
                 .published = row.mean,
                 .measured = error.mean,
                 .band = to_the_digit(row.mean, row.mean_digit)});
            run.finding(
                {.quantity = fmt::format("N = {:3}, w = {:5}: max  error", row.bins, w),
                 .published = row.max,
                 .measured = error.max,
                 .band = to_the_digit(row.max, row.max_digit)});
            if (row.bins == 5) first = error.mean;
            last = error.mean;
          }
          draw(run);
          run.say("The book has no numbers here; those beside ours were worked out beforehand, in Python.");
          run.say("Means over each bin, w = max(1000, 100 N), |network − f| at the middles of 2,000 parts of [0, 1].");
          // 1 would be exactly 1/N; five bins are too coarse for f's waves, which makes the start a little too good.
          run.summary(
              {.quantity = "p of error ∝ N^−p, from N = 5 to 500",
               .measured = std::log(first / last) / std::log(100.0),
               .band = program::Band{0.9, 1.1}});
        },
};

}  // namespace chapter4
