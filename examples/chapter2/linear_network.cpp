// The exercise "Backpropagation with linear neurons": with f(z) = z throughout, f′ = 1 drops out of the equations. What
// is left learns, but however many layers it has, it is one matrix.
#include <program/mnist.h>

#include "experiments.h"
#include "network.h"

namespace chapter2 {

namespace {

Neurons linear_neurons() {
  return {
      .f = [](const Tensor& z, std::size_t) { return z; },
      .slope = [](const Tensor&, std::size_t) { return Tensor(1); }};
}

/// Stochastic gradient descent with the exercise's own equations: δᴸ = ∇ₐC, δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹.
void train_an_epoch(program::Run& run, Network& network, const datasets::Batches& batches, double learning_rate) {
  for (const auto& [features, labels] : batches) {
    const Tensor x = cast(transpose(features), Dtype::float64), y = transpose(one_hot(labels, 10, Dtype::float64));
    const Pass pass = forward(network, x, linear_neurons());
    const Tensor cost_slope = (pass.output() - y) / static_cast<double>(features.size(0));
    const Tensors gradients = backpropagate(network, pass, cost_slope, linear_neurons()).gradients;
    Tensors moved = network.parameters();
    for (std::size_t p = 0; p < moved.size(); ++p) moved[p] = moved[p] - learning_rate * gradients[p];
    evaluate(moved);
    for (std::size_t l = 2; l <= network.layers(); ++l) {
      network.w[l] = Parameter(moved[2 * (l - 2)]);
      network.b[l] = Parameter(moved[2 * (l - 2) + 1]);
    }
    run.advance();
  }
}

/// a = W x + b.
struct Single {
  Tensor w, b;
};

/// wᴸ(… w³(w² x + b²) + b³ …) + bᴸ, multiplied out.
Single collapsed(const Network& network) {
  Single single{network.w[2], network.b[2]};
  for (std::size_t l = 3; l <= network.layers(); ++l) {
    single = {matmul(network.w[l], single.w), matmul(network.w[l], single.b) + network.b[l]};
  }
  evaluate({single.w, single.b});
  return single;
}

/// The exercise's equations against automatic derivatives.
double check_equations(const Network& network, const Examples& examples) {
  const Pass pass = forward(network, examples.x, linear_neurons());
  const Tensor cost = cost_of(quadratic_cost, pass, examples.y);
  return relative_difference(
      backpropagate(network, pass, slope_by_output(cost, pass), linear_neurons()).gradients,
      gradients(cost, network.parameters()));
}

/// A row of the matrix is a picture: a pixel that speaks for the digit is dark, one that speaks against it light.
/// Weights of pixels that are always white stay as random as they began; times how much its pixel varies, a weight
/// shows what it does.
void draw_rows(program::Run& run, const Tensor& w, const datasets::Dataset& images) {
  const Tensor rows = cast(w, Dtype::float32) * square_root(variance(images.features(), 0));
  const double largest = max(absolute(rows)).item();
  program::ImageGrid grid{.title = "What 784-30-30-10 without σ has learnt: one matrix, a row a digit", .across = 5};
  for (Index digit = 0; digit < 10; ++digit) {
    grid.tiles.push_back(
        {.pixels = (select(rows, 0, digit) / (2 * largest) + 0.5).values<float>(),
         .caption = fmt::format("{}", digit)});
  }
  run.draw("one_matrix", grid);
}

}  // namespace

const Experiment linear_network{
    .name = "linear-network",
    .description = "f(z) = z throughout: backpropagation without σ′, trained, then multiplied out to one matrix",
    .published = "an exercise: rewrite backpropagation for this case",
    .seconds = 6,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          Network network({784, 30, 30, 10});
          const double off = check_equations(network, random_examples(network, 10));
          run.say("δᴸ = ∇ₐC and δˡ = (wˡ⁺¹)ᵀ δˡ⁺¹ against automatic derivatives: {:.1e}, relative", off);

          const datasets::Dataset images = data.train.take(run.quick() ? 5000 : data.train.size());
          const Index epochs = run.epochs(3);
          run.expect(epochs * images.size() / 10, "mini-batches");
          for (Index epoch = 0; epoch < epochs; ++epoch) {
            train_an_epoch(run, network, images.batches({.size = 10, .seed = run.seed() + epoch}), 0.005);
          }
          const Tensor x = cast(transpose(data.test.features()), Dtype::float64);
          const Tensor deep = forward(network, x, linear_neurons()).output();
          const Single single = collapsed(network);
          const Tensor shallow = matmul(single.w, x) + single.b;
          const double difference = relative_difference({deep}, {shallow});
          const Tensor digits = argmax(deep, 0);
          const Index count = data.test.size(), right = count_nonzero(equal(digits, data.test.labels())).item<int>();
          const Index unlike = count_nonzero(not_equal(digits, argmax(shallow, 0))).item<int>();
          run.say(
              "Trained, its {} parameters read {} of {} test images right.", network.parameter_count(), right, count);
          run.say(
              "One matrix and one bias, {} numbers, put out the same to {:.1e}, relative; {} predictions differ.",
              single.w.count() + single.b.count(), difference, unlike);
          draw_rows(run, single.w, data.test);
          run.summary(
              {.quantity = "largest difference from one matrix, and of the equations",
               .measured = worse(off, difference),
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter2
