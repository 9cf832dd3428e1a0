// "Using the cross-entropy to classify MNIST digits": the networks of chapter 1 with the other cost.
#include <program/mnist.h>

#include "curves.h"
#include "experiments.h"

namespace chapter3 {

namespace {

void train_and_report(program::Run& run, Index hidden, double published, program::Band band) {
  const auto data = program::mnist_of_the_book(run);
  const program::Training training = as_asked(run);
  hidden = run.whole_number("hidden", hidden);
  const auto history = train(run, program::large_network({784, hidden, 10}), training, data.train, data.test);

  program::Plot plot = accuracy_plot(
      fmt::format("784-{}-10, cross-entropy, η = {:g}, {}", hidden, training.learning_rate, data.name), "test",
      {series_of(history, Curve::evaluation_accuracy, "test accuracy")});
  plot.references = {{fmt::format("the book: {:.2f} %", 100 * published), 100 * published}};
  run.draw("learning_curve", plot);
  run.summary(
      {.quantity = "test accuracy, best epoch", .published = published, .measured = best(history).value, .band = band});
}

}  // namespace

const Experiment cross_entropy_30{
    .name = "cross-entropy-30",
    .description = "784-30-10 with the cross-entropy: large initial weights, η = 0.5, mini-batches of 10, 30 epochs",
    .published = "95.49 %",
    .seconds = 2,
    .run =
        [](program::Run& run) {
          train_and_report(run, 30, 0.9549, {0.9499, 0.9579});
        },
};

const Experiment cross_entropy_100{
    .name = "cross-entropy-100",
    .description = "the same with 100 hidden neurons",
    .published = "96.82 %",
    .seconds = 4,
    .run =
        [](program::Run& run) {
          train_and_report(run, 100, 0.9682, {0.9652, 0.9712});
        },
};

}  // namespace chapter3
