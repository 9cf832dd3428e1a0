// The cost that goes with softmax, (80): its gradients (81), (82) and the error (84), a problem of the section.
#include "agreement.h"
#include "curve.h"
#include "experiments.h"

namespace chapter3 {

const Experiment log_likelihood_gradient{
    .name = "log-likelihood-gradient",
    .description = "(81), (82) and (84) against automatic derivatives of −ln a_y; no slowdown here either",
    .published = "δ = a − y, (84)",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Index n = 20, classes = 4;
          const FeedForward network(
              {5, 6, classes}, {.initializer = initializers::book_large,
                                .output = [](const Tensor& z) { return softmax(z); },
                                .dtype = Dtype::float64});
          const Tensor x = normal({n, 5}, {.dtype = Dtype::float64});
          const Tensor labels = random_integers({n}, 0, classes), y = one_hot(labels, classes, Dtype::float64);
          const auto layers = network.layers(x);
          const Tensor before = layers[0].a, z = layers[1].z, a = layers[1].a;
          const Parameter w = network.weights()[1], b = network.biases()[1];

          const Tensor as_written = mean(-log(sum(a * y, 1)));
          const Tensor of_library = log_likelihood_with_logits(z, labels);
          Agreement agreement(run);
          for (const auto& [name, cost] :
               {std::pair("−ln a_y", as_written), std::pair("log_likelihood_with_logits", of_library)}) {
            const Tensors slopes = gradients(cost, {z, w, b});
            agreement.check(fmt::format("(80) {}", name), cost, log_likelihood(a, labels));
            agreement.check("(81) ∂C/∂b = (1/n) Σ (a_j − y_j)", slopes[2], mean(a - y, 0));
            agreement.check(
                "(82) ∂C/∂w = (1/n) Σ a_k (a_j − y_j)", slopes[1],
                matmul(transpose(before), a - y) / static_cast<double>(n));
            agreement.check("(84) δ = a − y, of every example", static_cast<double>(n) * slopes[0], a - y);
          }

          const Tensor moved = linspace(-6, 6, 121, Dtype::float64);
          const Tensor others = broadcast_to(tensor({0.0, 1.0}), {121, 2});
          const Parameter three(concatenate({expand(moved, 1), others}, 1));
          const Tensor wanted = select(softmax(three), 1, 0);
          const Tensor error = select(gradients(sum(-log(wanted)), {three})[0], 1, 0);
          run.draw(
              "log_likelihood", program::Plot{
                                    .title = "The cost −ln a₁ of softmax(z₁, 0, 1) and its slope",
                                    .x_label = "z₁, of the neuron that should fire",
                                    .y_label = "value",
                                    .series = {
                                        curve("a₁", moved, wanted), curve("C = −ln a₁", moved, -log(wanted)),
                                        curve("∂C/∂z₁ = a₁ − 1", moved, error)}});
          run.summary(agreement.worst());
        },
};

}  // namespace chapter3
