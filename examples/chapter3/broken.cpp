// "How to choose a neural network's hyper-parameters?": a training that learns nothing, and the way out, which is to
// strip the problem until an answer comes at once and then to turn one number at a time.
#include <numeric>

#include <program/mnist.h>

#include "curves.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;
using datasets::Dataset;

namespace {

struct Attempt {
  const char* title;
  double learning_rate, lambda;
  double published;  ///< the mean of the accuracies that the book prints
  program::Band band;
};

double mean_accuracy(const TrainingHistory& history) {
  const std::vector<double> accuracies = history.curve(Curve::evaluation_accuracy);
  return std::accumulate(accuracies.begin(), accuracies.end(), 0.0) / static_cast<double>(accuracies.size());
}

/// With numbers like these, what a step's weight decay multiplies the weights by tells most of the story.
void say_decay(program::Run& run, const program::Training& training, Index examples) {
  const double factor = 1 - training.learning_rate * training.lambda / static_cast<double>(examples);
  run.say(
      "Every step multiplies the weights by 1 − ηλ/n = {:g}{}.", factor,
      factor < -1    ? ": they grow until they are NaN, and the answer is always the first digit"
      : factor == -1 ? ": they change sign and do not decay"
                     : "");
}

void report(
    program::Run& run, const Attempt& attempt, const program::Training& training, const TrainingHistory& history) {
  program::Plot plot = accuracy_plot(
      fmt::format("{}: η = {:g}, λ = {:g}", attempt.title, training.learning_rate, training.lambda), "validation",
      {series_of(history, Curve::evaluation_accuracy, "validation accuracy")});
  plot.y_range = program::Band{0, 100};
  plot.references = {{"chance: 10 %", 10}};
  run.draw("learning_curve", plot);
  run.summary(
      {.quantity = "validation accuracy, mean of the epochs",
       .published = attempt.published,
       .measured = mean_accuracy(history),
       .band = attempt.band});
}

/// How network2.py judges: the neuron that fires most counts, the first of equals. Activations that have rounded to 0
/// or 1 are equals.
Tensor right_by_activations(const FeedForward& network, const Tensor& images, const Tensor& labels) {
  return count_nonzero(equal(argmax(network(images), 1), labels));
}

void attempt(
    program::Run& run, const Attempt& attempt, const FeedForward& network, const Dataset& images,
    const Dataset& validation) {
  const program::Training training = as_asked(run, {.learning_rate = attempt.learning_rate, .lambda = attempt.lambda});
  say_decay(run, training, images.size());
  Objective objective = program::cross_entropy_objective(network);
  const auto right_by_weighted_inputs = objective.right;
  objective.right = [&](const Tensor& x, const Tensor& labels) { return right_by_activations(network, x, labels); };
  Sgd optimizer(
      network.parameters(),
      {.learning_rate = training.learning_rate, .regularization = {.l2 = training.lambda, .examples = images.size()}});
  const TrainingHistory history = train(run, optimizer, objective, training, images, validation);
  run.say(
      "In the end {} of {} have their digit's activation highest, {} its weighted input, which does not round to 0 or "
      "1.",
      objective.right(validation.features(), validation.labels()).item<std::int32_t>(), validation.size(),
      right_by_weighted_inputs(validation.features(), validation.labels()).item<std::int32_t>());
  report(run, attempt, training, history);
}

/// The stripped problem: no hidden layer, 1,000 images to learn, 100 to ask.
void try_stripped(program::Run& run, const Attempt& stripped) {
  const auto data = program::mnist_of_the_book(run);
  attempt(run, stripped, program::new_network({784, 10}), data.train.take(1000), data.validation.take(100));
}

}  // namespace

const Experiment broken{
    .name = "broken",
    .description = "784-30-10 with η = 10 and λ = 1000: it learns nothing",
    .published = "1030, 990, 1009 … 1009, 983, 967 of 10,000: chance",
    .seconds = 3,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          attempt(
              run, {"784-30-10", 10, 1000, 0.0998, {0.09, 0.11}},
              program::new_network({784, run.whole_number("hidden", 30), 10}), data.train, data.validation);
        },
};

const Experiment broken_stripped{
    .name = "broken-stripped",
    .description = "the same numbers for 784-10 and 1,000 images: an answer comes in no time, and it is chance",
    .published = "10, 10, 10 of 100",
    .run =
        [](program::Run& run) {
          try_stripped(run, {"784-10, 1,000 images", 10, 1000, 0.10, {0.0999, 0.1001}});
        },
};

const Experiment broken_lambda{
    .name = "broken-lambda",
    .description = "λ = 20, since there are fewer images: a sign of learning",
    .published = "12, 14, 25, 18 of 100",
    .run =
        [](program::Run& run) {
          try_stripped(run, {"784-10, 1,000 images", 10, 20, 0.1725, {0.15, 0.35}});
        },
};

const Experiment broken_learning_rate_up{
    .name = "broken-learning-rate-up",
    .description = "η = 100: the wrong way",
    .published = "10, 10, 10, 10 of 100",
    .run =
        [](program::Run& run) {
          try_stripped(run, {"784-10, 1,000 images", 100, 20, 0.10, {0.09, 0.13}});
        },
};

const Experiment broken_learning_rate_down{
    .name = "broken-learning-rate-down",
    .description = "η = 1: the right way",
    .published = "62, 42, 43, 61 of 100",
    .run =
        [](program::Run& run) {
          try_stripped(run, {"784-10, 1,000 images", 1, 20, 0.52, {0.5, 0.65}});
        },
};

}  // namespace chapter3
