// "Universality with one input and one output" begins with one hidden neuron: its weight says how steep, −b/w where.

#include "experiments.h"
#include "network.h"

namespace chapter4 {

namespace {

struct Row {
  double w, b;
};

// The slider's start, a bias on either side, a smaller weight, and on to the step.
const Row rows[] = {{8, -4}, {8, -2}, {8, -6}, {3, -1.5}, {100, -40}, {999, -399.6}};

/// Where the neuron's output passes through ½.
double measured_position(const Tensor& x, const Tensor& output) {
  const auto xs = x.values(), ys = output.values();
  std::size_t i = 1;
  while (i + 1 < ys.size() && ys[i] < 0.5) ++i;
  return xs[i - 1] + (0.5 - ys[i - 1]) / (ys[i] - ys[i - 1]) * (xs[i] - xs[i - 1]);
}

}  // namespace

const Experiment one_neuron{
    .name = "one-neuron",
    .description = "one hidden neuron σ(wx + b): from a gentle slope to a step at s = −b/w",
    .published = "a step at s = −b/w: .40 for w = 100, b = −40",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = inputs(0, 1, 2001);
          program::Plot plot{
              .title = "One hidden neuron: the larger w, the more of a step",
              .x_label = "input x",
              .y_label = "output σ(wx + b)",
              .y_range = program::Band{0, 1.12}};
          double position = 0;
          run.say("    w       b   s = −b/w   output ½ at   output at s − .05   at s + .05");
          for (const auto& [w, b] : rows) {
            const FeedForward neuron = network_of({{{.weights = {w}, .bias = b}}});
            const double s = -b / w, measured = measured_position(x, neuron(x));
            const auto beside = neuron(input_rows({{s - 0.05}, {s + 0.05}})).values();
            run.say("{:5g}{:8g}{:11.3f}{:14.3f}{:20.4f}{:13.4f}", w, b, s, measured, beside[0], beside[1]);
            plot.series.push_back(curve(fmt::format("w = {:g}, b = {:g}", w, b), x, neuron(x)));
            if (w == 100) position = measured;
          }
          plot.marks = {{.title = "s = .4", .x = 0.4}};
          run.draw("one_neuron", plot);
          run.say("With w = 1000 and b = −1000 s one number is left to choose for each neuron: s.");
          run.summary(
              {.quantity = "position of the step for w = 100, b = −40",
               .published = 0.4,
               .measured = position,
               .band = program::Band{0.3999, 0.4001}});
        },
};

}  // namespace chapter4
