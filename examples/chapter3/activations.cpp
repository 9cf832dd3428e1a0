// "Other models of artificial neuron": tanh (109), rectified linear units (112), and other activation functions.
#include <algorithm>
#include <cmath>

#include <program/mnist.h>

#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

namespace {

using Data = datasets::NamedTrainValidationTest;
using program::Training;
using Activation = FeedForwardOptions::Activation;

/// Hidden neurons of one kind under the cross-entropy of sigmoid outputs.
FeedForward hidden_neurons(const Activation& activation) {
  return {
      {784, 30, 10}, {.initializer = initializers::book_new, .activation = activation, .output = [](const Tensor& z) {
                        return sigmoid(z);
                      }}};
}

Variant with_hidden(
    program::Run& run, const std::string& name, const Activation& activation, const Data& data,
    const Training& training) {
  return {name, [&run, &data, activation, training] {
            return program::train(run, hidden_neurons(activation), training, data.train, data.validation);
          }};
}

void draw_accuracies(program::Run& run, const std::string& title, const std::vector<Trained>& trained) {
  run.draw(
      "accuracy", program::Plot{
                      .title = title,
                      .x_label = "epoch",
                      .y_label = "validation accuracy in %",
                      .series = curves_of(trained),
                      .whole_x = true});
}

/// All neurons are tanh. By (111), (1 + tanh z)/2 = σ(2z): outputs from −1 to 1 are brought to where targets from 0 to
/// 1 and the cross-entropy are.
Objective tanh_objective(const FeedForward& network, const Activation& scaled) {
  const auto z = [network, scaled](const Tensor& images) { return network.logits(scaled(images)); };
  return {
      .cost = [z](const Tensor& images,
                  const Tensor& labels) { return cross_entropy_with_logits(2 * z(images), one_hot(labels, 10)); },
      .right = [z](const Tensor& images,
                   const Tensor& labels) { return count_nonzero(equal(argmax(z(images), 1), labels)); }};
}

/// The activation function of chapter 4's "other activations".
Tensor wiggly(const Tensor& z) {
  return sigmoid(z) + 0.2 * sin(10 * z) * exp(-absolute(z));
}

struct Kind {
  std::string name;
  Tensor (*f)(const Tensor& z);
};
const Kind kinds[] = {
    {"σ(z)", [](const Tensor& z) { return sigmoid(z); }},   {"tanh z", [](const Tensor& z) { return tanh(z); }},
    {"max(0, z)", [](const Tensor& z) { return relu(z); }}, {"σ(z) + 0.2 sin(10z) e^−|z|", wiggly},
    {"step", [](const Tensor& z) { return step(z); }},
};

void draw_functions(program::Run& run) {
  const Tensor z = linspace(-4, 4, 401, Dtype::float64);
  std::vector<program::Series> functions;
  for (const Kind& kind : kinds) {
    functions.push_back({.title = kind.name, .x = z.values(), .y = kind.f(z).values(), .style = program::Style::line});
  }
  run.draw(
      "functions", program::Plot{
                       .title = "Activation functions",
                       .x_label = "weighted input z",
                       .y_label = "activation a",
                       .series = functions,
                       .y_range = program::Band{-1.1, 2}});
}

/// A step has slope 0 wherever it has one. Says what an attempt to train its weights brings, then trains those of the
/// output neurons alone.
TrainingHistory train_step_neurons(program::Run& run, const Data& data, const Training& training) {
  const FeedForward network = hidden_neurons([](const Tensor& z) { return step(z); });
  const Objective objective = program::cross_entropy_objective(network);
  try {
    Sgd all(network.parameters(), {.learning_rate = training.learning_rate});
    all.step(objective.cost(data.train.take(10).features(), data.train.take(10).labels()));
  } catch (const GradientError& error) {
    run.say("No gradient leads through a step, and gradus says so:\n  {}", error.what());
  }
  run.say(
      "Only the output neurons can be trained. The hidden ones stay as drawn, most of them on one side of their step.");
  Sgd outputs({network.weights().back(), network.biases().back()}, {.learning_rate = training.learning_rate});
  return program::train(run, outputs, objective, training, data.train, data.validation);
}

}  // namespace

