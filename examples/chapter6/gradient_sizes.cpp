// "Why are we able to train?" The gradients of every layer at the start, by activation and by initial weights.
#include <cmath>

#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

const std::vector<Index> filters{20, 40}, neurons{100, 100, 100, 100};

/// ‖∂C/∂w‖ of every layer on the images, without dropout.
std::vector<double> gradient_norms(const Network& network, const datasets::Dataset& images) {
  const Parameters weights = network.weights();
  const Tensor cost = objective(network).cost(images.features(), images.labels());
  Tensors norms;
  for (const Tensor& gradient : gradients(cost, Tensors(weights.begin(), weights.end()))) {
    norms.push_back(norm(gradient));
  }
  return stack(norms).values();
}

struct Case {
  Activation activation;
  Start start;

  std::string name() const {
    return fmt::format("{}, {}", name_of(activation), start == Start::book ? "the book's weights" : "right weights");
  }
};

std::vector<double> norms_of(program::Run& run, const Case& one, const datasets::Dataset& images) {
  seed(run.seed());
  const Network network({.filters = filters, .neurons = neurons, .activation = one.activation}, one.start);
  // From the softmax layer's zeros no gradient would come back at all.
  const Parameter softmax = network.weights().back();
  const auto inputs = static_cast<double>(softmax.shape()[0]);
  softmax.assign(normal(softmax.shape(), {.deviation = std::sqrt(1 / inputs)}));
  return gradient_norms(network, images);
}

/// From the last hidden layer back to the first fully connected one.
double shrinking(const std::vector<double>& norms) {
  const std::size_t first = filters.size(), last = first + neurons.size() - 1;
  return std::pow(norms[last] / norms[first], 1.0 / static_cast<double>(last - first));
}

}  // namespace

const Experiment gradient_sizes{
    .name = "gradient-sizes",
    .description = "20 and 40 filters, four times 100 neurons: ‖∂C/∂w‖ of every layer at the start",
    .published = "rectified linear neurons suffer less from unstable gradients; no number",
    .seconds = 2,
    .run =
        [](program::Run& run) {
          const datasets::Dataset images = images_of_the_book(run).train.take(1000);
          program::Plot plot{
              .title = "Gradients at the start, layer by layer",
              .x_label = "layer: two convolutions, four fully connected, softmax",
              .y_label = "‖∂C/∂w‖",
              .whole_x = true,
              .logarithmic_y = true};
          std::vector<double> factors;
          run.say(
              "{:<30}{:>70}{:>10}", "‖∂C/∂w‖", "conv1     conv2     full1     full2     full3     full4   softmax",
              "factor");
          for (const Activation activation : {Activation::sigmoid, Activation::tanh, Activation::relu}) {
            for (const Start start : {Start::book, Start::right}) {
              const Case one{activation, start};
              const std::vector<double> norms = norms_of(run, one, images);
              factors.push_back(shrinking(norms));
              program::Series series{.title = one.name(), .y = norms};
              std::string line = fmt::format("{:<30}", one.name());
              for (std::size_t layer = 0; layer < norms.size(); ++layer) {
                series.x.push_back(static_cast<double>(layer + 1));
                line += fmt::format("{:10.2g}", norms[layer]);
              }
              run.print(line + fmt::format("{:10.2f}", factors.back()));
              plot.series.push_back(std::move(series));
            }
          }
          run.say("factor: how many times smaller a fully connected layer's is than the next one's");
          run.draw("gradients", plot);
          seed(run.seed());
          const std::vector<double> untouched =
              gradient_norms(Network({.filters = filters, .neurons = neurons}), images);
          const auto exactly_0 = program::Band{0, 0};
          run.finding(
              {.quantity = "‖∂C/∂w‖ of the first layer, with the softmax layer's weights 0 as the book starts them",
               .measured = untouched.front(),
               .band = exactly_0});
          run.finding(
              {.quantity = "how many times smaller gradients become a layer, sigmoid, right weights",
               .measured = factors[1],
               .band = program::Band{2.5, 8}});
          run.summary(
              {.quantity = "how many times smaller gradients become a layer, ReLU, right weights",
               .measured = factors[5],
               .band = program::Band{0.6, 1.6}});
        },
};

}  // namespace chapter6
