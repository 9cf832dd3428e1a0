// Two landscapes that the book's repository draws and no chapter shows (fig/false_minima.py,
// fig/misleading_gradient.py): one in which most descents end too high, and one whose gradient points past the minimum.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <gradus/gradus.h>

#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

Tensor hills(const Tensor& points) {  // sin x sin y + 0.2x
  const Tensor x = select(points, 1, 0), y = select(points, 1, 1);
  return gradus::sin(x) * gradus::sin(y) + 0.2 * x;
}

Tensor valley(const Tensor& point) {  // x² + 10y²
  return sum(square(point) * tensor({1.0, 10.0}));
}

/// side × side points over [−5, 5]², row by row.
Tensor grid(Index side) {
  const Tensor axis = linspace(-5, 5, side, Dtype::float64);
  const Tensor x = broadcast_to(axis, {side, side}), y = transpose(x);
  return stack({flatten(x), flatten(y)}, 1);
}

/// Where gradient descent from each of the points ends.
Tensor descended(program::Run& run, const Tensor& starts, Index steps) {
  const Parameter points(starts, "points");
  Sgd optimizer({points}, {.learning_rate = 0.3});
  run.expect(steps, "steps");
  for (Index step = 0; step < steps; ++step) {
    optimizer.step(sum(hills(points)));  // a point's gradient is its own: the others' terms do not depend on it
    run.advance();
  }
  return points;
}

struct Minimum {
  double x, y, cost;
  Index from = 0;  ///< how many descents end here
};

/// Ends that are at one place, taken together; the lowest first.
std::vector<Minimum> minima_of(const Tensor& ends) {
  const auto places = ends.values(), costs = hills(ends).values();
  std::vector<Minimum> minima;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const double x = places[2 * i], y = places[2 * i + 1];
    auto known = std::find_if(minima.begin(), minima.end(), [&](const Minimum& minimum) {
      return std::hypot(x - minimum.x, y - minimum.y) < 0.1;
    });
    if (known == minima.end()) known = minima.insert(known, {x, y, costs[i]});
    ++known->from;
  }
  std::stable_sort(minima.begin(), minima.end(), [](const Minimum& a, const Minimum& b) { return a.cost < b.cost; });
  return minima;
}

program::HeatMap map_of(const std::string& title, const std::string& what, const Tensor& values, Index side) {
  return {
      .title = title,
      .x_label = "x",
      .y_label = "y",
      .value_label = what,
      .values = values.values(),
      .rows = side,
      .columns = side,
      .x = {-5, 5},
      .y = {-5, 5}};
}

/// Gradient descent in the valley, all its points.
program::Series path(const std::string& title, std::vector<double> start, double learning_rate, Index steps) {
  const Parameter point(tensor(start, {2}));
  Sgd optimizer({point}, {.learning_rate = learning_rate});
  program::Series series{.title = title};
  for (Index step = 0; step <= steps; ++step) {
    const auto at = point.values();
    series.x.push_back(at[0]);
    series.y.push_back(at[1]);
    optimizer.step(valley(point));
  }
  return series;
}

Index steps_until_small(double learning_rate) {
  const Parameter point(tensor({0.95, 0.3}));
  Sgd optimizer({point}, {.learning_rate = learning_rate});
  while (valley(point).item() > 1e-6 && optimizer.steps() < 10'000) optimizer.step(valley(point));
  return optimizer.steps();
}

program::Series contour(double level) {
  program::Series series{.title = fmt::format("C = {:g}", level), .style = program::Style::line};
  for (int i = 0; i <= 120; ++i) {
    const double angle = i * std::numbers::pi / 60;
    series.x.push_back(std::sqrt(level) * std::cos(angle));
    series.y.push_back(std::sqrt(level / 10) * std::sin(angle));
  }
  return series;
}

/// The angle in degrees between −∇C and the way to the minimum.
double angle_off(const Tensor& at) {
  const Parameter point(at);
  const Tensor slope = gradients(valley(point), {point})[0];
  return std::acos((dot(slope, point) / (norm(slope) * norm(point.tensor()))).item()) * 180 / std::numbers::pi;
}

}  // namespace

