// "The vanishing gradient problem" begins with accuracies: a second hidden layer helps a little, a third and a fourth
// do not.
#include <algorithm>

#include <fmt/ranges.h>

#include <program/mnist.h>
#include <program/training.h>

#include "experiments.h"
#include "speeds.h"

namespace chapter5 {

namespace {

constexpr double published[] = {0.9648, 0.9690, 0.9657, 0.9653};
// Two seeds of one network differ by up to 0.4 points. The book does not say whether its numbers are those of the last
// epoch or of the best; here it is the best, as in chapter 1.
constexpr program::Band plausible{0.960, 0.973};

struct Trained {
  std::string name;
  TrainingHistory history;
  program::BestEpoch best() const { return program::best(history); }
};

Trained train_with(program::Run& run, const datasets::NamedTrainValidationTest& data, Index hidden_layers) {
  seed(run.seed());
  const std::vector<Index> sizes = sizes_with(hidden_layers);
  const FeedForward network = program::new_network(sizes);
  const auto training = program::as_asked(run, {.learning_rate = 0.1, .lambda = 5.0});
  std::string name = fmt::format("{}", fmt::join(sizes, "-"));
  run.series(name);
  return {std::move(name), program::train(run, network, training, data.train, data.validation)};
}

void draw_accuracies(
    program::Run& run, const std::string& title, const std::vector<Trained>& all, double published_accuracy) {
  program::Plot plot{
      .title = title,
      .x_label = "epoch",
      .y_label = "validation accuracy in %",
      .references = {{fmt::format("the book: {:.2f} %", 100 * published_accuracy), 100 * published_accuracy}},
      .y_range = program::Band{90, 98},
      .whole_x = true};
  for (const Trained& trained : all) {
    plot.series.push_back(program::series_of(trained.history, Curve::evaluation_accuracy, trained.name));
  }
  run.draw("accuracy", plot);
}

void train_and_report(program::Run& run, Index hidden_layers) {
  const auto data = program::mnist_of_the_book(run);
  const double published_accuracy = published[hidden_layers - 1];
  const Trained trained = train_with(run, data, hidden_layers);
  run.say("The best epoch is {}.", trained.best().epoch);
  draw_accuracies(run, fmt::format("{}, {}", trained.name, data.name), {trained}, published_accuracy);
  run.summary(
      {.quantity = "validation accuracy of the best epoch",
       .published = published_accuracy,
       .measured = trained.best().value,
       .band = plausible});
}

/// How each network starts, where the speeds of its layers differ most, and where it ends.
void show_table(program::Run& run, const std::vector<Trained>& all) {
  run.say("{:<18}{:>12}{:>12}{:>12}{:>12}", "network", "first epoch", "last epoch", "best epoch", "the book");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto curve = all[i].history.curve(Curve::evaluation_accuracy);
    run.say(
        "{:<18}{:>10.2f} %{:>10.2f} %{:>10.2f} %{:>10.2f} %", all[i].name, 100 * curve.front(), 100 * curve.back(),
        100 * all[i].best().value, 100 * published[i]);
  }
}

}  // namespace

const Experiment hidden_1{
    .name = "hidden-1",
    .description = "784-30-10, the network to begin with: η = 0.1, λ = 5, 30 epochs",
    .published = "96.48 % of the validation images",
    .seconds = 2,
    .run = [](program::Run& run) { train_and_report(run, 1); },
};

const Experiment hidden_2{
    .name = "hidden-2",
    .description = "784-30-30-10: a second hidden layer",
    .published = "96.90 %",
    .seconds = 3,
    .run = [](program::Run& run) { train_and_report(run, 2); },
};

const Experiment hidden_3{
    .name = "hidden-3",
    .description = "784-30-30-30-10: a third",
    .published = "96.57 %",
    .seconds = 4,
    .run = [](program::Run& run) { train_and_report(run, 3); },
};

const Experiment hidden_4{
    .name = "hidden-4",
    .description = "784-30-30-30-30-10: a fourth",
    .published = "96.53 %",
    .seconds = 5,
    .run = [](program::Run& run) { train_and_report(run, 4); },
};

const Experiment depth{
    .name = "depth",
    .description = "all four of them side by side: what further layers are worth",
    .published = "96.48, 96.90, 96.57, 96.53 %: nothing gained beyond two hidden layers",
    .seconds = 13,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          std::vector<Trained> all;
          for (Index hidden_layers = 1; hidden_layers <= 4; ++hidden_layers) {
            all.push_back(train_with(run, data, hidden_layers));
          }
          show_table(run, all);
          draw_accuracies(run, fmt::format("Networks of one to four hidden layers, {}", data.name), all, published[1]);
          for (std::size_t i = 0; i < all.size(); ++i) {
            run.finding(
                {.quantity = fmt::format("validation accuracy of {}", all[i].name),
                 .published = published[i],
                 .measured = all[i].best().value,
                 .band = plausible});
          }
          run.summary(
              {.quantity = "points gained by a third or fourth hidden layer",
               .published = 100 * (std::max(published[2], published[3]) - published[1]),
               .measured = 100 * (std::max(all[2].best().value, all[3].best().value) - all[1].best().value),
               .band = program::Band{-1, 0.3}});
        },
};

}  // namespace chapter5
