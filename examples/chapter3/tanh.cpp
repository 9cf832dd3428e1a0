// "Other models of artificial neuron": tanh is a sigmoid that was stretched and moved, (109) to (111).
#include "agreement.h"
#include "curve.h"
#include "experiments.h"

namespace chapter3 {

const Experiment tanh_identity{
    .name = "tanh-identity",
    .description = "(109) to (111), and a network of tanh neurons that computes what one of sigmoid neurons does",
    .published = "an exercise: σ(z) = (1 + tanh(z/2))/2, (111)",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Parameter z(linspace(-6, 6, 121, Dtype::float64));
          const Tensor a = sigmoid(z), t = gradus::tanh(z);
          Agreement agreement(run);
          agreement.check("(110) tanh z = (e^z − e^−z)/(e^z + e^−z)", t, (exp(z) - exp(-z)) / (exp(z) + exp(-z)));
          agreement.check("(111) σ(z) = (1 + tanh(z/2))/2", a, (1.0 + gradus::tanh(z / 2.0)) / 2.0);
          agreement.check(
              "its derivative, σ′(z) = (1 − tanh²(z/2))/4", gradients(sum(a), {z})[0],
              (1.0 - square(gradus::tanh(z / 2.0))) / 4.0);

          // σ(wa + b) = (1 + tanh((wa + b)/2))/2: halve w and b, and let the next layer take in the rest.
          const FeedForward sigmoids({5, 4, 3}, {.initializer = initializers::book_large, .dtype = Dtype::float64});
          const Tensor w1 = sigmoids.weights()[0], b1 = sigmoids.biases()[0], w2 = sigmoids.weights()[1],
                       b2 = sigmoids.biases()[1];
          const FeedForward tanhs(
              {w1 / 2.0, w2 / 4.0}, {b1 / 2.0, b2 / 2.0 + sum(w2, 0) / 4.0},
              {.activation = [](const Tensor& weighted) { return gradus::tanh(weighted); }, .dtype = Dtype::float64});
          const Tensor x = normal({20, 5}, {.dtype = Dtype::float64});
          agreement.check("(109) a network of tanh neurons, its weights adapted", (1.0 + tanhs(x)) / 2.0, sigmoids(x));
          run.draw(
              "tanh", program::Plot{
                          .title = "tanh is the sigmoid over twice the range and half the width",
                          .x_label = "weighted input z",
                          .y_label = "activation",
                          .series = {curve("tanh z", z, t), curve("σ(z)", z, a)},
                          .y_range = program::Band{-1.05, 1.05}});
          run.summary(agreement.worst());
        },
};

}  // namespace chapter3
