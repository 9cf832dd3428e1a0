// "How to choose a neural network's hyper-parameters?": random search (J. Bergstra, Y. Bengio, 2012), on a problem that
// is small enough to be tried often.
#include <program/mnist.h>

#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

namespace {

/// One curve a number of hidden neurons: what came of the η that were tried with it.
std::vector<program::Series> scores_by_learning_rate(const SearchTable& table, const std::vector<double>& hidden) {
  std::vector<program::Series> all;
  for (const double neurons : hidden) {
    program::Series series{.title = fmt::format("{:g} hidden neurons", neurons), .style = program::Style::points};
    for (const Trial& trial : table.trials) {
      if (trial["hidden"] != neurons) continue;
      series.x.push_back(trial["learning_rate"]);
      series.y.push_back(100 * trial.score);
    }
    if (!series.x.empty()) all.push_back(std::move(series));
  }
  return all;
}

}  // namespace

const Experiment random_search_table{
    .name = "random-search",
    .description = "tries 30 random choices of η, λ and hidden neurons on 5,000 images, then trains the best in full",
    .published = "by hand the book comes from chance to 97.92 % with 100 hidden neurons",
    .seconds = 5,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const auto accuracy_of = [&](const Trial& trial, const datasets::Dataset& train, Index epochs) {
            const auto hidden = static_cast<Index>(trial["hidden"]);
            // λ of the table is for 50,000 images; a smaller set takes as much less.
            return program::best(program::train(
                                     run, program::new_network({784, hidden, 10}),
                                     {.epochs = epochs,
                                      .learning_rate = trial["learning_rate"],
                                      .lambda = trial["lambda"] * static_cast<double>(train.size()) / 50'000},
                                     train, data.validation))
                .value;
          };
          const datasets::Dataset reduced = data.train.take(5000);
          const std::vector<double> hidden{10, 30, 100};
          const Index trials = run.quick() ? 4 : 30;
          const SearchTable table = random_search(
              {{"learning_rate", SearchRange::logarithmic(0.001, 100)},
               {"lambda", SearchRange::logarithmic(0.01, 1000)},
               {"hidden", SearchRange::choice(hidden)}},
              [&](const Trial& trial) {
                run.series(fmt::format("trial {}", trial.number));
                seed(trial.seed);
                return accuracy_of(trial, reduced, run.epochs(3));
              },
              {.trials = trials, .seed = run.seed()});
          run.print(table.text());
          run.draw(
              "trials", program::Plot{
                            .title = fmt::format("Random trials, three epochs on 5,000 images, {}", data.name),
                            .x_label = "learning rate η",
                            .y_label = "validation accuracy in %",
                            .series = scores_by_learning_rate(table, hidden),
                            .y_range = program::Band{0, 100},
                            .logarithmic_x = true});

          run.series("the best on all images");
          seed(run.seed());
          const double full = accuracy_of(table.best(), data.train, run.epochs(15));
          run.finding(
              {.quantity = "best validation accuracy of the trials",
               .measured = table.best().score,
               .band = program::Band{0.88, 0.95}});
          run.summary(
              {.quantity = "validation accuracy of the best, trained on all images",
               .published = 0.9792,
               .measured = full,
               .band = program::Band{0.94, 0.983}});
        },
};

}  // namespace chapter3
