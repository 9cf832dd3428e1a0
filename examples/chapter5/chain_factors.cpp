// (122): the gradient at the first neuron of a chain is a product with a factor for every later neuron. A reader marked
// this as the core of the matter; here every factor is shown, and the change ΔC that the book follows along the chain.
#include "chain.h"
#include "experiments.h"

namespace chapter5 {

namespace {

/// A single chain as random_chains draws it, whose entries are printed.
void show_factors(program::Run& run, const Chain& chain, const ChainPass& pass, const Tensor& y) {
  const Tensors along = factors(chain, pass), by_bias = gradients(cost(pass, y), chain.b);
  run.say("  j       w_j       b_j       z_j   σ′(z_j)   w_jσ′(z_j)        ∂C/∂b_j");
  for (std::size_t j = 0; j < chain.w.size(); ++j) {
    run.say(
        "{:3}{:10.4f}{:10.4f}{:10.4f}{:10.4f}{:>13}{:15.3e}", j + 1, chain.w[j].item(), chain.b[j].item(),
        pass.z[j].item(), sigmoid_prime(pass.z[j]).item(), j == 0 ? "" : fmt::format("{:.4f}", along[j - 1].item()),
        by_bias[j].item());
  }
  run.say("∂C/∂a of the last neuron: {:.6f}", (pass.a.back() - y).item());
  run.say("∂C/∂b₁ as the product (122): {:.15e}", product_along(chain, pass, y).item());
  run.say("∂C/∂b₁ by autodiff:          {:.15e}", by_bias.front().item());
}

/// (114) to (121): a small change of b₁ becomes one of a₁, of z₂, and so on.
void follow_change(program::Run& run, const Chain& chain, const ChainPass& pass, const Tensor& input) {
  const double change = 1e-3;
  Chain changed = chain;
  changed.b.front() = chain.b.front() + change;
  const ChainPass after = forward(changed, input);
  run.say("b₁ grows by {:g}:", change);
  run.say("  j   Δz_j predicted      measured   Δa_j predicted      measured");
  Tensor of_z = change;
  for (std::size_t j = 0; j < chain.w.size(); ++j) {
    const Tensor of_a = sigmoid_prime(pass.z[j]) * of_z;
    run.say(
        "{:3}{:17.6e}{:14.6e}{:17.6e}{:14.6e}", j + 1, of_z.item(), (after.z[j] - pass.z[j]).item(), of_a.item(),
        (after.a[j] - pass.a[j]).item());
    if (j + 1 < chain.w.size()) of_z = chain.w[j + 1] * of_a;
  }
}

}  // namespace

const Experiment chain_factors{
    .name = "chain-factors",
    .description = "four neurons in a chain: every factor w_jσ′(z_j) of (122) beside autodiff's ∂C/∂b₁",
    .published = "∂C/∂b₁ = σ′(z₁) w₂σ′(z₂) w₃σ′(z₃) w₄σ′(z₄) ∂C/∂a₄",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor input = number(0.5, Dtype::float64), y = number(0, Dtype::float64);
          const Chain one = random_chains(4, 1);
          run.draw("chain", {cost(forward(one, input), y).named("C")});
          const ChainPass pass = forward(one, input);
          show_factors(run, one, pass, y);
          follow_change(run, one, pass, input);

          const Index count = 1000;
          const Chain many = random_chains(4, count);
          const ChainPass passes = forward(many, input);
          const Tensor by_autodiff = gradients(cost(passes, y), {many.b.front()})[0];
          const Tensor difference = absolute(product_along(many, passes, y) / by_autodiff - 1);
          run.say("The same for {} chains with weights and biases from N(0, 1):", count);
          run.summary(
              {.quantity = "largest relative difference between (122) and autodiff",
               .measured = max(difference).item(),
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter5
