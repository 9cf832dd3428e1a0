// The networks of "Implementing our network to classify digits", and what goes wrong with other learning rates.
#include "experiments.h"
#include "training.h"

namespace chapter1 {

using namespace gradus;

namespace {

/// Says which digits the network takes fewer than a tenth of their images for. Now and then a run loses one, as readers
/// of the book found: an output neuron saturates early, where the quadratic cost has no slope.
void report_lost_digits(program::Run& run, const Network& network, const Data& data) {
  const auto times = [](const Tensor& digits) { return sum(one_hot(digits, 10), 0).values(); };
  const auto predicted = times(predictions(network, data.test.features())), shown = times(data.test.labels());
  for (std::size_t digit = 0; digit < predicted.size(); ++digit) {
    if (predicted[digit] >= 0.1 * shown[digit]) continue;
    run.say("{} is lost: predicted {} times, shown {} times", digit, predicted[digit], shown[digit]);
  }
}

void train_and_report(
    program::Run& run, Index hidden, const Training& published_training, double published, program::Band band) {
  const Data data = program::mnist_of_the_book(run);
  const Training training = chapter1::as_asked(run, published_training);
  hidden = run.whole_number("hidden", hidden);
  const Network network({784, hidden, 10});
  const std::vector<Index> right = train(run, network, data, training);

  report_lost_digits(run, network, data);
  draw_learning_curve(
      run, fmt::format("784-{}-10, η = {:g}, {}", hidden, training.learning_rate, data.name), right, data.test.size(),
      published);
  run.summary(
      {.quantity = "test accuracy",
       .published = published,
       .measured = best_accuracy(right, data.test.size()),
       .band = band});
}

}  // namespace

const Experiment sgd_30{
    .name = "sgd-30",
    .description = "784-30-10, mini-batches of 10, η = 3, 30 epochs",
    .published = "9542 of 10,000 (epoch 28, best of three runs)",
    .seconds = 6,
    .run =
        [](program::Run& run) {
          train_and_report(run, 30, {}, 0.9542, {0.943, 0.958});
        },
};

const Experiment sgd_100{
    .name = "sgd-100",
    .description = "the same with 100 hidden neurons",
    .published = "96.59 %; some readers' runs are about 10 points worse",
    .seconds = 15,
    .run =
        [](program::Run& run) {
          train_and_report(run, 100, {}, 0.9659, {0.962, 0.970});
        },
};

const Experiment sgd_100_slow{
    .name = "sgd-100-slow",
    .description = "100 hidden neurons and a learning rate that is much too small: η = 0.001",
    .published = "1139, 1136, 1135 … 2101, 2123, 2142 of 10,000: slowly better",
    .seconds = 15,
    .run =
        [](program::Run& run) {
          train_and_report(run, 100, {.learning_rate = 0.001}, 0.2142, {0.14, 0.30});
        },
};

const Experiment sgd_30_wild{
    .name = "sgd-30-wild",
    .description = "30 hidden neurons and a learning rate that is much too large: η = 100",
    .published = "1009 … 982, 982, 982 of 10,000: chance",
    .seconds = 6,
    // 892 test images show a 5, 1,135 a 1: those are the accuracies of always saying the same.
    .run =
        [](program::Run& run) {
          train_and_report(run, 30, {.learning_rate = 100}, 0.1009, {0.089, 0.115});
        },
};

const Experiment sgd_no_hidden{
    .name = "sgd-no-hidden",
    .description = "the exercise: 784-10, no hidden layer",
    .published = "no number; large initial weights strand some output neurons, readers saw 75 %",
    .seconds = 5,
    .run =
        [](program::Run& run) {
          const Data data = program::mnist_of_the_book(run);
          const Network network({784, 10});
          const std::vector<Index> right = train(run, network, data, chapter1::as_asked(run));
          report_lost_digits(run, network, data);
          draw_learning_curve(run, fmt::format("784-10, {}", data.name), right, data.test.size(), 0);
          run.summary(
              {.quantity = "test accuracy",
               .measured = best_accuracy(right, data.test.size()),
               .band = program::Band{0.70, 0.92}});
        },
};

}  // namespace chapter1
