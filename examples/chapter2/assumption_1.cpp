// "The first assumption we need is that the cost function can be written as an average C = (1/n) Σₓ Cₓ": what that
// buys, and two costs that break it.
#include <algorithm>

#include <program/mnist.h>

#include "experiments.h"
#include "network.h"

namespace chapter2 {

namespace {

using BatchCost = Tensor (*)(const Network&, const Examples&);

/// ½‖y − a‖² of each example, (27).
Tensor costs_of_examples(const Tensor& output, const Tensor& y) {
  return sum(square(output - y), 0) / 2;
}

/// Weighted inputs shifted and scaled to mean 0 and variance 1 over the mini-batch, as batch normalisation does it
/// (S. Ioffe, C. Szegedy, 2015): what an example puts out depends on its companions.
Neurons batch_normalised() {
  return {
      .f =
          [](const Tensor& z, std::size_t) {
            const Tensor centred = z - mean(z, 1, keep_axes);
            return sigmoid(centred / square_root(variance(z, 1, keep_axes) + 1e-5));
          },
      .slope = {}};
}

struct Row {
  const char* name;
  BatchCost cost;
  bool lawful;  ///< a mean of costs of single examples
};

const Row rows[] = {
    {"quadratic (6)", [](const Network& n, const Examples& e) { return cost_of(quadratic_cost, forward(n, e.x), e.y); },
     true},
    {"cross-entropy (63)",
     [](const Network& n, const Examples& e) { return cost_of(cross_entropy, forward(n, e.x), e.y); }, true},
    {"the worst example: max Cₓ",
     [](const Network& n, const Examples& e) { return max(costs_of_examples(forward(n, e.x).output(), e.y)); }, false},
    {"quadratic, batch-normalised",
     [](const Network& n, const Examples& e) {
       return cost_of(quadratic_cost, forward(n, e.x, batch_normalised()), e.y);
     },
     false},
};

/// The examples from `begin` up to, but without, `end`.
Examples columns(const Examples& examples, Index begin, Index end) {
  return {slice(examples.x, 1, begin, end), slice(examples.y, 1, begin, end)};
}

/// ∂Cₓ/∂w and ∂Cₓ/∂b, one example after another.
std::vector<Tensors> gradients_of_examples(BatchCost cost, const Network& network, const Examples& examples) {
  std::vector<Tensors> all;
  for (Index i = 0; i < examples.x.size(1); ++i) {
    all.push_back(gradients(cost(network, columns(examples, i, i + 1)), network.parameters()));
  }
  return all;
}

Tensors mean_of(const std::vector<Tensors>& several) {
  Tensors means;
  for (std::size_t i = 0; i < several.front().size(); ++i) {
    Tensors same;
    for (const Tensors& one : several) same.push_back(one[i]);
    means.push_back(mean(stack(same), 0));
  }
  return means;
}

/// How the broken ones are broken.
void look_closer(program::Run& run, const Network& network, const Examples& examples) {
  const Index count = examples.x.size(1);
  const Tensor costs = costs_of_examples(forward(network, examples.x).output(), examples.y);
  const Index worst = argmax(costs).item<std::int32_t>();
  const Tensors worst_alone =
      gradients(rows[0].cost(network, columns(examples, worst, worst + 1)), network.parameters());
  run.say(
      "The gradient of max Cₓ is that of image {} alone, to {:.1e}; the mean asks all of them.", worst,
      relative_difference(worst_alone, gradients(rows[2].cost(network, examples), network.parameters())));

  const auto first_cost = [&](const Tensor& x) {
    const Tensor output = forward(network, x, batch_normalised()).output();
    return select(costs_of_examples(output, examples.y), 0, 0).item();
  };
  const Tensor others_dimmed = concatenate({slice(examples.x, 1, 0, 1), 0.5 * slice(examples.x, 1, 1, count)}, 1);
  run.say(
      "Batch-normalised, Cₓ of image 0 is {:.6f}; with the other images dimmed by half it is {:.6f}: it is no Cₓ.",
      first_cost(examples.x), first_cost(others_dimmed));
}

/// ∂Cₓ/∂w of one hidden neuron, a weight a pixel. BP4 shows: it is the image, times δ.
void draw_gradients(program::Run& run, const std::vector<Tensors>& by_example, const Tensors& of_batch) {
  std::vector<Tensor> maps;
  for (const Tensors& one : by_example) maps.push_back(select(one[0], 0, 0));
  maps.push_back(select(of_batch[0], 0, 0));
  const double largest = max(absolute(stack(maps))).item();
  program::ImageGrid grid{
      .title = "∂Cₓ/∂w of a hidden neuron: image times δ; last, ∂C/∂w of the mini-batch, their mean",
      .across = static_cast<Index>(maps.size())};
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const bool whole = i + 1 == maps.size();
    grid.tiles.push_back(
        {.pixels = cast(0.5 + maps[i] / (2 * largest), Dtype::float32).values<float>(),
         .caption = whole ? "batch" : fmt::format("image {}", i),
         .marked = whole});
  }
  run.draw("gradients_of_examples", grid);
}

}  // namespace

const Experiment assumption_1{
    .name = "assumption-1",
    .description = "∂C/∂w is the mean of ∂Cₓ/∂w; a cost max Cₓ and batch normalisation break that",
    .published = "needed by the derivation: C is a mean over examples",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const datasets::Dataset batch = data.train.take(10);
          const Examples examples{
              cast(transpose(batch.features()), Dtype::float64),
              transpose(one_hot(batch.labels(), 10, Dtype::float64))};
          const Network network({784, 30, 10});

          run.say("784-30-10, a mini-batch of {} images", batch.size());
          run.say("{:<30}{:>32}", "cost", "|mean of ∂Cₓ/∂w − ∂C/∂w|, relative");
          double worst = 0;
          for (const Row& row : rows) {
            const auto by_example = gradients_of_examples(row.cost, network, examples);
            const Tensors whole = gradients(row.cost(network, examples), network.parameters());
            const double difference = relative_difference(mean_of(by_example), whole);
            run.say("{:<30}{:>20.1e}   {}", row.name, difference, difference <= 1e-12 ? "equal" : "not equal");
            if (row.lawful) worst = worse(worst, difference);
            if (&row == rows) draw_gradients(run, by_example, whole);
          }
          look_closer(run, network, examples);
          run.summary(
              {.quantity = "largest difference where C is a mean over examples",
               .measured = worst,
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter2
