// The exercise of "Learning with gradient descent": what it means for a function of one variable.
#include <cmath>

#include "experiments.h"

#include <gradus/gradus.h>

namespace chapter1 {

using namespace gradus;

namespace {

/// A valley, and to its right a lesser one.
Tensor cost_of(const Tensor& v) {
  return power(v, 4) / 4 - power(v, 2) / 2 + v / 4 + 1;
}

/// Where C'(v) = v³ − v + ¼ = 0.
constexpr double lowest = -1.1071598716887676;

double cost_at(double v) {
  return cost_of(tensor({v}, {})).item();
}

program::Series curve() {
  program::Series series{.title = "C(v) = v⁴/4 − v²/2 + v/4 + 1", .style = program::Style::line};
  for (int i = -160; i <= 10; ++i) {
    series.x.push_back(i / 100.0);
    series.y.push_back(cost_at(i / 100.0));
  }
  return series;
}

/// A piece of the tangent at v, and a gap.
void add_tangent(program::Series& tangents, double v, double cost, double slope) {
  const double reach = 0.25 / std::hypot(1.0, slope);
  for (const double x : {v - reach, v + reach, std::nan("")}) {
    tangents.x.push_back(x);
    tangents.y.push_back(cost + slope * (x - v));
  }
}

}  // namespace

const Experiment tangent{
    .name = "tangent",
    .description = "gradient descent on a function of one variable: along the tangent, down into the valley",
    .published = "an exercise: what does it mean geometrically?",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const double learning_rate = 0.1;
          const Parameter v(tensor({-0.05}, {}), "v");
          Sgd optimizer({v}, {.learning_rate = learning_rate});
          program::Series steps{.title = "every step", .style = program::Style::points};
          program::Series tangents{.title = "every fifth step's tangent", .style = program::Style::line};

          run.say("step         v         C     dC/dv   predicted ΔC = −η (dC/dv)²   measured ΔC");
          for (int i = 0; i < 60; ++i) {
            const double before = v.item();
            const Tensor cost = cost_of(v);
            const double slope = gradients(cost, {v})[0].item();
            optimizer.step(cost);
            steps.x.push_back(before);
            steps.y.push_back(cost.item());
            if (i % 5 != 0) continue;
            add_tangent(tangents, before, cost.item(), slope);
            run.say(
                "{:4}{:10.4f}{:10.4f}{:10.4f}{:29.6f}{:15.6f}", i, before, cost.item(), slope,
                -learning_rate * slope * slope, cost_at(v.item()) - cost.item());
          }
          run.say("Each step follows the tangent downwards; where that is level, the steps end.");
          run.draw(
              "tangent", program::Plot{
                             .title = "Gradient descent in one dimension, η = 0.1",
                             .x_label = "v",
                             .y_label = "C(v)",
                             .series = {curve(), tangents, steps},
                             .y_range = program::Band{0.4, 1.2}});
          run.summary(
              {.quantity = "distance from the lowest point after 60 steps",
               .measured = std::abs(v.item() - lowest),
               .band = program::Band{0, 1e-5}});
        },
};

}  // namespace chapter1
