// The problem of "Other techniques for regularization": L1 regularization (95) to (97) on 784-30-10.
#include <algorithm>
#include <cmath>

#include <program/mnist.h>

#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

namespace {

constexpr double small = 0.001;

/// |w| of the hidden layer, of pixels that some image lights. The others' weights only ever decay.
std::vector<double> magnitudes(const FeedForward& network, const datasets::Dataset& train) {
  const auto lit = max(train.features(), 0).values();
  const auto weights = network.weights().front().values();
  const std::size_t neurons = weights.size() / lit.size();
  std::vector<double> found;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (lit[i / neurons] > 0) found.push_back(std::abs(weights[i]));
  }
  return found;
}

double share_below(const std::vector<double>& magnitudes, double limit) {
  const auto below = std::count_if(magnitudes.begin(), magnitudes.end(), [&](double m) { return m < limit; });
  return static_cast<double>(below) / static_cast<double>(magnitudes.size());
}

/// How many of the weights are smaller than what the x-axis says.
program::Series distribution(const std::string& name, const std::vector<double>& magnitudes) {
  program::Series series{.title = name, .style = program::Style::line};
  for (double exponent = -4; exponent <= 1; exponent += 0.05) {
    series.x.push_back(std::pow(10, exponent));
    series.y.push_back(100 * share_below(magnitudes, series.x.back()));
  }
  return series;
}

}  // namespace

const Experiment l1_regularization{
    .name = "l1",
    .description = "784-30-10 without regularization, with L2 and with L1: accuracies, and how many weights stay small",
    .published = "a problem; a reader found 96.32 % without, 96.66 % with λ = 1 at best",
    .seconds = 12,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const program::Training training = program::as_asked(run, {.lambda = 5});
          std::vector<Variant> variants;
          std::vector<std::vector<double>> weights;
          const auto add = [&](const std::string& name, const Regularization& regularization) {
            variants.push_back({name, [&run, &data, &training, &weights, regularization] {
                                  const FeedForward network = program::new_network({784, 30, 10});
                                  Sgd optimizer(
                                      network.parameters(),
                                      {.learning_rate = training.learning_rate, .regularization = regularization});
                                  auto history = program::train(
                                      run, optimizer, program::cross_entropy_objective(network), training, data.train,
                                      data.validation);
                                  weights.push_back(magnitudes(network, data.train));
                                  return history;
                                }});
          };
          const Index examples = data.train.size();
          const double lambda = training.lambda;
          add("none", {});
          add(fmt::format("L2, λ = {:g}", lambda), {.l2 = lambda, .examples = examples});
          add(fmt::format("L1, λ = {:g}", lambda / 5), {.l1 = lambda / 5, .examples = examples});
          add(fmt::format("L1, λ = {:g}", lambda), {.l1 = lambda, .examples = examples});
          const auto trained = train_each(run, variants);

          print_accuracies(run, trained);
          std::vector<program::Series> distributions;
          run.say(
              "{:<36}{:>22}{:>12}{:>12}", "hidden weights", fmt::format("|w| < {:g} in %", small), "mean |w|",
              "largest");
          for (std::size_t i = 0; i < trained.size(); ++i) {
            double sum = 0;
            for (const double magnitude : weights[i]) sum += magnitude;
            run.say(
                "{:<36}{:>22.1f}{:>12.4f}{:>12.3f}", trained[i].name, 100 * share_below(weights[i], small),
                sum / static_cast<double>(weights[i].size()), *std::max_element(weights[i].begin(), weights[i].end()));
            distributions.push_back(distribution(trained[i].name, weights[i]));
          }
          run.say("L1 shrinks all weights alike and so clears the small ones away; L2 shrinks the large ones most.");
          run.draw(
              "weights", program::Plot{
                             .title = "Weights of the hidden layer after training",
                             .x_label = "m, a limit on weights",
                             .y_label = "weights with |w| < m in %",
                             .series = distributions,
                             .marks = {{fmt::format("{:g}", small), small}},
                             .y_range = program::Band{0, 100},
                             .logarithmic_x = true});
          run.draw(
              "accuracy", program::Plot{
                              .title = fmt::format("784-30-10, {}", data.name),
                              .x_label = "epoch",
                              .y_label = "validation accuracy in %",
                              .series = curves_of(trained),
                              .references = {{"a reader's best with L1: 96.66 %", 96.66}},
                              .whole_x = true});

          run.finding(
              {.quantity = "validation accuracy without regularization",
               .published = 0.9632,
               .measured = trained[0].best(),
               .band = program::Band{0.958, 0.9665}});
          run.finding(
              {.quantity = "small weights with L1 over small weights with L2, λ = 5",
               .measured = share_below(weights[3], small) / share_below(weights[1], small),
               .band = program::Band{2, 8}});
          run.summary(
              {.quantity = "validation accuracy with L1, λ = 1",
               .published = 0.9666,
               .measured = trained[2].best(),
               .band = program::Band{0.9616, 0.9696}});
        },
};

}  // namespace chapter3
