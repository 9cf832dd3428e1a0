// "Other techniques for regularization": dropout; and the limit on weights that usually goes with it.
#include <limits>

#include <program/mnist.h>

#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

namespace {

using Data = datasets::NamedTrainValidationTest;
using program::Training;

/// Half of the hidden neurons are left out of every step, others for every example. Watched without.
Objective dropped_out(const FeedForward& network, const FeedForwardOptions::Activation& activation) {
  const Objective whole = program::cross_entropy_objective(network);
  return {
      .cost =
          [network, activation](const Tensor& images, const Tensor& labels) {
            const Parameters &w = network.weights(), &b = network.biases();
            const Tensor hidden = dropout(activation(matmul(images, w[0]) + b[0]), 0.5);
            return cross_entropy_with_logits(matmul(hidden, w[1]) + b[1], one_hot(labels, 10));
          },
      .right = whole.right,
      .watched_cost = whole.cost};
}

Tensor sigmoid_neurons(const Tensor& z) {
  return sigmoid(z);
}
Tensor rectified_neurons(const Tensor& z) {
  return relu(z);
}

struct Size {
  Index examples, hidden;
};

struct Options {
  bool dropout = false;
  double max_norm = std::numeric_limits<double>::infinity();
};

TrainingHistory train_network(
    program::Run& run, const Data& data, const Size& size, Tensor (*activation)(const Tensor&),
    const Training& training, const Options& options) {
  const FeedForward network(
      {784, size.hidden, 10},
      {.initializer = initializers::book_new, .activation = activation, .output = sigmoid_neurons});
  Sgd optimizer(
      network.parameters(),
      {.learning_rate = training.learning_rate,
       .regularization = {.l2 = training.lambda, .examples = size.examples, .max_norm = options.max_norm}});
  return program::train(
      run, optimizer, options.dropout ? dropped_out(network, activation) : program::cross_entropy_objective(network),
      training, data.train.take(size.examples), data.validation);
}

double gap(const Trained& training) {
  return training.settled(Curve::training_accuracy) - training.settled();
}

void print_table(program::Run& run, const std::vector<Trained>& trained) {
  run.say("{:<36}{:>12}{:>12}{:>12}{:>12}", "mean of last 10 epochs in %", "training", "validation", "gap", "best");
  for (const Trained& one : trained) {
    run.say(
        "{:<36}{:>12.2f}{:>12.2f}{:>12.2f}{:>12.2f}", one.name, 100 * one.settled(Curve::training_accuracy),
        100 * one.settled(), 100 * gap(one), 100 * one.best());
  }
}

}  // namespace

const Experiment dropout_half{
    .name = "dropout",
    .description = "with and without dropout of hidden neurons: 100 and 300 on 1,000 images, 100 on 50,000",
    .published = "cited: 98.4 % without, 98.7 % with, by a much larger network (Hinton and others, 2012)",
    .seconds = 10,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          std::vector<Trained> all;
          for (const Size size : {Size{1000, 100}, {1000, 300}, {50'000, 100}}) {
            const Training training = program::as_asked(
                run, {.epochs = size.examples == 1000 ? 60 : 10,
                      .watch = {Curve::training_accuracy, Curve::evaluation_accuracy}});
            const auto variant = [&](bool drops) {
              return Variant{
                  fmt::format("{} images, {} neurons{}", size.examples, size.hidden, drops ? ", dropout" : ""),
                  [&, drops] { return train_network(run, data, size, sigmoid_neurons, training, {.dropout = drops}); }};
            };
            for (Trained& one : train_each(run, {variant(false), variant(true)})) all.push_back(std::move(one));
          }
          print_table(run, all);
          run.say("Many neurons on few images gain. Of 100 neurons, half are too few for 50,000 images in ten epochs;");
          run.say("the cited networks have 800 and more, and train for hundreds.");
          run.draw(
              "small_set", program::Plot{
                               .title = fmt::format("Dropout on 1,000 training images, {}", data.name),
                               .x_label = "epoch",
                               .y_label = "validation accuracy in %",
                               .series = curves_of({all[0], all[1], all[2], all[3]}),
                               .y_range = program::Band{84, 92}});
          run.finding(
              {.quantity = "gap between training and validation on 50,000 images, with dropout over without",
               .measured = gap(all[5]) / gap(all[4]),
               .band = program::Band{0, 0.7}});
          run.finding(
              {.quantity = "validation accuracy of 100 neurons on 50,000 images, with dropout less without",
               .measured = all[5].best() - all[4].best(),
               .band = program::Band{-0.02, 0.003}});
          run.summary(
              {.quantity = "validation accuracy of 300 neurons on 1,000 images, with dropout less without",
               .measured = all[3].settled() - all[2].settled(),
               .band = program::Band{0.003, 0.025}});
        },
};

const Experiment max_norm_limit{
    .name = "max-norm",
    .description = "784-300-10 of rectified linear neurons on 1,000 images, the norm of each neuron's weights limited",
    .published = "further techniques of regularization are left to the reader; no number",
    .seconds = 6,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Training training =
              program::as_asked(run, {.epochs = 40, .watch = {Curve::training_accuracy, Curve::evaluation_accuracy}});
          std::vector<Variant> variants;
          const auto add = [&](const std::string& name, double limit) {
            variants.push_back(
                {name, [&run, &data, &training, limit] {
                   return train_network(run, data, {1000, 300}, rectified_neurons, training, {.max_norm = limit});
                 }});
          };
          add("no limit", std::numeric_limits<double>::infinity());
          for (const double limit : {4.0, 3.0, 2.0}) add(fmt::format("norms up to {:g}", limit), limit);
          const auto trained = train_each(run, variants);
          print_table(run, trained);
          run.draw(
              "accuracy", program::Plot{
                              .title = fmt::format("784-300-10 on 1,000 images, weights limited, {}", data.name),
                              .x_label = "epoch",
                              .y_label = "validation accuracy in %",
                              .series = curves_of(trained),
                              .y_range = program::Band{80, 92}});
          run.summary(
              {.quantity = "validation accuracy with norms up to 3, less that without a limit",
               .measured = trained[2].settled() - trained[0].settled(),
               .band = program::Band{0.0005, 0.02}});
        },
};

}  // namespace chapter3