const Experiment false_minima{
    .name = "false-minima",
    .description = "sin x sin y + 0.2x: gradient descent from a grid of starts, and in which minimum each ends",
    .published = "a figure that no chapter uses",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const Index side = run.quick() ? 41 : 121;
          const Tensor starts = grid(side), ends = descended(run, starts, run.quick() ? 150 : 300);
          const auto minima = minima_of(ends);
          Index inside = 0, lowest = 0;
          run.say("{} starts over [−5, 5]², η = 0.3. Where they end:", side * side);
          run.say("{:>8}{:>8}{:>12}{:>10}", "x", "y", "C", "starts");
          for (const Minimum& minimum : minima) {
            const bool in = std::max(std::abs(minimum.x), std::abs(minimum.y)) <= 5;
            run.say(
                "{:>8.3f}{:>8.3f}{:>12.4f}{:>9.1f} %{}", minimum.x, minimum.y, minimum.cost,
                100 * static_cast<double>(minimum.from) / static_cast<double>(side * side),
                in ? "" : "   outside the figure");
            if (in) ++inside;
            if (in && minimum.cost < -1.96) lowest += minimum.from;
          }
          run.say(
              "Each is a minimum to its neighbourhood, and the gradient there is 0: nothing tells that it is false.");
          run.draw("false_minima", map_of("sin x sin y + 0.2x", "C", hills(starts), side));
          run.draw("false_minima_ends", map_of("C where gradient descent from here ends", "C", hills(ends), side));
          run.finding(
              {.quantity = "starts, in percent, that end in one of the two lowest of the figure",
               .measured = 100 * static_cast<double>(lowest) / static_cast<double>(side * side),
               .band = program::Band{15, 25}});
          // cos y = 0 and cos x = ∓0.2 with x and y in the window leave eight places that are minima.
          run.summary(
              {.quantity = "minima in the figure",
               .measured = static_cast<double>(inside),
               .band = program::Band{8, 8}});
        },
};

const Experiment misleading_gradient{
    .name = "misleading-gradient",
    .description = "x² + 10y²: −∇C points past the minimum; paths of gradient descent, and the Hessian step",
    .published = "figures that no chapter uses",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          // Along the circle the angle is greatest where y = x/√10, and sin of it is (10 − 1)/(10 + 1).
          const double worst = std::asin(9.0 / 11) * 180 / std::numbers::pi;
          double largest = 0;
          run.say("{:>26}{:>52}", "direction of the start", "angle between −∇C and the way to the minimum");
          for (int degrees = 0; degrees <= 90; ++degrees) {
            const double radians = degrees * std::numbers::pi / 180;
            const double angle = angle_off(tensor({std::cos(radians), std::sin(radians)}));
            largest = std::max(largest, angle);
            if (degrees % 15 == 0 || degrees == 18) run.say("{:>25}°{:>51.1f}°", degrees, angle);
          }
          run.say("Steps of gradient descent from (0.95, 0.3) until C < 1e-6:");
          for (const double learning_rate : {0.01, 0.03, 0.06, 0.09, 0.099}) {
            run.say("  η = {:<6g}{:>6}", learning_rate, steps_until_small(learning_rate));
          }
          const Parameter newton(tensor({0.95, 0.3}));
          hessian_step(valley(newton), {newton});
          run.say(
              "From η = 0.1 on, y overshoots by more than it was off. One Hessian step (106) leads to C = {:.1e}.",
              valley(newton).item());
          program::Plot plot{
              .title = "x² + 10y² and two ways down",
              .x_label = "x",
              .y_label = "y",
              .x_range = program::Band{-1.05, 1.05},
              .y_range = program::Band{-0.6, 0.6},
              .same_scale = true};
          plot.series = {path("η = 0.09", {0.95, 0.3}, 0.09, 30), path("η = 0.02", {0.95, 0.3}, 0.02, 60)};
          for (const double level : {0.1, 0.5, 1.0, 2.0}) plot.series.push_back(contour(level));
          run.draw("misleading_gradient", plot);
          run.summary(
              {.quantity = "greatest angle between −∇C and the way to the minimum, in degrees",
               .measured = largest,
               .band = program::Band{worst - 0.1, worst + 0.1}});
        },
};

}  // namespace chapter3
