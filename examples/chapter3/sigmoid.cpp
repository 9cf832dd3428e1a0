// The exercise σ′ = σ(1 − σ), the second derivative besides, and what becomes of the formulas where |z| is large.
#include "agreement.h"
#include "curve.h"
#include "experiments.h"
#include "spelling.h"

namespace chapter3 {

namespace {

Tensor as_defined(const Tensor& z) {  // (3)
  return 1.0 / (1.0 + exp(-z));
}
Tensor with_positive_exponent(const Tensor& z) {
  return exp(z) / (1.0 + exp(z));
}

Tensor slope(const Tensor& y, const Tensor& x) {
  return gradients(sum(y), {x})[0];
}

void show_large(program::Run& run) {
  run.say("Where |z| is large, in float64:");
  run.say(
      "{:>8}{:>16}{:>18}{:>16}{:>14}{:>14}{:>14}", "z", "1/(1 + e^−z)", "its derivative", "e^z/(1 + e^z)", "sigmoid",
      "its σ′", "its σ″");
  for (const double at : {-1000.0, -40.0, 0.0, 40.0, 1000.0}) {
    const Parameter z(tensor({at}, {}));
    const Tensor first = slope(sigmoid(z), z);
    run.say(
        "{:>8g}{:>16}{:>18}{:>16}{:>14}{:>14}{:>14}", at, spelled(as_defined(z).item()),
        spelled(slope(as_defined(z), z).item()), spelled(with_positive_exponent(z).item()), spelled(sigmoid(z).item()),
        spelled(first.item()), spelled(slope(first, z).item()));
  }
  run.say("e^1000 overflows, and ∞/∞ or 0·∞ is NaN. sigmoid(z) only ever takes e^−|z|, which cannot overflow.");
  const Tensor far = tensor({40.0}, {});
  run.say(
      "1 − σ(40) = {:g} by subtraction; σ(−40) = {:.4g}, the same number, keeps its digits.",
      (1.0 - sigmoid(far).detach()).item(), sigmoid(-far).item());
}

}  // namespace

const Experiment sigmoid_derivatives{
    .name = "sigmoid-prime",
    .description = "σ′ = σ(1 − σ) and σ″ against automatic derivatives of (3); large z of either sign",
    .published = "an exercise: show that σ′ = σ(1 − σ)",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Parameter z(linspace(-8, 8, 161, Dtype::float64), "z");
          const Tensor a = as_defined(z);
          const Tensor first = slope(a, z), second = slope(first, z);
          Agreement agreement(run);
          agreement.check("σ′ = σ(1 − σ), σ as in (3)", first, a * (1.0 - a));
          agreement.check("σ″ = σ(1 − σ)(1 − 2σ)", second, a * (1.0 - a) * (1.0 - 2.0 * a));
          agreement.check("the library's sigmoid", sigmoid(z), a);
          agreement.check("its derivative", slope(sigmoid(z), z), first);
          agreement.check("its second derivative", slope(slope(sigmoid(z), z), z), second);
          show_large(run);
          run.draw(
              "sigmoid_prime",
              program::Plot{
                  .title = "The sigmoid function and its derivatives",
                  .x_label = "weighted input z",
                  .y_label = "value",
                  .series =
                      {curve("σ", z, a), curve("σ′, at most 1/4", z, first), curve("σ″, at most 0.0962", z, second)},
                  .y_range = program::Band{-0.2, 1.05}});
          run.summary(agreement.worst());
        },
};

}  // namespace chapter3
