#include "training.h"

#include <algorithm>

namespace chapter1 {

using namespace gradus;

Training as_asked(program::Run& run, Training training) {
  return {
      .epochs = run.epochs(training.epochs),
      .batch_size = run.whole_number("batch-size", training.batch_size),
      .learning_rate = run.number("learning-rate", training.learning_rate)};
}

Tensor one_output_a_digit(const Tensor& labels) {
  return one_hot(labels, 10);
}

Tensor most_firing(const Tensor& output) {
  return argmax(output, 1);
}

namespace {

/// One number an epoch.
struct Curves {
  std::vector<double> cost = {}, right = {};
};

void report(program::Run& run, const Curves& curves, std::size_t epoch, Index of) {
  const auto right = static_cast<Index>(curves.right[epoch]), number = static_cast<Index>(epoch);
  run.say("Epoch {}: {} / {}", epoch, right, of);
  run.epoch(number, {{"training_cost", curves.cost[epoch]}, {"evaluation_accuracy", best_accuracy({right}, of)}});
}

/// All that the epochs to come depend on.
State state_of(Optimizer& optimizer, Curves& curves, const std::string& run) {
  State state;
  state.add_fact("run", run);
  state.add("optimizer", optimizer.state());
  state.add("cost", curves.cost);
  state.add("right", curves.right);
  state.add_generator("random");
  return state;
}

}  // namespace

std::vector<Index> train(
    program::Run& run, const Network& network, const Data& data, const Training& training, const Coding& coding) {
  const Tensor test_images = data.test.features(), test_labels = data.test.labels();
  const Index batches = data.train.batches({.size = training.batch_size}).size();
  Sgd optimizer(network.parameters(), {.learning_rate = training.learning_rate});
  const CheckpointOptions checkpoint = run.next_checkpoint();
  Curves curves;
  const State state = state_of(optimizer, curves, checkpoint.run);
  run.expect(training.epochs * batches, "mini-batches");
  if (checkpoint.resumes()) read_checkpoint(checkpoint.file, state);
  for (std::size_t epoch = 0; epoch < curves.right.size(); ++epoch) report(run, curves, epoch, data.test.size());
  run.restore(optimizer.steps());
  for (auto epoch = static_cast<Index>(curves.right.size()); epoch < training.epochs; ++epoch) {
    double cost_of_epoch = 0;
    for (const auto& [images, labels] : data.train.batches({.size = training.batch_size, .seed = run.seed() + epoch})) {
      const Tensor cost = quadratic_cost(network(images), coding.target(labels));
      optimizer.step(cost);
      cost_of_epoch += cost.item();
      run.advance();
    }
    curves.cost.push_back(cost_of_epoch / static_cast<double>(batches));
    curves.right.push_back(static_cast<double>(count_right(coding.digits(network(test_images)), test_labels)));
    report(run, curves, static_cast<std::size_t>(epoch), data.test.size());
    if (!checkpoint.file.empty()) write_checkpoint(checkpoint.file, state);
  }
  return {curves.right.begin(), curves.right.end()};
}

double best_accuracy(const std::vector<Index>& right, Index of) {
  return static_cast<double>(*std::max_element(right.begin(), right.end())) / static_cast<double>(of);
}

void draw_learning_curve(
    program::Run& run, const std::string& title, const std::vector<Index>& right, Index of, double published) {
  program::Series curve{.title = "test images classified rightly"};
  for (std::size_t epoch = 0; epoch < right.size(); ++epoch) {
    curve.x.push_back(static_cast<double>(epoch));
    curve.y.push_back(100.0 * static_cast<double>(right[epoch]) / static_cast<double>(of));
  }
  program::Plot plot{
      .title = title,
      .x_label = "epoch",
      .y_label = "test accuracy in %",
      .series = {std::move(curve)},
      .whole_x = true};
  if (published > 0) {
    plot.references.push_back({fmt::format("the book's best: {:.2f} %", 100 * published), 100 * published});
  }
  run.draw("learning_curve", plot);
}

}  // namespace chapter1
