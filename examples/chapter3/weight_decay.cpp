// The problem "Connecting regularization and the improved method of weight initialization": with large initial weights,
// decay alone brings the weights down towards 1/√n of the inputs. Pixels that no training image ever lights show it
// undisturbed, since ∂C₀/∂w is 0 there.
#include <cmath>

#include <program/mnist.h>
#include <program/training.h>

#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

constexpr double lambda = 5;
constexpr Index batch_size = 10;
constexpr double goal = 1.0 / 28;  // 1/√784

/// Root mean squares of the first layer's weights, from 0 epochs of training on.
struct Sizes {
  std::vector<double> never_lit, others;
};

/// 1 for pixels that are 0 in every image, else 0.
Tensor never_lit_pixels(const datasets::Dataset& images) {
  return cast(equal(max(images.features(), 0), 0.0), Dtype::float64).detach();
}

void measure(const FeedForward& network, const Tensor& never_lit, Sizes& sizes) {
  const Tensor squares = mean(square(cast(network.weights()[0], Dtype::float64)), 1);
  const auto root_mean = [&](const Tensor& chosen) { return square_root(sum(squares * chosen) / sum(chosen)).item(); };
  sizes.never_lit.push_back(root_mean(never_lit));
  sizes.others.push_back(root_mean(1.0 - never_lit));
}

Sizes train_and_measure(
    program::Run& run, const datasets::Dataset& examples, const Tensor& never_lit, double learning_rate, Index epochs) {
  seed(run.seed());
  const FeedForward network = program::large_network({784, 30, 10});
  Sizes sizes;
  measure(network, never_lit, sizes);
  Sgd optimizer(
      network.parameters(),
      {.learning_rate = learning_rate, .regularization = {.l2 = lambda, .examples = examples.size()}});
  Trainer trainer(
      optimizer, program::cross_entropy_objective(network),
      {.epochs = epochs,
       .batch_size = batch_size,
       .seed = run.seed(),
       .watch = {},
       .on_epoch = [&](const Epoch&) { measure(network, never_lit, sizes); },
       .on_step = [&run](Index, Index) { run.advance(); }});
  trainer.train(examples);
  return sizes;
}

program::Series over_epochs(std::string title, const std::vector<double>& values) {
  program::Series series{.title = std::move(title), .style = program::Style::line};
  for (std::size_t epoch = 0; epoch < values.size(); ++epoch) {
    series.x.push_back(static_cast<double>(epoch));
    series.y.push_back(values[epoch]);
  }
  return series;
}

/// By how much the weights of never-lit pixels shrink in an epoch.
double factor_of(const Sizes& sizes) {
  const auto epochs = static_cast<double>(sizes.never_lit.size() - 1);
  return std::pow(sizes.never_lit.back() / sizes.never_lit.front(), 1 / epochs);
}

double predicted_factor(double learning_rate) {
  return std::exp(-learning_rate * lambda / batch_size);
}

void print(program::Run& run, double learning_rate, const Sizes& sizes) {
  const double factor = predicted_factor(learning_rate);
  run.say(
      "η = {:g}: e^(−ηλ/m) = {:.4f} an epoch, half after {:.1f} epochs, from 1 to 1/28 in {:.1f}", learning_rate,
      factor, std::log(0.5) / std::log(factor), std::log(goal) / std::log(factor));
  run.say("{:>8}{:>18}{:>18}{:>18}", "epoch", "predicted", "never lit", "other pixels");
  const std::size_t apart = sizes.never_lit.size() > 30 ? 10 : 3;
  for (std::size_t epoch = 0; epoch < sizes.never_lit.size(); ++epoch) {
    if (epoch > 2 && epoch % apart != 0) continue;
    run.say(
        "{:>8}{:>18.5f}{:>18.5f}{:>18.5f}", epoch, sizes.never_lit[0] * std::pow(factor, static_cast<double>(epoch)),
        sizes.never_lit[epoch], sizes.others[epoch]);
  }
}

}  // namespace

const Experiment weight_decay_half_lives{
    .name = "weight-decay-half-lives",
    .description = "784-30-10, large weights, λ = 5: weights of pixels that are never lit decay by e^(−ηλ/m) an epoch",
    .published = "a problem: decay by e^(−ηλ/m) an epoch, until weights are about 1/√n",
    .seconds = 15,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const datasets::Dataset examples = run.quick() ? data.train.take(10'000) : data.train;
          const Tensor never_lit = never_lit_pixels(data.train);
          run.say("{:g} of 784 pixels are 0 in all {} training images.", sum(never_lit).item(), data.train.size());
          const Index slow_epochs = run.epochs(70), fast_epochs = run.epochs(18);
          run.expect((slow_epochs + fast_epochs) * examples.size() / batch_size, "mini-batches");
          const Sizes slow = train_and_measure(run, examples, never_lit, 0.1, slow_epochs);
          const Sizes fast = train_and_measure(run, examples, never_lit, 0.5, fast_epochs);
          print(run, 0.1, slow);
          print(run, 0.5, fast);
          run.say("Other weights fall as fast at first, but they stop where what ∂C₀/∂w adds balances the decay: at");
          run.say(
              "{:.1f}/√784 with η = 0.1, at {:.1f}/√784 with η = 0.5. The new initialization starts at 1/√784.",
              slow.others.back() / goal, fast.others.back() / goal);
          run.draw(
              "weight_decay_half_lives", program::Plot{
                                             .title = "Weights of the first hidden layer under weight decay, λ = 5",
                                             .x_label = "epoch",
                                             .y_label = "root mean square of the weights",
                                             .series =
                                                 {over_epochs("never lit, η = 0.1", slow.never_lit),
                                                  over_epochs("other pixels, η = 0.1", slow.others),
                                                  over_epochs("never lit, η = 0.5", fast.never_lit),
                                                  over_epochs("other pixels, η = 0.5", fast.others)},
                                             .references = {{.title = "1/√784, the new initialization", .y = goal}},
                                             .y_range = program::Band{0.01, 1.2},
                                             .whole_x = true,
                                             .logarithmic_y = true});

          const auto factor = [](double learning_rate, const Sizes& sizes) -> program::Summary {
            // (1 − ηλ/n)^(n/m) is e^(−ηλ/m) but for some 1e-5; rounding in float32 adds 1e-4.
            const double predicted = predicted_factor(learning_rate);
            return {
                .quantity = fmt::format("factor an epoch at η = {:g}", learning_rate),
                .published = predicted,
                .measured = factor_of(sizes),
                .band = program::Band{predicted - 5e-4, predicted + 5e-4}};
          };
          const auto epochs_to_goal = [](double learning_rate, const Sizes& sizes) -> program::Summary {
            const double predicted = std::log(goal) / std::log(predicted_factor(learning_rate));
            return {
                .quantity = fmt::format("epochs from 1 to 1/28 at η = {:g}", learning_rate),
                .measured = std::log(goal) / std::log(factor_of(sizes)),
                .band = program::Band{0.99 * predicted, 1.01 * predicted}};
          };
          run.finding(epochs_to_goal(0.1, slow));
          run.finding(epochs_to_goal(0.5, fast));
          run.finding(factor(0.1, slow));
          run.summary(factor(0.5, fast));
        },
};

}  // namespace chapter3
