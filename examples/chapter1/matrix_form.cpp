// The exercise of "Implementing our network": (22), a' = σ(w a + b), is the same as (4), neuron by neuron.
#include <algorithm>
#include <cmath>

#include "experiments.h"
#include "network.h"

namespace chapter1 {

using namespace gradus;

const Experiment matrix_form{
    .name = "matrix-form",
    .description = "a layer as σ(w a + b), (22), against one 1/(1 + exp(−Σ w_j x_j − b)) a neuron, (4)",
    .published = "an exercise: both are the same",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Index inputs = 784, neurons = 30;
          const Tensor a = uniform({inputs}, {.dtype = Dtype::float64});
          const Tensor w = normal({inputs, neurons}, {.deviation = 0.1, .dtype = Dtype::float64});
          const Tensor b = normal({neurons}, {.dtype = Dtype::float64});
          const auto layer = sigmoid(matmul(a, w) + b).values();

          const auto x = a.view<double>(), weights = w.view<double>(), biases = b.view<double>();
          double worst = 0;
          for (Index k = 0; k < neurons; ++k) {
            double sum = 0;
            for (Index j = 0; j < inputs; ++j) {
              sum += weights[static_cast<std::size_t>(j * neurons + k)] * x[static_cast<std::size_t>(j)];
            }
            const auto neuron = static_cast<std::size_t>(k);
            const double output = 1 / (1 + std::exp(-sum - biases[neuron]));
            worst = std::max(worst, std::abs(output - layer[neuron]));
            if (k < 5) run.say("neuron {}: (22) {:.15f}   (4) {:.15f}", k, layer[neuron], output);
          }
          run.summary(
              {.quantity = "largest difference of 30 neurons", .measured = worst, .band = program::Band{0, 1e-13}});
        },
};

}  // namespace chapter1
