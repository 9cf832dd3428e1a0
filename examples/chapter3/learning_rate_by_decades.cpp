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

  /// Trains one of several networks.
  TrainingHistory operator()(double learning_rate, double lambda, Index epochs, Index network = 0) const {
    seed(1000 * run.seed() + network);
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

/// Goes up through these rates until the training costs of three networks do not fall from epoch to epoch any more, and
/// returns the last with which they did. (One network may be lucky.) What was seen last of each is added to the plot.
double largest_that_falls(const Trials& trials, const std::vector<double>& rates, program::Plot& plot) {
  double largest = 0;
  for (const double rate : rates) {
    TrainingHistory history;
    bool falls = true;
    for (Index network = 0; falls && network < 3; ++network) {
      history = trials(rate, 0, trials.run.quick() ? 2 : 5, network);
      falls = falls_at_once(history);
    }
    plot.series.push_back(series_of(history, Curve::training_cost, fmt::format("η = {:g}", rate)));
    if (!falls) break;
    largest = rate;
  }
  return largest;
}

program::Plot cost_plot(const std::string& title) {
  return {.title = title, .x_label = "epoch", .y_label = "cost of the training images", .whole_x = true};
}

/// λ with the best accuracy on the validation images.
double best_lambda(const Trials& trials, double learning_rate) {
  double lambda = 0, accuracy = 0;
  program::Plot plot =
      accuracy_plot(fmt::format("First epochs with η = {:g} and several λ", learning_rate), "validation", {});
  for (const double tried : {0.1, 1.0, 10.0, 100.0}) {
    const TrainingHistory history = trials(learning_rate, tried, trials.run.quick() ? 2 : 10);
    plot.series.push_back(series_of(history, Curve::evaluation_accuracy, fmt::format("λ = {:g}", tried)));
    if (const double reached = best(history).value; reached > accuracy) accuracy = reached, lambda = tried;
  }
  trials.run.draw("lambda", plot);
  return lambda;
}

}  // namespace

// What "falls at once" means to a reader's eye is a rule here, and chance has its part in five epochs: hence bands that
// are wide. With 30 hidden neurons, λ from 0 to 10 are within noise of each other; 100 is too much.
const Experiment learning_rate_by_decades{
    .name = "learning-rate-by-decades",
    .description = "η by factors of 10 on a stripped and on the whole problem, refined and halved; then λ",
    .published = "the largest η whose cost falls at once: 0.1 by factors of 10, 0.5 refined; so use 0.25",
    .seconds = 10,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Index hidden = run.whole_number("hidden", 30);
          if (run.quick()) run.changed("2 epochs a trial");

          run.say("Zeros and ones of the first 5,000 images, no hidden layer: an answer in no time");
          const Trials stripped{
              run, {784, 10}, zeros_and_ones(data.train.take(5000)), zeros_and_ones(data.validation.take(1000))};
          program::Plot plot = cost_plot("784-10, zeros and ones only, first epochs with several η");
          plot.logarithmic_y = true;
          const double of_stripped = largest_that_falls(stripped, {0.01, 0.1, 1, 10, 100}, plot);
          run.draw("learning_rates_stripped", plot);
          run.finding({.quantity = "zeros and ones: largest η whose cost falls at once", .measured = of_stripped});

          run.say("All digits, by factors of 10");
          const Trials whole{run, {784, hidden, 10}, data.train, data.validation};
          plot = cost_plot(fmt::format("784-{}-10, first epochs with several η, {}", hidden, data.name));
          const double by_decades = largest_that_falls(whole, {0.01, 0.1, 1, 10}, plot);
          run.draw("learning_rates", plot);

          run.say("All digits, refined");
          plot = cost_plot(fmt::format("784-{}-10, first epochs with several η, {}", hidden, data.name));
          std::vector<double> finer;
          for (const double factor : {1, 2, 3, 4, 5, 6, 7, 8, 9}) finer.push_back(factor * by_decades);
          const double refined = largest_that_falls(whole, finer, plot);
          run.draw("learning_rates_refined", plot);

          run.say("All digits, λ by factors of 10, with half of that η");
          const double lambda = best_lambda(whole, refined / 2);

          run.finding(
              {.quantity = "largest η by factors of 10 whose cost falls at once",
               .published = 0.1,
               .measured = by_decades,
               .band = program::Band{0.1, 1}});
          run.finding({.quantity = "best λ by factors of 10", .measured = lambda, .band = program::Band{0.1, 10}});
          run.summary(
              {.quantity = "largest η whose cost falls at once",
               .published = 0.5,
               .measured = refined,
               .band = program::Band{0.1, 2}});
        },
};

}  // namespace chapter3