const Experiment tanh_neurons{
    .name = "tanh",
    .description = "784-30-10 of tanh neurons, inputs as they are and scaled in two ways, against sigmoid neurons",
    .published = "may learn faster than sigmoid neurons; no number",
    .seconds = 4,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Training training = program::as_asked(run, {.epochs = 10, .learning_rate = 0.1, .lambda = 5});
          const Tensor mean_image = mean(data.train.features(), 0);
          evaluate({mean_image});
          const auto tanh_variant = [&](const std::string& name, const std::function<Tensor(const Tensor&)>& scaled) {
            return Variant{
                name, [&, scaled] {
                  const FeedForward network(
                      {784, 30, 10}, {.initializer = initializers::book_new, .activation = kinds[1].f});
                  Sgd optimizer(
                      network.parameters(), {.learning_rate = training.learning_rate,
                                             .regularization = {.l2 = training.lambda, .examples = data.train.size()}});
                  return program::train(
                      run, optimizer, tanh_objective(network, scaled), training, data.train, data.validation);
                }};
          };
          const auto trained = train_each(
              run, {with_hidden(run, "σ", kinds[0].f, data, training),
                    tanh_variant("tanh", [](const Tensor& x) { return x; }),
                    tanh_variant("tanh, inputs less their mean", [&](const Tensor& x) { return x - mean_image; }),
                    tanh_variant("tanh, inputs from −1 to 1", [](const Tensor& x) { return 2 * x - 1; })});
          print_accuracies(run, trained);
          run.say(
              "From −1 to 1, white paper is −1 in every image: inputs that are large and all alike. Scale with care.");
          draw_accuracies(
              run, fmt::format("784-30-10, η = {:g}, {}", training.learning_rate, data.name),
              {trained[0], trained[1], trained[2]});
          const auto after_one = [&](std::size_t i) {
            return trained[i].history.epochs.front().at(Curve::evaluation_accuracy);
          };
          run.finding(
              {.quantity = "validation accuracy with tanh, less that with σ, at best",
               .measured = trained[1].best() - trained[0].best(),
               .band = program::Band{-0.005, 0.01}});
          run.summary(
              {.quantity = "validation accuracy with tanh, less that with σ, after one epoch",
               .measured = after_one(1) - after_one(0),
               .band = program::Band{0, 0.03}});
        },
};

const Experiment relu_neurons{
    .name = "relu",
    .description = "784-30-10 of rectified linear neurons (112) against sigmoid neurons, and how steep each are",
    .published = "large weighted inputs do not saturate it; no number",
    .seconds = 2,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Training training = program::as_asked(run, {.epochs = 10, .learning_rate = 0.1, .lambda = 5});
          std::vector<double> mean_slopes;
          Index dead = 0;
          const auto variant = [&](const Kind& kind) {
            return [&run, &data, &mean_slopes, &dead, training, f = kind.f] {
              const FeedForward network = hidden_neurons(f);
              TrainingHistory history = program::train(run, network, training, data.train, data.validation);
              const Tensor z = network.layers(data.validation.features()).front().z.detach();
              const Tensor slopes = gradients(sum(f(z)), {z})[0];
              mean_slopes.push_back(mean(slopes).item());
              dead = 30 - count_nonzero(max(slopes, 0)).item<std::int32_t>();
              return history;
            };
          };
          const auto trained = train_each(run, {{"σ", variant(kinds[0])}, {"max(0, z)", variant(kinds[2])}});
          print_accuracies(run, trained);
          run.say(
              "Mean slope of the trained hidden neurons: σ {:.3f}, max(0, z) {:.3f}", mean_slopes[0], mean_slopes[1]);
          run.say("Rectified linear neurons that no validation image activates: {} of 30", dead);
          draw_accuracies(run, fmt::format("784-30-10, η = {:g}, {}", training.learning_rate, data.name), trained);
          run.finding(
              {.quantity = "mean slope of rectified linear neurons over that of sigmoid neurons",
               .measured = mean_slopes[1] / mean_slopes[0],
               .band = program::Band{2, 8}});
          run.summary(
              {.quantity = "validation accuracy with max(0, z), less that with σ",
               .measured = trained[1].best() - trained[0].best(),
               .band = program::Band{-0.005, 0.012}});
        },
};

const Experiment activation_functions{
    .name = "activation-functions",
    .description = "the same network with σ, tanh, max(0, z), chapter 4's wiggly function and steps as hidden neurons",
    .published = "nothing; the reader notes that σ is called the activation function",
    .seconds = 2,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Training training = program::as_asked(run, {.epochs = 5, .learning_rate = 0.1, .lambda = 5});
          draw_functions(run);
          std::vector<Variant> variants;
          for (const Kind& kind : kinds) variants.push_back(with_hidden(run, kind.name, kind.f, data, training));
          variants.back().train = [&] { return train_step_neurons(run, data, training); };
          const auto trained = train_each(run, variants);
          print_accuracies(run, trained);
          draw_accuracies(run, fmt::format("784-30-10, hidden neurons swapped, {}", data.name), trained);

          double worst = 1;
          for (std::size_t i = 0; i + 1 < trained.size(); ++i) worst = std::min(worst, trained[i].best());
          run.finding(
              {.quantity = "validation accuracy with steps, outputs trained alone",
               .measured = trained.back().best(),
               .band = program::Band{0.2, 0.65}});
          run.summary(
              {.quantity = "validation accuracy, the worst of the four that have slopes",
               .measured = worst,
               .band = program::Band{0.9, 0.95}});
        },
};

}  // namespace chapter3
