// The picture that "How to choose a neural network's hyper-parameters?" gives of learning rates: too small, right and
// too large.
#include <program/mnist.h>

#include "curves.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

struct Published {
  double learning_rate, first, last;
  program::Band first_band, last_band, rises;
};

/// After how many epochs the cost was higher than before.
Index rises(const std::vector<double>& costs) {
  Index count = 0;
  for (std::size_t i = 1; i < costs.size(); ++i) count += costs[i] > costs[i - 1] ? 1 : 0;
  return count;
}

}  // namespace

// The band of η = 2.5 is what the book's own curve runs through.
const Experiment three_learning_rates{
    .name = "three-learning-rates",
    .description = "784-30-10 with η = 0.025, 0.25 and 2.5 (new initial weights, λ = 5, 30 epochs): training costs",
    .published = "from 0.878 smoothly to 0.339; from 0.495 fast to 0.339; up and down between 0.725 and 1.137",
    .seconds = 6,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          program::Training training{
              .epochs = run.epochs(30), .lambda = run.number("lambda", 5), .watch = {Curve::training_cost}};
          const Index hidden = run.whole_number("hidden", 30);
          program::Plot plot{
              .title = fmt::format("784-{}-10, λ = {:g}, {}", hidden, training.lambda, data.name),
              .x_label = "epoch",
              .y_label = "cost of the training images, with its penalty",
              .whole_x = true};
          std::vector<double> last;
          const Published all[] = {
              {0.025, 0.878, 0.339, {0.83, 0.92}, {0.32, 0.36}, {0, 3}},
              {0.25, 0.495, 0.339, {0.45, 0.53}, {0.31, 0.36}, {5, 17}},
              {2.5, 0.925, 0.861, {0.725, 1.137}, {0.725, 1.137}, {8, 21}}};
          for (const Published& published : all) {
            training.learning_rate = published.learning_rate;
            const std::string name = fmt::format("η = {:g}", published.learning_rate);
            run.series(name);
            seed(run.seed());
            const TrainingHistory history =
                train(run, program::new_network({784, hidden, 10}), training, data.train, data.validation);
            plot.series.push_back(series_of(history, Curve::training_cost, name));
            const std::vector<double> costs = history.curve(Curve::training_cost);
            run.finding(
                {.quantity = name + ", training cost after the first epoch",
                 .published = published.first,
                 .measured = costs.front(),
                 .band = published.first_band});
            run.finding(
                {.quantity = name + ", training cost in the end",
                 .published = published.last,
                 .measured = costs.back(),
                 .band = published.last_band});
            run.finding(
                {.quantity = name + ", epochs after which the cost was higher",
                 .measured = static_cast<double>(rises(costs)),
                 .band = published.rises});
            last.push_back(costs.back());
          }
          run.draw("three_learning_rates", plot);
          run.summary(
              {.quantity = "training cost in the end with η = 0.25",
               .published = 0.339,
               .measured = last[1],
               .band = program::Band{0.31, 0.36}});
        },
};

}  // namespace chapter3
