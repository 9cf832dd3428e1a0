// backprop_magnitude_nabla.py among the book's figures, which no chapter shows: gradients grow towards the output.
#include <cmath>
#include <span>

#include <program/mnist.h>
#include <program/training.h>

#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

constexpr Index batch_size = 100;

/// What the script kept: mini-batches 7 to 9 of ten, layers 2 to 5, which have 30 neurons on both sides.
constexpr double published[3][4] = {
    {0.1292, 0.4243, 1.6155, 7.5452}, {0.1257, 0.4423, 1.8436, 7.6197}, {0.1585, 0.7024, 2.6295, 10.4271}};

/// ‖∂C/∂w‖ of layers 2 to 5 before each of ten steps, with C summed over the mini-batch. The script names η = 0.01; its
/// norms fall as fast as it says only where steps follow that sum, which is η = 1 for our mean.
std::vector<std::vector<double>> norms_before_steps(program::Run& run, const datasets::Dataset& train) {
  const FeedForward network = program::new_network({784, 30, 30, 30, 30, 30, 10});
  const Objective objective = program::cross_entropy_objective(network);
  const Parameters inner(network.weights().begin() + 1, network.weights().end() - 1);
  Sgd optimizer(
      network.parameters(),
      {.learning_rate = run.number("learning-rate", 1), .regularization = {.l2 = 0.05, .examples = train.size()}});
  std::vector<std::vector<double>> found;
  for (const auto& [images, labels] : train.batches({.size = batch_size, .seed = run.seed()})) {
    const Tensor cost = objective.cost(images, labels);
    std::vector<double> norms;
    for (const Tensor& slope : gradients(cost, Tensors(inner.begin(), inner.end()))) {
      norms.push_back(batch_size * norm(slope).item());
    }
    found.push_back(std::move(norms));
    optimizer.step(cost);
  }
  return found;
}

std::string row(const std::string& name, std::span<const double> norms) {
  std::string text = fmt::format("{:<24}", name);
  for (const double one : norms) text += fmt::format("{:10.4f}", one);
  return text + fmt::format("{:16.2f}", std::cbrt(norms.back() / norms.front()));
}

}  // namespace

const Experiment gradient_sizes{
    .name = "gradient-sizes",
    .description = "norms of ∂C/∂w, layer by layer, in a network with five hidden layers of 30",
    .published = "0.129, 0.424, 1.62, 7.55: 3 to 5 times as large from layer to layer (a script of the book's figures)",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const auto norms = norms_before_steps(run, data.train.take(1000));

          run.say("‖∂C/∂w‖ over a mini-batch of {}", batch_size);
          run.say(
              "{:<24}{:>10}{:>10}{:>10}{:>10}{:>16}", "", "layer 2", "layer 3", "layer 4", "layer 5", "growth a layer");
          program::Plot plot{
              .title = fmt::format("784-30-30-30-30-30-10 in its first steps, {}", data.name),
              .x_label = "layer of weights",
              .y_label = "‖∂C/∂w‖ over 100 images",
              .whole_x = true,
              .logarithmic_y = true};
          double growth = 1;
          for (std::size_t batch = 7; batch <= 9; ++batch) {
            const std::string name = fmt::format("mini-batch {}", batch);
            const auto& book = published[batch - 7];
            const std::vector<double>& ours = norms[batch - 1];
            run.print(row(name + ", published", book));
            run.print(row(name, ours));
            growth *= std::cbrt(ours.back() / ours.front());
            plot.series.insert(
                plot.series.begin() + static_cast<std::ptrdiff_t>(batch - 7),
                {.title = name + ", published", .x = {2, 3, 4, 5}, .y = {book, book + 4}});
            plot.series.push_back({.title = name, .x = {2, 3, 4, 5}, .y = ours});
          }
          run.draw("gradient_sizes", plot);
          run.finding(
              {.quantity = "‖∂C/∂w‖ of layer 5, mini-batch 9",
               .published = published[2][3],
               .measured = norms[8].back(),
               .band = program::Band{2, 30}});
          run.say(
              "Nothing says which initial weights the script had; with network2.py's, layers differ a little more.");
          run.summary(
              {.quantity = "growth of ‖∂C/∂w‖ a layer, geometric mean",
               .published = 3.9,
               .measured = std::cbrt(growth),
               .band = program::Band{3, 6}});
        },
};

}  // namespace chapter3
