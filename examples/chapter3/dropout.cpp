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
            const Parameters w = network.weights(), b = network.biases();
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

struct Options {
  bool dropout = false;
  double max_norm = std::numeric_limits<double>::infinity();
};

TrainingHistory train_network(
    program::Run& run, const Data& data, Index examples, Tensor (*activation)(const Tensor&), const Training& training,
    const Options& options) {
  const FeedForward network(
      {784, 100, 10}, {.initializer = initializers::book_new, .activation = activation, .output = sigmoid_neurons});
  Sgd optimizer(
      network.parameters(),
      {.learning_rate = training.learning_rate,
       .regularization = {.l2 = training.lambda, .examples = examples, .max_norm = options.max_norm}});
  return program::train(
      run, optimizer, options.dropout ? dropped_out(network, activation) : program::cross_entropy_objective(network),
      training, data.train.take(examples), data.validation);
}

double gap(const Trained& training) {
  return training.last(Curve::training_accuracy) - training.last();
}

void print_table(program::Run& run, const std::vector<Trained>& trained) {
  run.say("{:<36}{:>12}{:>12}{:>12}{:>12}", "last epoch, accuracies in %", "training", "validation", "gap", "best");
  for (const Trained& one : trained) {
    run.say(
        "{:<36}{:>12.2f}{:>12.2f}{:>12.2f}{:>12.2f}", one.name, 100 * one.last(Curve::training_accuracy),
        100 * one.last(), 100 * gap(one), 100 * one.best());
  }
}

}  // namespace

const Experiment dropout_half{
    .name = "dropout",
    .description = "784-100-10 with and without dropout of hidden neurons, on 1,000, 5,000 and 50,000 images",
    .published = "cited: 98.4 % without, 98.7 % with, by a much larger network (Hinton and others, 2012)",
    .seconds = 25,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          std::vector<Trained> all;
          for (const Index examples : {1000, 5000, 50'000}) {
            // The same 30,000 steps for all.
            const Training training = program::as_asked(
                run, {.epochs = 300'000 / examples,
                      .learning_rate = 0.5,
                      .watch = {Curve::training_accuracy, Curve::evaluation_accuracy}});
            const auto variant = [&](bool drops) {
              return Variant{fmt::format("{} images, {}", examples, drops ? "dropout" : "whole"), [&, drops] {
                               return train_network(run, data, examples, sigmoid_neurons, training, {.dropout = drops});
                             }};
            };
            for (Trained& one : train_each(run, {variant(false), variant(true)})) all.push_back(std::move(one));
          }
          print_table(run, all);
          run.say(
              "Dropout narrows the gap. The cited gain is that of layers of 800 to 1,200 neurons: halved, 100 are "
              "few.");
          run.draw(
              "small_set", program::Plot{
                               .title = fmt::format("784-100-10 on 1,000 training images, {}", data.name),
                               .x_label = "epoch",
                               .y_label = "validation accuracy in %",
                               .series = curves_of({all[0], all[1]}),
                               .y_range = program::Band{75, 92},
                               .whole_x = true});
          run.finding(
              {.quantity = "gap between training and validation on 50,000 images, dropout over whole",
               .measured = gap(all[5]) / gap(all[4]),
               .band = program::Band{0, 0.9}});
          run.finding(
              {.quantity = "validation accuracy on 50,000 images, dropout less whole",
               .published = 0.003,
               .measured = all[5].best() - all[4].best(),
               .band = program::Band{-0.01, 0.01}});
          run.summary(
              {.quantity = "validation accuracy on 1,000 images, dropout less whole",
               .measured = all[1].last() - all[0].last(),
               .band = program::Band{0, 0.03}});
        },
};

const Experiment max_norm_limit{
    .name = "max-norm",
    .description = "784-100-10 of rectified linear neurons with dropout on 5,000 images, norms of weights limited",
    .published = "named beside dropout: the book points to such techniques; no number",
    .seconds = 10,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Training training = program::as_asked(
              run,
              {.epochs = 30, .learning_rate = 0.1, .watch = {Curve::training_accuracy, Curve::evaluation_accuracy}});
          std::vector<Variant> variants;
          const auto add = [&](const std::string& name, const Options& options) {
            variants.push_back({name, [&run, &data, &training, options] {
                                  return train_network(run, data, 5000, rectified_neurons, training, options);
                                }});
          };
          add("nothing", {});
          add("dropout", {.dropout = true});
          for (const double limit : {4.0, 2.0, 1.0}) {
            add(fmt::format("dropout, norms up to {:g}", limit), {.dropout = true, .max_norm = limit});
          }
          const auto trained = train_each(run, variants);
          print_table(run, trained);
          run.draw(
              "accuracy", program::Plot{
                              .title = fmt::format("784-100-10 on 5,000 images, weights limited, {}", data.name),
                              .x_label = "epoch",
                              .y_label = "validation accuracy in %",
                              .series = curves_of(trained),
                              .y_range = program::Band{90, 97},
                              .whole_x = true});
          run.finding(
              {.quantity = "gap with norms up to 1, over the gap with dropout alone",
               .measured = gap(trained[4]) / gap(trained[1]),
               .band = program::Band{0, 0.95}});
          run.summary(
              {.quantity = "validation accuracy with dropout and norms up to 2, less that without both",
               .measured = trained[3].last() - trained[0].last(),
               .band = program::Band{0, 0.02}});
        },
};

}  // namespace chapter3
