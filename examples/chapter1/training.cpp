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

std::vector<Index> train(
    program::Run& run, const Network& network, const Data& data, const Training& training, const Coding& coding) {
  const Tensor test_images = data.test.features(), test_labels = data.test.labels();
  const Index batches = data.train.batches({.size = training.batch_size}).size();
  Sgd optimizer(network.parameters(), {.learning_rate = training.learning_rate});
  std::vector<Index> right;
  run.expect(training.epochs * batches, "mini-batches");
  for (Index epoch = 0; epoch < training.epochs; ++epoch) {
    double cost_of_epoch = 0;
    for (const auto& [images, labels] : data.train.batches({.size = training.batch_size, .seed = run.seed() + epoch})) {
      const Tensor cost = quadratic_cost(network(images), coding.target(labels));
      optimizer.step(cost);
      cost_of_epoch += cost.item();
      run.advance();
    }
    right.push_back(count_right(coding.digits(network(test_images)), test_labels));
    run.say("Epoch {}: {} / {}", epoch, right.back(), data.test.size());
    run.epoch(
        epoch, {{"training_cost", cost_of_epoch / static_cast<double>(batches)},
                {"evaluation_accuracy", best_accuracy({right.back()}, data.test.size())}});
  }
  return right;
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
