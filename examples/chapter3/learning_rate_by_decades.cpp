// The advice of "How to choose a neural network's hyper-parameters?": strip the problem, find η by factors of 10 from
// the training cost, refine it, take half, and only then λ by factors of 10 from the validation accuracy.
#include <algorithm>

#include <program/mnist.h>

#include "curves.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;
using datasets::Dataset;

namespace {

/// What all trials have in common.
struct Trials {
  program::Run& run;
  std::vector<Index> sizes;
  Dataset train, validation;
  Index epochs;

  TrainingHistory operator()(double learning_rate, double lambda) const {
    seed(run.seed());
    const program::Training training{
        .epochs = epochs,
        .learning_rate = learning_rate,
        .lambda = lambda,
        .watch = {Curve::training_cost, Curve::evaluation_accuracy}};
    run.series(fmt::format("η = {:g}, λ = {:g}", learning_rate, lambda));
    return program::train(run, program::new_network(sizes), training, train, validation);
  }
};

Dataset zeros_and_ones(const Dataset& images) {
  const std::vector<std::int32_t> labels = images.labels().values<std::int32_t>();
  std::vector<std::int32_t> chosen;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] <= 1) chosen.push_back(static_cast<std::int32_t>(i));
  }
  const Tensor positions = tensor(chosen, {static_cast<Index>(chosen.size())});
  return Dataset::from(take(images.features(), positions), take(images.labels(), positions));
}

bool falls_at_once(const TrainingHistory& history) {
  const std::vector<double> costs = history.curve(Curve::training_cost);
  return std::is_sorted(costs.rbegin(), costs.rend());
}

/// Goes up through these rates until the training cost does not fall from epoch to epoch any more, and returns the last
/// with which it did. What is tried is added to the plot.
double largest_that_falls(const Trials& trials, const std::vector<double>& rates, program::Plot& plot) {
  double largest = 0;
  for (const double rate : rates) {
    const TrainingHistory history = trials(rate, 0);
    plot.series.push_back(series_of(history, Curve::training_cost, fmt::format("η = {:g}", rate)));
    if (!falls_at_once(history)) break;
    largest = rate;
  }
  return largest;
}

}  // namespace

const Experiment learning_rate_by_decades{
    .name = "learning-rate-by-decades",
    .description = "finds η by factors of 10 on a stripped and on the whole problem, refines and halves it; then λ",
    .published = "the largest η whose cost falls at once: 0.1 by factors of 10, 0.5 refined; so use 0.25",
    .seconds = 30,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Index hidden = run.whole_number("hidden", 30);
          program::Plot plot{
              .title = fmt::format("784-{}-10, first epochs with several η, {}", hidden, data.name),
              .x_label = "epoch",
              .y_label = "cost of the training images",
              .whole_x = true};
          program::Plot stripped_plot = plot;
          stripped_plot.title = "784-10, zeros and ones only, first epochs with several η";

          run.say("Zeros and ones of the first 5,000 images, no hidden layer: an answer in no time.");
          const Trials stripped{
              run, {784, 10}, zeros_and_ones(data.train.take(5000)), zeros_and_ones(data.validation.take(1000)), 5};
          const double of_stripped = largest_that_falls(stripped, {0.01, 0.1, 1, 10, 100}, stripped_plot);
          run.finding({.quantity = "zeros and ones: largest η whose cost falls at once", .measured = of_stripped});

          run.say("All digits: by factors of 10.");
          Trials whole{run, {784, hidden, 10}, data.train, data.validation, 5};
          const double by_decades = largest_that_falls(whole, {0.01, 0.1, 1, 10}, plot);
          run.finding(
              {.quantity = "largest η by factors of 10 whose cost falls at once",
               .published = 0.1,
               .measured = by_decades,
               .band = program::Band{0.1, 1}});
          std::vector<double> finer;
          for (const double factor : {1, 2, 3, 4, 5, 6, 7, 8, 9}) finer.push_back(factor * by_decades);
          const double refined = largest_that_falls(whole, finer, plot);
          run.summary(
              {.quantity = "largest η whose cost falls at once",
               .published = 0.5,
               .measured = refined,
               .band = program::Band{0.2, 1}});
        },
};

}  // namespace chapter3
