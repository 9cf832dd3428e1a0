// The exercise "Backpropagation with a single modified neuron": one neuron puts out f(z) where the others put out σ(z).
// In the equations f′ takes the place of σ′ at that neuron, and nothing else changes.
#include "experiments.h"
#include "network.h"

namespace chapter2 {

namespace {

struct Row {
  const char* name;
  Tensor (*f)(const Tensor& z);
  Tensor (*slope)(const Tensor& z);
};

const Row rows[] = {
    {"tanh z", [](const Tensor& z) { return tanh(z); }, [](const Tensor& z) { return tanh_prime(z); }},
    {"z", [](const Tensor& z) { return z; }, [](const Tensor& z) { return ones_like(z); }},
    {"ln(1 + e^z)", [](const Tensor& z) { return softplus(z); }, [](const Tensor& z) { return sigmoid(z); }},
    {"z²", [](const Tensor& z) { return square(z); }, [](const Tensor& z) { return 2 * z; }},
    {"sin z", [](const Tensor& z) { return sin(z); }, [](const Tensor& z) { return cos(z); }},
    {"e^z", [](const Tensor& z) { return exp(z); }, [](const Tensor& z) { return exp(z); }},
};

constexpr std::size_t odd_layer = 2;
constexpr std::int32_t odd_neuron = 1;

/// `odd(z)` at one neuron of one layer, `usual(z)` everywhere else.
Tensor all_but_one(const Tensor& z, std::size_t layer, const Tensor& usual, const Tensor& odd) {
  if (layer != odd_layer) return usual;
  const Tensor is_odd = equal(iota(z.size(0)), odd_neuron);
  return where(expand(is_odd, 1), odd, usual);
}

Neurons neurons_with(const Row& row, bool with_its_slope) {
  return {
      .f = [&row](const Tensor& z, std::size_t l) { return all_but_one(z, l, sigmoid(z), row.f(z)); },
      .slope =
          [&row, with_its_slope](const Tensor& z, std::size_t l) {
            const Tensor odd = with_its_slope ? row.slope(z) : sigmoid_prime(z);
            return all_but_one(z, l, sigmoid_prime(z), odd);
          }};
}

/// Whether automatic derivatives agree with differences of the cost, (46).
bool differences_agree(const Network& network, const Examples& examples, const Neurons& neurons) {
  const auto cost = [&](const Tensors& parameters) {
    Network moved = network;
    for (std::size_t l = 2; l <= moved.layers(); ++l) {
      moved.w[l] = parameters[2 * (l - 2)];
      moved.b[l] = parameters[2 * (l - 2) + 1];
    }
    return cost_of(quadratic_cost, forward(moved, examples.x, neurons), examples.y);
  };
  return gradient_check(cost, network.parameters(), {.order = 1}).passed;
}

}  // namespace

const Experiment one_odd_neuron{
    .name = "one-odd-neuron",
    .description = "one neuron computes tanh, z, ln(1 + e^z), z², sin or exp instead of σ: f′ takes the place of σ′",
    .published = "an exercise: how to modify backpropagation?",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Network network({4, 5, 3, 2});
          const Examples examples = random_examples(network, 8);
          run.say(
              "4-5-3-2, neuron {} of layer {} computes f(z): |BP − automatic|, relative", odd_neuron + 1, odd_layer);
          run.say("f(z)          with f′(z) there   with σ′(z) left there   differences of the cost");
          double worst = 0;
          for (const Row& row : rows) {
            const Neurons right = neurons_with(row, true), forgotten = neurons_with(row, false);
            const Pass pass = forward(network, examples.x, right);
            const Tensor cost = cost_of(quadratic_cost, pass, examples.y), cost_slope = slope_by_output(cost, pass);
            const Tensors automatic = gradients(cost, network.parameters());
            const double off =
                relative_difference(backpropagate(network, pass, cost_slope, right).gradients, automatic);
            const double off_if_forgotten =
                relative_difference(backpropagate(network, pass, cost_slope, forgotten).gradients, automatic);
            const bool agree = differences_agree(network, examples, right);
            run.say("{:<12}{:>18.1e}{:>24.1e}{:>26}", row.name, off, off_if_forgotten, agree ? "agree" : "DISAGREE");
            worst = worse(worst, agree ? off : 1.0);
          }
          run.summary(
              {.quantity = "largest difference with f′ at the odd neuron",
               .measured = worst,
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter2
