#include <gradus/graph/derivation.h>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

TEST_CASE("a cost of a known structure is neither differentiated nor recorded again") {
  const Parameter weights(ones({3, 2}), "weights"), biases(zeros({2}), "biases");
  const Parameters parameters{weights, biases};
  int derived = 0;
  const std::function<Tensors(const Tensors&, const Tensors&)> update = [&](const Tensors& gradients,
                                                                            const Tensors& numbers) {
    ++derived;
    Tensors moved;
    for (std::size_t i = 0; i < parameters.size(); ++i) moved.push_back(parameters[i] - numbers[0] * gradients[i]);
    return moved;
  };
  const std::uint64_t identity = new_identity();
  const double learning_rate[] = {0.5};
  const auto step = [&](Index examples) {
    const Tensor x = ones({examples, 3});
    const Tensor labels = zeros({examples}, Dtype::int32);
    const Tensor cost = log_likelihood_with_logits(matmul(x, weights) + biases, labels);
    assign_derived(
        cost,
        {.identity = identity,
         .with_respect_to = parameters,
         .assigned = parameters,
         .numbers = learning_rate,
         .update = update},
        Where::current());
  };
  for (int i = 0; i < 4; ++i) step(5);
  CHECK(derived == 1);
  for (int i = 0; i < 4; ++i) step(7);
  CHECK(derived == 2);
  CHECK(weights.version() == 8);
}
