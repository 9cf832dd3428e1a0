// "What does the cross-entropy mean? Where does it come from?": the cost found from the gradient that one would like,
// (71) to (77); and the footnote on learning rates, which averages the σ′ that is gone.
#include <program/comparison.h>
#include <program/mnist.h>
#include <program/training.h>

#include "curve.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

/// ∫ f over the intervals between neighbours of x, from the first to each: Simpson's rule.
template <class Function>
Tensor integral(const Function& f, const Tensor& x) {
  const Index count = x.count();
  const Tensor left = slice(x, 0, 0, count - 1), right = slice(x, 0, 1, count);
  const Tensor pieces = (right - left) / 6.0 * (f(left) + 4.0 * f((left + right) / 2.0) + f(right));
  return concatenate({zeros({1}, Dtype::float64), cumulative_sum(pieces, 0)});
}

Tensor cross_entropy_of(const Tensor& a, const Tensor& y) {
  return -(y * log(a) + (1.0 - y) * log(1.0 - a));
}

}  // namespace

const Experiment cross_entropy_derivation{
    .name = "cross-entropy-derivation",
    .description = "asks for ∂C/∂b = a − y, integrates the ∂C/∂a that this needs, and finds (57)",
    .published = "(75) integrates to the cross-entropy, (76)",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor a = linspace(0.01, 0.99, 981, Dtype::float64);
          program::Plot plot{
              .title = "The cost whose slope is (a − y)/(a(1 − a))",
              .x_label = "output a",
              .y_label = "cost, up to a constant"};
          run.say("(71), (72) want ∂C/∂w_j = x_j(a − y) and ∂C/∂b = a − y; by the chain rule (73), (74)");
          run.say(
              "∂C/∂b = ∂C/∂a σ′(z) = ∂C/∂a a(1 − a), so ∂C/∂a = (a − y)/(a(1 − a)), (75). Integrated from a = 0.5,");
          run.say("beside −[y ln a + (1 − y) ln(1 − a)] − ln 2, (76):");
          run.say("{:>6}{:>10}{:>16}{:>16}{:>26}", "y", "a", "integral", "(76)", "largest difference");
          double worst = 0;
          for (const double target : {0.0, 0.2, 1.0}) {
            const Tensor y = tensor({target}, {});
            const auto wanted = [&](const Tensor& at) { return (at - y) / (at * (1.0 - at)); };
            const Tensor from_left = integral(wanted, a);
            const Tensor cost = from_left - select(from_left, 0, a.count() / 2);
            const Tensor found = cross_entropy_of(a, y) - cross_entropy_of(full({}, 0.5, Dtype::float64), y);
            const double difference = max(absolute(cost - found)).item();
            worst = program::worse(worst, difference);
            for (const Index i : {90, 790}) {
              run.say(
                  "{:>6g}{:>10.2f}{:>16.6f}{:>16.6f}{:>26}", target, select(a, 0, i).item(), select(cost, 0, i).item(),
                  select(found, 0, i).item(), i == 90 ? fmt::format("{:.1e}", difference) : "");
            }
            plot.series.push_back(curve(fmt::format("(76), y = {:g}", target), a, found));
            plot.series.push_back(curve(
                fmt::format("integral, y = {:g}", target), slice(a, 0, 0, 981, 70), slice(cost, 0, 0, 981, 70),
                program::Style::points));
          }
          run.say("Averaged over examples that is (77), the cross-entropy.");
          run.draw("cross_entropy_derivation", plot);
          // Simpson's rule with steps of 0.001 leaves about 1e-6 near a = 0.01, where the slope is steepest.
          run.summary(
              {.quantity = "largest difference of the integral from (76)",
               .measured = worst,
               .band = program::Band{0, 1e-5}});
        },
};

const Experiment learning_rate_sixth{
    .name = "learning-rate-sixth",
    .description = "∫σ(1 − σ)dσ from 0 to 1, by which the quadratic cost learns more slowly: η = 3.0 becomes 0.5",
    .published = "1/6, hence 0.5 instead of 3.0",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const Tensor a = linspace(0, 1, 101, Dtype::float64);
          const Tensor area = integral([](const Tensor& at) { return at * (1.0 - at); }, a);
          const double sixth = select(area, 0, 100).item();
          run.say("The gradient of the quadratic cost has a factor σ′ = σ(1 − σ) that the cross-entropy's has not.");
          run.say("If outputs were spread evenly over [0, 1], it would be {:.6f} on average.", sixth);
          const auto data = program::mnist_of_the_book(run);
          const Tensor outputs = program::large_network({784, 30, 10})(data.train.take(1000).features());
          run.say(
              "In a network 784-30-10 that has learnt nothing yet it is {:.4f}, over 1,000 images: outputs lie near 0",
              mean(outputs * (1.0 - outputs)).item());
          run.say("and 1 more often. So the rule is a rough one, as the book says.");
          run.draw(
              "learning_rate_sixth", program::Plot{
                                         .title = "The factor σ′ by the output σ",
                                         .x_label = "output σ",
                                         .y_label = "σ′ = σ(1 − σ)",
                                         .series = {curve("σ(1 − σ)", a, a * (1.0 - a))},
                                         .references = {{.title = "its average, 1/6", .y = sixth}}});
          run.finding(
              {.quantity = "η for the cross-entropy, instead of 3.0",
               .published = 0.5,
               .measured = 3 * sixth,
               .band = program::Band{0.5 - 1e-9, 0.5 + 1e-9}});
          run.summary(
              {.quantity = "average of σ(1 − σ)",
               .published = 1.0 / 6,
               .measured = sixth,
               .band = program::Band{1.0 / 6 - 1e-9, 1.0 / 6 + 1e-9}});
        },
};

}  // namespace chapter3
