// The problem "Fully matrix-based approach to backpropagation over a mini-batch": network.py loops over the examples of
// a mini-batch; with the examples as columns of a matrix the same equations do all of them at once.
#include <algorithm>
#include <chrono>

#include "experiments.h"
#include "network.h"

namespace chapter2 {

namespace {

/// ∇ₐC of the quadratic cost.
Tensor output_slope(const Pass& pass, const Tensor& y) {
  return pass.output() - y;
}

/// network.py's update_mini_batch: forward and backward for one example after another, summing ∂Cₓ/∂w as in (20).
Tensors one_by_one(const Network& network, const Examples& examples) {
  Tensors total;
  const Index count = examples.x.size(1);
  for (Index i = 0; i < count; ++i) {
    const Tensor x = slice(examples.x, 1, i, i + 1), y = slice(examples.y, 1, i, i + 1);
    const Pass pass = forward(network, x);
    const Tensors gradients = backpropagate(network, pass, output_slope(pass, y)).gradients;
    if (total.empty()) {
      total = gradients;
    } else {
      for (std::size_t p = 0; p < total.size(); ++p) total[p] += gradients[p];
    }
  }
  for (Tensor& sum : total) sum = sum / static_cast<double>(count);
  return total;
}

/// All examples at once. Summing over them is part of the products.
Tensors as_matrices(const Network& network, const Examples& examples) {
  const Pass pass = forward(network, examples.x);
  Tensors total = backpropagate(network, pass, output_slope(pass, examples.y)).gradients;
  for (Tensor& sum : total) sum = sum / static_cast<double>(examples.x.size(1));
  return total;
}

using Way = Tensors (*)(const Network&, const Examples&);

double seconds(Way way, const Network& network, const Examples& examples) {
  const auto start = std::chrono::steady_clock::now();
  evaluate(way(network, examples));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Times {
  double one_by_one = 1e300, as_matrices = 1e300;
};

/// The least of several times, by turns, so that whatever else the machine does hits both.
Times measure(const Network& network, const Examples& examples, Index repetitions) {
  Times least;
  for (Index i = 0; i < repetitions; ++i) {
    least.one_by_one = std::min(least.one_by_one, seconds(one_by_one, network, examples));
    least.as_matrices = std::min(least.as_matrices, seconds(as_matrices, network, examples));
  }
  return least;
}

}  // namespace

const Experiment batch_against_per_sample{
    .name = "batch-against-per-sample",
    .description = "784-30-10: a mini-batch example by example, as network.py does it, and as products of matrices",
    .published = "about twice as fast on the author's laptop; a reader measured 3.5 times",
    .seconds = 3,
    .run =
        [](program::Run& run) {
          const Network exact({784, 30, 10});
          const Examples some = random_examples(exact, 10);
          const double off = relative_difference(as_matrices(exact, some), one_by_one(exact, some));
          run.say("Ten examples in float64: both ways give the same numbers, to {:.1e}, relative.", off);

          const Network network({784, 30, 10}, Dtype::float32);
          const std::vector<Index> sizes{1, 2, 5, 10, 20, 50, 100};
          const Index repetitions = run.quick() ? 50 : 500;
          program::Series loop{.title = "one by one"}, matrices{.title = "as matrices"};
          double speed_up_of_ten = 0;
          run.expect(repetitions * static_cast<Index>(sizes.size()), "mini-batches");
          run.say("In float32, µs an example, forward and backward:");
          run.say("mini-batch   one by one   as matrices   speed-up");
          for (const Index size : sizes) {
            const Times times = measure(network, random_examples(network, size), repetitions);
            run.advance(repetitions);
            const double per_example = 1e6 / static_cast<double>(size);
            loop.x.push_back(static_cast<double>(size));
            loop.y.push_back(times.one_by_one * per_example);
            matrices.x.push_back(static_cast<double>(size));
            matrices.y.push_back(times.as_matrices * per_example);
            const double speed_up = times.one_by_one / times.as_matrices;
            if (size == 10) speed_up_of_ten = speed_up;
            run.say("{:10}{:13.2f}{:14.2f}{:11.1f}", size, loop.y.back(), matrices.y.back(), speed_up);
          }
          run.draw(
              "batch_against_per_sample",
              program::Plot{
                  .title = "784-30-10: the same gradients, example by example and as matrices",
                  .x_label = "examples in a mini-batch",
                  .y_label = "µs an example, forward and backward",
                  .series = {loop, matrices},
                  .logarithmic_x = true,
                  .logarithmic_y = true});
          if (!(off <= 1e-12)) speed_up_of_ten = 0;  // fast, but wrong
          run.summary(
              {.quantity = "speed-up of a mini-batch of 10 as matrices",
               .published = 2,
               .measured = speed_up_of_ten,
               .band = program::Band{1.5, 50}});
        },
};

}  // namespace chapter2
