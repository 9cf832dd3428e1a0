// "Backpropagation: the fast way to compute all the partial derivatives at once": the simple way, (46), needs a forward
// pass for every weight and one more; backpropagation takes about as long as two.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "experiments.h"
#include "network.h"

namespace chapter2 {

namespace {

struct Problem {
  Network network;
  Examples examples;

  explicit Problem(const std::vector<Index>& sizes) : network(sizes), examples(random_examples(network, 10)) {}
  double cost() const { return cost_of(quadratic_cost, forward(network, examples.x), examples.y).item(); }
  Tensors gradient() const {
    const Tensor cost = cost_of(quadratic_cost, forward(network, examples.x), examples.y);
    Tensors all = gradients(cost, network.parameters());
    evaluate(all);
    return all;
  }
};

enum class Difference { forward, central };

/// Every ∂C/∂w by (46), (C(w + ε) − C(w)) / ε, or by (C(w + ε) − C(w − ε)) / 2ε.
Tensors by_differences(program::Run& run, Problem& problem, double step, Difference kind = Difference::forward) {
  const double cost = problem.cost();
  Tensors all;
  for (std::size_t l = 2; l <= problem.network.layers(); ++l) {
    for (Tensor* parameter : {&problem.network.w[l], &problem.network.b[l]}) {
      const Tensor before = *parameter;
      std::vector<double> entries = before.values(), slopes;
      const auto cost_with = [&](double& entry, double value) {
        entry = value;
        *parameter = tensor(entries, before.shape());
        return problem.cost();
      };
      for (double& entry : entries) {
        const double at = entry, above = cost_with(entry, at + step);
        slopes.push_back(
            kind == Difference::forward ? (above - cost) / step : (above - cost_with(entry, at - step)) / (2 * step));
        entry = at;
        run.advance();
      }
      *parameter = before;
      all.push_back(tensor(slopes, before.shape()));
    }
  }
  return all;
}

template <class Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Times {
  double forward = 1e300, backpropagation = 1e300;
};

/// The least of many times, by turns.
Times measure(const Problem& problem) {
  Times least;
  for (int i = 0; i < 200; ++i) {
    least.forward = std::min(least.forward, seconds([&] { problem.cost(); }));
    least.backpropagation = std::min(least.backpropagation, seconds([&] { problem.gradient(); }));
  }
  return least;
}

/// One network: both ways timed, a line printed. `differences` says whether (46) is really gone through, or only what
/// it should take.
class Comparison {
 public:
  /// How many forward passes one backpropagation is worth.
  double add(program::Run& run, const std::vector<Index>& sizes, bool differences) {
    Problem problem(sizes);
    const auto count = static_cast<double>(problem.network.parameter_count());
    const Times times = measure(problem);
    const double expected = (count + 1) * times.forward;
    expected_.x.push_back(count);
    expected_.y.push_back(expected);
    backpropagation_.x.push_back(count);
    backpropagation_.y.push_back(times.backpropagation);
    if (differences) {
      run.expect(problem.network.parameter_count(), "weights and biases");
      took_.x.push_back(count);
      took_.y.push_back(seconds([&] { by_differences(run, problem, 1e-6); }));
    }
    run.say(
        "{:<12}{:>11.0f}{:>12.1f}{:>13.1f}{:>18.2f}{:>20.1f}{:>10}{:>14.0f}",
        fmt::format("{}-{}-{}", sizes[0], sizes[1], sizes[2]), count, 1e6 * times.forward, 1e6 * times.backpropagation,
        times.backpropagation / times.forward, 1e3 * expected,
        differences ? fmt::format("{:.1f}", 1e3 * took_.y.back()) : "-", expected / times.backpropagation);
    return times.backpropagation / times.forward;
  }
  static void print_head(program::Run& run) {
    run.say(
        "Ten examples in float64. (46) should take parameters + 1 times a forward pass; it took more, as it has to "
        "copy the weights to move one.");
    run.say(
        "{:<12}{:>11}{:>12}{:>13}{:>18}{:>20}{:>10}{:>14}", "network", "parameters", "forward µs", "backprop µs",
        "that in forwards", "(46) should take ms", "took ms", "times slower");
  }
  void draw(program::Run& run) const {
    run.draw(
        "finite_differences", program::Plot{
                                  .title = "All partial derivatives of a cost",
                                  .x_label = "weights and biases",
                                  .y_label = "seconds",
                                  .series = {expected_, backpropagation_, took_},
                                  .logarithmic_x = true,
                                  .logarithmic_y = true});
  }

 private:
  program::Series expected_{.title = "(46): parameters + 1 times a forward pass", .style = program::Style::line};
  program::Series backpropagation_{.title = "backpropagation"};
  program::Series took_{.title = "(46), measured", .style = program::Style::points};
};

/// What accuracy differences can have: too long a step is not a derivative yet, too short a one is all rounding.
void draw_errors(program::Run& run) {
  Problem problem({6, 5, 4});
  const Tensors exact = problem.gradient();
  program::Series forward{.title = "(C(w + ε) − C(w)) / ε"}, central{.title = "(C(w + ε) − C(w − ε)) / 2ε"};
  for (int exponent = -1; exponent >= -12; --exponent) {
    const double step = std::pow(10.0, exponent);
    for (const auto& [series, kind] :
         {std::pair(&forward, Difference::forward), std::pair(&central, Difference::central)}) {
      series->x.push_back(step);
      series->y.push_back(relative_difference(by_differences(run, problem, step, kind), exact));
    }
  }
  const auto least = [](const program::Series& series) { return *std::min_element(series.y.begin(), series.y.end()); };
  run.say(
      "At the best step ε, (46) is right to {:.0e} and central differences are right to {:.0e}, relative.",
      least(forward), least(central));
  run.draw(
      "step_of_differences", program::Plot{
                                 .title = "Differences are never exact; backpropagation is, to about 1e-16",
                                 .x_label = "step ε",
                                 .y_label = "largest error of ∂C/∂w, relative",
                                 .series = {forward, central},
                                 .logarithmic_x = true,
                                 .logarithmic_y = true});
}

}  // namespace

const Experiment finite_differences{
    .name = "finite-differences",
    .description = "all ∂C/∂w by (46), a forward pass for each, against one backpropagation; errors against the step",
    .published = "parameters + 1 forward passes against about 2",
    .seconds = 2,
    .run =
        [](program::Run& run) {
          Comparison comparison;
          Comparison::print_head(run);
          for (const auto& sizes : {std::vector<Index>{10, 5, 10}, {50, 10, 10}, {200, 20, 10}}) {
            comparison.add(run, sizes, true);
          }
          const double in_forwards = comparison.add(run, {784, 30, 10}, !run.quick());
          comparison.draw(run);
          draw_errors(run);
          run.summary(
              {.quantity = "one backpropagation of 784-30-10, in forward passes",
               .published = 2,
               .measured = in_forwards,
               .band = program::Band{1, 4}});
        },
};

}  // namespace chapter2
