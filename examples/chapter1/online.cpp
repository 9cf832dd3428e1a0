// The exercise of "Learning with gradient descent" on online learning, mini-batches of one example.
#include <chrono>
#include <cmath>

#include "experiments.h"
#include "training.h"

namespace chapter1 {

using namespace gradus;

namespace {

Tensor gradient_on(const Network& network, const datasets::Batch& batch) {
  const Parameters parameters = network.parameters();
  Tensors flat;
  for (const Tensor& part : gradients(
           quadratic_cost(network(batch.images), one_hot(batch.labels, 10)),
           Tensors(parameters.begin(), parameters.end()))) {
    flat.push_back(flatten(part));
  }
  return concatenate(flat);
}

/// How far a mini-batch's gradient is from that of many examples: the root mean square of ‖g − ∇C‖/‖∇C‖.
double noise(const Network& network, const datasets::Dataset& train, Index batch_size) {
  const datasets::Dataset many = train.take(10'000);
  const Tensor whole = gradient_on(network, {many.features(), many.labels()});
  const double scale = norm(whole).item();
  double squares = 0;
  int draws = 0;
  for (const datasets::Batch& batch : many.batches({.size = batch_size})) {
    squares += std::pow(norm(gradient_on(network, batch) - whole).item() / scale, 2);
    if (++draws == 100) break;
  }
  return std::sqrt(squares / draws);
}

}  // namespace

const Experiment online{
    .name = "online",
    .description = "mini-batches of 1 against 10 and 20, η in proportion: time, accuracy, noise of the gradient",
    .published = "an exercise: name an advantage and a disadvantage",
    .seconds = 7,
    .run =
        [](program::Run& run) {
          const Data data = program::mnist_of_the_book(run);
          const Network untrained({784, 30, 10});
          std::vector<std::string> table;
          double seconds_of_1 = 0, seconds_of_20 = 0;
          const Index epochs = run.epochs(3);
          for (const Index batch_size : {1, 10, 20}) {
            seed(run.seed());
            const Network network({784, 30, 10});
            const double learning_rate = 0.3 * static_cast<double>(batch_size);
            run.series(fmt::format("mini-batches of {}, η = {:g}", batch_size, learning_rate));
            const auto start = std::chrono::steady_clock::now();
            const auto right =
                train(run, network, data, {.epochs = epochs, .batch_size = batch_size, .learning_rate = learning_rate});
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
                                   static_cast<double>(epochs);
            if (batch_size == 1) seconds_of_1 = seconds;
            if (batch_size == 20) seconds_of_20 = seconds;
            table.push_back(fmt::format(
                "{:10}{:10}{:14.2f}{:16.2f}{:22.1f}", batch_size, data.train.size() / batch_size, seconds,
                100.0 * static_cast<double>(right.back()) / 10'000, noise(untrained, data.train, batch_size)));
          }
          run.say("mini-batch     steps   s an epoch   test accuracy %   gradient's noise (‖g − ∇C‖/‖∇C‖)");
          for (const std::string& row : table) run.print(row);
          run.say("One example at a time learns from each at once, but on a noisy gradient, and by small products of");
          run.say("matrices, on which a computer is slow.");
          run.summary(
              {.quantity = "time of an epoch with mini-batches of 1 over that with 20",
               .measured = seconds_of_1 / seconds_of_20});
        },
};

}  // namespace chapter1
