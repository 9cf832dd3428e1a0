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
  /// The cost with one entry of one parameter moved.
  double cost_moved(Tensor& parameter, std::size_t entry, double by) {
    const Tensor before = parameter;
    std::vector<double> values = before.values();
    values[entry] += by;
    parameter = tensor(values, before.shape());
    const double moved = cost();
    parameter = before;
    return moved;
  }
};

enum class Difference { forward, central };

/// Every ∂C/∂w by (46), (C(w + ε) − C(w)) / ε, or by (C(w + ε) − C(w − ε)) / 2ε.
Tensors by_differences(program::Run& run, Problem& problem, double step, Difference kind = Difference::forward) {
  const double cost = problem.cost();
  Tensors all;
  for (std::size_t l = 2; l <= problem.network.layers(); ++l) {
    for (Tensor* parameter : {&problem.network.w[l], &problem.network.b[l]}) {
      std::vector<double> slopes;
      for (std::size_t i = 0; i < static_cast<std::size_t>(parameter->count()); ++i) {
        const double above = problem.cost_moved(*parameter, i, step);
        slopes.push_back(kind == Difference::forward ? (above - cost) / step
                                                     : (above - problem.cost_moved(*parameter, i, -step)) / (2 * step));
        run.advance();
      }
      all.push_back(tensor(slopes, parameter->shape()));
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
  run.say("At the best step ε, (46) is right to {:.0e} and central differences are right to {:.0e}, relative.",
          least(forward), least(central));
  run.draw("step_of_differences",
           program::Plot{.title = "Differences are never exact; backpropagation is, to about 1e-16",
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
    .duration = "5 s",
    .run =
        [](program::Run& run) {
          std::vector<std::vector<Index>> all_sizes{{10, 5, 10}, {50, 10, 10}, {200, 20, 10}, {784, 30, 10}};
          // The last one takes most of the time.
          const std::size_t run_through = run.quick() ? 3 : 4;
          program::Series slow{.title = "by (46), extrapolated from one forward pass", .style = program::Style::line};
          program::Series slow_measured{.title = "by (46), measured", .style = program::Style::points};
          program::Series fast{.title = "by backpropagation"};
          double in_forwards = 0;
          run.say("Ten examples, float64; µs of one forward pass, of one backpropagation, and s of (46)");
          run.say(
              "network       parameters   forward   backprop   forwards' worth   (46) should take   took   times "
              "slower");
          for (std::size_t i = 0; i < all_sizes.size(); ++i) {
            const auto& sizes = all_sizes[i];
            Problem problem(sizes);
            const Index count = problem.network.parameter_count();
            const Times times = measure(problem);
            const double expected = static_cast<double>(count + 1) * times.forward;
            in_forwards = times.backpropagation / times.forward;
            std::string took = "-";
            double slower = expected / times.backpropagation;
            if (i < run_through) {
              run.expect(count, "forward passes");
              const double measured = seconds([&] { by_differences(run, problem, 1e-6); });
              slower = measured / times.backpropagation;
              took = fmt::format("{:.3f}", measured);
              slow_measured.x.push_back(static_cast<double>(count));
              slow_measured.y.push_back(measured);
            }
            slow.x.push_back(static_cast<double>(count));
            slow.y.push_back(expected);
            fast.x.push_back(static_cast<double>(count));
            fast.y.push_back(times.backpropagation);
            run.say("{:<14}{:>10}{:>10.1f}{:>11.1f}{:>18.2f}{:>19.3f}{:>7}{:>15.0f}",
                    fmt::format("{}-{}-{}", sizes[0], sizes[1], sizes[2]), count, 1e6 * times.forward,
                    1e6 * times.backpropagation, in_forwards, expected, took, slower);
          }
          run.draw("finite_differences", program::Plot{.title = "All partial derivatives of a cost",
                                                       .x_label = "weights and biases",
                                                       .y_label = "seconds",
                                                       .series = {slow, fast, slow_measured},
                                                       .logarithmic_x = true,
                                                       .logarithmic_y = true});
          draw_errors(run);
          run.summary({.quantity = "one backpropagation of 784-30-10, in forward passes",
                       .published = 2,
                       .measured = in_forwards,
                       .band = program::Band{1, 4}});
        },
};

}  // namespace chapter2
