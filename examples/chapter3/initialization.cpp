// "Weight initialization": the same training from weights of N(0, 1) and of N(0, 1/inputs).
#include <program/mnist.h>

#include "curves.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

struct Published {
  Index hidden;
  double large_first, new_first, large_last, new_last;
};

TrainingHistory train_from(
    program::Run& run, const char* name, FeedForward (*network)(const std::vector<Index>& sizes), Index hidden,
    const program::Training& training, const datasets::NamedTrainValidationTest& data) {
  run.series(name);
  seed(run.seed());
  return train(run, network({784, hidden, 10}), training, data.train, data.validation);
}

void compare(program::Run& run, const Published& published) {
  const auto data = program::mnist_of_the_book(run);
  const program::Training training = as_asked(run, {.learning_rate = 0.1, .lambda = 5});
  const Index hidden = run.whole_number("hidden", published.hidden);
  const char *const large_name = "old: N(0, 1)", *const new_name = "new: N(0, 1/inputs)";
  const TrainingHistory of_large = train_from(run, large_name, program::large_network, hidden, training, data);
  const TrainingHistory of_new = train_from(run, new_name, program::new_network, hidden, training, data);

  run.draw(
      "initialization",
      accuracy_plot(
          fmt::format("784-{}-10, η = {:g}, λ = {:g}, {}", hidden, training.learning_rate, training.lambda, data.name),
          "validation",
          {series_of(of_large, Curve::evaluation_accuracy, large_name),
           series_of(of_new, Curve::evaluation_accuracy, new_name)}));
  const auto accuracy_after = [](const TrainingHistory& history, bool last) {
    return (last ? history.epochs.back() : history.epochs.front()).at(Curve::evaluation_accuracy);
  };
  const auto find = [&](const char* quantity, double book, double measured, double below, double above) {
    run.finding(
        {.quantity = quantity,
         .published = book,
         .measured = measured,
         .band = program::Band{book - below, book + above}});
  };
  find(
      "old, validation accuracy after the first epoch", published.large_first, accuracy_after(of_large, false), 0.02,
      0.02);
  find(
      "old, validation accuracy after the last epoch", published.large_last, accuracy_after(of_large, true), 0.007,
      0.003);
  find("new, validation accuracy after the last epoch", published.new_last, accuracy_after(of_new, true), 0.005, 0.003);
  run.summary(
      {.quantity = "new, validation accuracy after the first epoch",
       .published = published.new_first,
       .measured = accuracy_after(of_new, false),
       .band = program::Band{published.new_first - 0.01, published.new_first + 0.01}});
}

}  // namespace

const Experiment initialization_30{
    .name = "initialization-30",
    .description = "784-30-10 from large and from new initial weights, cross-entropy, η = 0.1, λ = 5, 30 epochs",
    .published = "after one epoch under 87 % and almost 93 %; in the end 96.37 % and 96.50 %",
    .seconds = 4,
    .run =
        [](program::Run& run) {
          compare(run, {30, 0.8643, 0.9270, 0.9637, 0.9650});
        },
};

const Experiment initialization_100{
    .name = "initialization-100",
    .description = "the same with 100 hidden neurons",
    .published = "after one epoch 89.94 % and 92.95 %; in the end 97.42 % and 97.81 %",
    .seconds = 10,
    .run =
        [](program::Run& run) {
          compare(run, {100, 0.8994, 0.9295, 0.9742, 0.9781});
        },
};

}  // namespace chapter3
