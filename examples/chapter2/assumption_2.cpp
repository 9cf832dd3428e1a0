// "The second assumption we make about the cost is that it can be written as a function of the outputs from the neural
// network", C = C(aᴸ): then BP2 to BP4 know nothing of the cost, and another one changes ∇ₐC alone.
#include "experiments.h"
#include "network.h"

namespace chapter2 {

namespace {

struct Row {
  const char* name;
  Cost cost;
};

/// Σⱼ (yⱼ − aⱼ)⁴ / 4, averaged: a cost that nobody has derived equations for.
Tensor fourth_power(const Tensor& output, const Tensor& target) {
  return mean(sum(square(square(output - target)), 1)) / 4;
}

const Row rows[] = {
    {"quadratic (6)", quadratic_cost},
    {"cross-entropy (63)", cross_entropy},
    {"Σⱼ (yⱼ − aⱼ)⁴ / 4", fourth_power},
    {"Huber, delta 0.3", [](const Tensor& a, const Tensor& y) { return huber(a, y, 0.3); }}};

constexpr double lambda = 0.1;

/// What (87) adds to the cost: it looks at the weights, past the outputs.
Tensor weight_penalty(const Network& network) {
  Tensor sum_of_squares = 0;
  for (std::size_t l = 2; l <= network.layers(); ++l) sum_of_squares += sum(square(network.w[l]));
  return lambda / 2 * sum_of_squares;
}

/// The gradients of weight_penalty, in the order of parameters(): λw, and nothing for biases.
Tensors weight_penalty_gradients(const Network& network) {
  Tensors all;
  for (std::size_t l = 2; l <= network.layers(); ++l) {
    all.insert(all.end(), {lambda * network.w[l], zeros_like(network.b[l])});
  }
  return all;
}

/// Costs that are no functions of the outputs alone.
void break_it(program::Run& run, const Network& network, const Pass& pass, const Examples& examples) {
  const Tensor plain = cost_of(quadratic_cost, pass, examples.y);
  const Tensor with_penalty = plain + weight_penalty(network);
  const Tensor with_sparsity = plain + mean(square(pass.a[2]));
  const auto equations = [&](const Tensor& cost) {
    return backpropagate(network, pass, slope_by_output(cost, pass)).gradients;
  };
  const auto automatic = [&](const Tensor& cost) { return gradients(cost, network.parameters()); };

  run.say("Where the cost is no function of aᴸ, ∇ₐC does not say all:");
  run.say(
      "{:<51}{:>10.1e}", "  quadratic + λ/2 Σw²",
      relative_difference(equations(with_penalty), automatic(with_penalty)));
  Tensors repaired = equations(with_penalty);
  const Tensors added = weight_penalty_gradients(network);
  for (std::size_t i = 0; i < added.size(); ++i) repaired[i] = repaired[i] + added[i];
  run.say(
      "{:<51}{:>10.1e}", "  the same, λw added outside as in (88)",
      relative_difference(repaired, automatic(with_penalty)));
  run.say(
      "{:<51}{:>10.1e}", "  quadratic + mean of (a²)² of the hidden layer",
      relative_difference(equations(with_sparsity), automatic(with_sparsity)));
}

}  // namespace

const Experiment assumption_2{
    .name = "assumption-2",
    .description = "four costs, one backward pass: only ∇ₐC changes; an L2 penalty is no function of the outputs",
    .published = "needed by the derivation: C is a function of aᴸ",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Network network({20, 12, 8, 5});
          const Examples examples = random_examples(network, 6);
          const Pass pass = forward(network, examples.x);
          run.say("20-12-8-5, six examples: BP1 to BP4 are given ∇ₐC and the network, never the cost");
          run.say("{:<34}{:>27}", "cost", "|BP − automatic|, relative");
          double worst = 0;
          for (const Row& row : rows) {
            const Tensor cost = cost_of(row.cost, pass, examples.y);
            const Tensors by_book = backpropagate(network, pass, slope_by_output(cost, pass)).gradients;
            const double difference = relative_difference(by_book, gradients(cost, network.parameters()));
            run.say("{:<51}{:>10.1e}", row.name, difference);
            worst = worse(worst, difference);
          }
          run.say("Where it is 0, automatic differentiation has built the very same products.");
          break_it(run, network, pass, examples);
          run.summary(
              {.quantity = "largest difference of four costs that are functions of the outputs",
               .measured = worst,
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter2
