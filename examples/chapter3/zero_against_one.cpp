// "How to choose a neural network's hyper-parameters?": to get going, tell only zeros from ones.
#include <program/mnist.h>

#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

namespace {

datasets::Dataset zeros_and_ones(const datasets::Dataset& all) {
  const auto labels = all.labels().values<std::int32_t>();
  std::vector<std::int32_t> chosen;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] <= 1) chosen.push_back(static_cast<std::int32_t>(i));
  }
  const Tensor positions = tensor(chosen, {static_cast<Index>(chosen.size())});
  return datasets::Dataset::from(take(all.features(), positions), take(all.labels(), positions));
}

/// What the neurons of 0 and 1 look for in an image.
void draw_weights(program::Run& run, const Parameter& weights) {
  const Tensor those = slice(transpose(weights), 0, 0, 2);
  const Tensor grey = 0.5 + those / (2 * max(absolute(those)));
  run.draw(
      "weights", program::ImageGrid{
                     .title = "Weights of the output neurons 0 and 1: black is positive",
                     .tiles =
                         {{.pixels = select(grey, 0, 0).values<float>(), .caption = "0"},
                          {.pixels = select(grey, 0, 1).values<float>(), .caption = "1"}},
                     .across = 2});
}

}  // namespace

const Experiment zero_against_one{
    .name = "zero-against-one",
    .description = "only images of 0 and 1, 784-10: how much less there is to do, and how soon something is learnt",
    .published = "80 percent less training data; learning that one can see at once",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const datasets::Dataset train = zeros_and_ones(data.train), validation = zeros_and_ones(data.validation);
          const program::Training training = program::as_asked(run, {.epochs = 3});
          run.say("{} of {} training images show a 0 or a 1", train.size(), data.train.size());
          FeedForward network = program::new_network({784, 10});
          const auto trained = train_each(
              run,
              {{"0 and 1",
                [&] {
                  network = program::new_network({784, 10});
                  return program::train(run, network, training, train, validation);
                }},
               {"all digits", [&] {
                  return program::train(run, program::new_network({784, 10}), training, data.train, data.validation);
                }}});
          print_accuracies(run, trained);
          draw_weights(run, network.weights().front());
          run.finding(
              {.quantity = "training images left out",
               .published = 0.80,
               .measured = 1 - static_cast<double>(train.size()) / static_cast<double>(data.train.size()),
               .band = program::Band{0.75, 0.85}});
          run.summary(
              {.quantity = "validation accuracy on 0 and 1 after one epoch",
               .measured = trained[0].history.epochs.front().at(Curve::evaluation_accuracy),
               .band = program::Band{0.995, 1}});
        },
};

}  // namespace chapter3
