// "Fixing up the step functions": near a step the output is neither low nor high. This is how wide that window of
// failure is, and that the middle of it is where the curve bends the other way, its inflection point.
#include <algorithm>
#include <cmath>

#include "experiments.h"
#include "network.h"

namespace chapter4 {

namespace {

/// Where a rising curve passes a level.
double where_it_reaches(double level, const std::vector<double>& x, const std::vector<double>& y) {
  const auto above = std::upper_bound(y.begin() + 1, y.end() - 1, level);
  const auto i = static_cast<std::size_t>(above - y.begin());
  return x[i - 1] + (level - y[i - 1]) / (y[i] - y[i - 1]) * (x[i] - x[i - 1]);
}

/// Where the second derivative, by automatic differentiation, passes from plus to minus.
double inflection_point(const FeedForward& neuron) {
  const Parameter x = inputs(0.25, 0.75, 10'001);
  const Tensor slope = gradients(sum(neuron(x)), {x})[0];
  const auto bend = gradients(sum(slope), {x})[0].values(), xs = x.values();
  std::size_t i = static_cast<std::size_t>(std::max_element(bend.begin(), bend.end()) - bend.begin());
  while (bend[i] > 0) ++i;
  return xs[i - 1] + bend[i - 1] / (bend[i - 1] - bend[i]) * (xs[i] - xs[i - 1]);
}

/// The largest distance from the step's 0 and 1 where `inside` says so.
double worst_error(
    const std::vector<double>& x, const std::vector<double>& y, const program::Band& window, bool inside) {
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if ((x[i] >= window.from && x[i] <= window.to) != inside) continue;
    worst = std::max(worst, std::abs(y[i] - (x[i] > 0.5 ? 1 : 0)));
  }
  return worst;
}

}  // namespace

const Experiment failure_window{
    .name = "failure-window",
    .description =
        "σ(w(x − ½)) for w = 50, 100, 1000: wrong inside a window of 2 ln 99 / w around its inflection point",
    .published = "a window of failure, shaded from .45 to .55 for w = 50; from 1 % to 99 % it is 2 ln 99 / w wide",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = inputs(0, 1, 20'001);
          const auto xs = x.values();
          program::Plot plot{
              .title = "The window of failure: neither 0 nor 1 (dotted: as the book shades it)",
              .x_label = "input x",
              .y_label = "output σ(w(x − ½))",
              .x_range = program::Band{0.3, 0.7},
              .y_range = program::Band{0, 1.12}};
          double width_at_50 = 0, inflection = 0, outside = 0;
          run.say("     w   from 1 % to 99 %   width    2 ln 99/w   worst inside   worst outside   inflection point");
          for (const double w : {50.0, 100.0, 1000.0}) {
            const FeedForward neuron = network_of({{{.weights = {w}, .bias = -w / 2}}});
            const auto ys = neuron(x).values();
            const program::Band window{where_it_reaches(0.01, xs, ys), where_it_reaches(0.99, xs, ys)};
            const double width = window.to - window.from;
            inflection = inflection_point(neuron);
            outside = std::max(outside, worst_error(xs, ys, window, false));
            run.say(
                "{:6g}{:9.4f} to {:.4f}{:9.4f}{:12.4f}{:15.3f}{:16.3f}{:19.4f}", w, window.from, window.to, width,
                2 * std::log(99) / w, worst_error(xs, ys, window, true), worst_error(xs, ys, window, false),
                inflection);
            plot.series.push_back(curve(fmt::format("w = {:g}", w), x, neuron(x)));
            if (w == 50) {
              width_at_50 = width;
              plot.strips = {{.title = "1–99 % at w = 50", .x = window}};
            }
          }
          plot.marks = {{.title = "", .x = 0.45}, {.title = "", .x = 0.55}};
          run.draw("failure_window", plot);
          run.say("At the ends of the book's shading, .45 and .55, the output is σ(∓2.5): .076 and .924 for w = 50.");
          run.finding(
              {.quantity = "inflection point, where ∂²a/∂x² = 0",
               .measured = inflection,
               .band = program::Band{0.4999, 0.5001}});
          run.finding(
              {.quantity = "largest error outside the windows",
               .measured = outside,
               .band = program::Band{0, 0.01001}});
          run.summary(
              {.quantity = "width of the window for w = 50",
               .published = 2 * std::log(99) / 50,
               .measured = width_at_50,
               .band = program::Band{0.1837, 0.1839}});
        },
};

}  // namespace chapter4
