// A problem: BP1 to BP4 for a network with a convolutional layer, a max-pooling layer and a softmax layer; written as
// loops, against the library's gradients.
#include <cmath>

#include <program/comparison.h>

#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

constexpr std::size_t size = 28, window = 5, maps = 3, positions = size - window + 1, pooled = positions / 2;

struct Parts {
  Tensor filters, biases, output_weights;  ///< [3, 1, 5, 5], [3], [3 · 12 · 12, 10]
};

Tensor cost_of(const Parts& parts, const Tensor& image, const Tensor& label) {
  const Tensor x = reshape(image, {1, 1, 28, 28});
  const Tensor a = sigmoid(max_pool2d(conv2d(x, parts.filters, parts.biases), 2));
  return log_likelihood_with_logits(matmul(reshape(a, {1, maps * pooled * pooled}), parts.output_weights), label);
}

/// One feature map, forwards: where the greatest weighted input of each pooling window lies, and σ of it.
struct FeatureMap {
  std::vector<std::size_t> from = std::vector<std::size_t>(pooled * pooled);
  std::vector<double> a = std::vector<double>(pooled * pooled);
};

double weighted_input(const double* filter, double bias, const std::vector<double>& image, std::size_t position) {
  const std::size_t j = position / positions, k = position % positions;
  double z = bias;
  for (std::size_t l = 0; l < window; ++l) {
    for (std::size_t m = 0; m < window; ++m) z += filter[l * window + m] * image[(j + l) * size + k + m];
  }
  return z;
}

FeatureMap feature_map(const double* filter, double bias, const std::vector<double>& image) {
  FeatureMap map;
  for (std::size_t i = 0; i < pooled * pooled; ++i) {
    const std::size_t corner = i / pooled * 2 * positions + i % pooled * 2;
    double greatest = -HUGE_VAL;
    for (const std::size_t position : {corner, corner + 1, corner + positions, corner + positions + 1}) {
      const double z = weighted_input(filter, bias, image, position);
      if (z > greatest) map.from[i] = position;
      greatest = std::max(greatest, z);
    }
    map.a[i] = 1 / (1 + std::exp(-greatest));
  }
  return map;
}

/// BP1 for a softmax layer, (84): δ = a − y.
std::vector<double> output_errors(const std::vector<double>& a, const std::vector<double>& w, std::int32_t label) {
  std::vector<double> z(10), delta(10);
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < 10; ++j) z[j] += w[i * 10 + j] * a[i];
  }
  double sum = 0;
  for (const double each : z) sum += std::exp(each);
  for (std::size_t j = 0; j < 10; ++j) delta[j] = std::exp(z[j]) / sum - (j == static_cast<std::size_t>(label) ? 1 : 0);
  return delta;
}

/// ∂C/∂ filters, biases, output weights.
Tensors by_equations(const Parts& parts, const Tensor& image, std::int32_t label) {
  const auto x = image.values(), filters = parts.filters.values(), biases = parts.biases.values();
  const auto w = parts.output_weights.values();
  std::vector<FeatureMap> layer;
  std::vector<double> a;
  for (std::size_t map = 0; map < maps; ++map) {
    layer.push_back(feature_map(filters.data() + map * window * window, biases[map], x));
    a.insert(a.end(), layer.back().a.begin(), layer.back().a.end());
  }
  const std::vector<double> delta_out = output_errors(a, w, label);
  std::vector<double> of_filters(filters.size()), of_biases(maps), of_output(w.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    // BP4 for the last layer, then BP2: the error goes to the one position of the window that had the maximum.
    double delta = 0;
    for (std::size_t j = 0; j < 10; ++j) {
      of_output[i * 10 + j] = a[i] * delta_out[j];
      delta += w[i * 10 + j] * delta_out[j];
    }
    delta *= a[i] * (1 - a[i]);
    // BP3 and BP4: weights are shared, so that all positions add up.
    const std::size_t map = i / (pooled * pooled), from = layer[map].from[i % (pooled * pooled)];
    of_biases[map] += delta;
    for (std::size_t l = 0; l < window; ++l) {
      for (std::size_t m = 0; m < window; ++m) {
        const std::size_t pixel = (from / positions + l) * size + from % positions + m;
        of_filters[(map * window + l) * window + m] += delta * x[pixel];
      }
    }
  }
  return {
      tensor<double>(of_filters, parts.filters.shape()), tensor<double>(of_biases, parts.biases.shape()),
      tensor<double>(of_output, parts.output_weights.shape())};
}

}  // namespace

const Experiment backpropagation{
    .name = "backpropagation",
    .description = "BP1 to BP4 for 3 filters 5×5, max-pooling and a softmax layer, by loops, against the gradients",
    .published = "how do the equations change? (a problem)",
    .run =
        [](program::Run& run) {
          const datasets::Dataset images = images_of_the_book(run).train.take(10);
          const auto draw = [](const Shape& shape, double deviation) {
            return normal(shape, {.deviation = deviation, .dtype = Dtype::float64}).detach();
          };
          const Parts parts{draw({3, 1, 5, 5}, 0.2), draw({3}, 1), draw({432, 10}, 0.1)};
          double worst = 0;
          for (Index i = 0; i < images.size(); ++i) {
            const datasets::Dataset one = images.slice(i, i + 1);
            const Tensor image = cast(one.features(), Dtype::float64);
            const Tensors found =
                gradients(cost_of(parts, image, one.labels()), {parts.filters, parts.biases, parts.output_weights});
            const Tensors expected = by_equations(parts, image, one.labels().values<std::int32_t>()[0]);
            for (std::size_t part = 0; part < found.size(); ++part) {
              worst = program::worse(worst, program::relative_difference({found[part]}, {expected[part]}));
            }
          }
          run.say("BP1 stays. BP2 through pooling: the error of a pooled neuron goes to the position that had the");
          run.say("maximum, the others have none. BP3 and BP4: a shared weight's is the sum over all positions.");
          run.summary(
              {.quantity = "relative difference between these equations and the library's gradients",
               .measured = worst,
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter6
