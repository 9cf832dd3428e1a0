// The problem "Alternate presentation of the equations of backpropagation": s ⊙ t is a product with a diagonal matrix,
// so BP1 and BP2 are products of matrices, (33) and (34), and δ is one long product, (35).
#include <algorithm>
#include <chrono>

#include "experiments.h"
#include "network.h"

namespace chapter2 {

namespace {

/// σ′(zˡ) of one example, [n, 1], as the diagonal matrix Σ′(zˡ).
Tensor slopes_as_matrix(const Tensor& z) {
  return diagonal_matrix(squeeze(sigmoid_prime(z), 1));
}

/// (33) and (34): layer by layer.
Tensors by_diagonal_matrices(const Network& network, const Pass& pass, const Tensor& cost_slope) {
  const std::size_t last = network.layers();
  Tensors delta(last + 1);
  delta[last] = matmul(slopes_as_matrix(pass.z[last]), cost_slope);
  for (std::size_t l = last - 1; l >= 2; --l) {
    delta[l] = matmul(matmul(slopes_as_matrix(pass.z[l]), transpose(network.w[l + 1])), delta[l + 1]);
  }
  return delta;
}

/// (35): Σ′(zˡ) (wˡ⁺¹)ᵀ … Σ′(zᴸ⁻¹) (wᴸ)ᵀ Σ′(zᴸ), multiplied out before it meets ∇ₐC. What it multiplies are Jacobians,
/// so this is the chain rule in the costly order.
Tensor by_one_product(const Network& network, const Pass& pass, const Tensor& cost_slope, std::size_t l) {
  Tensor product = slopes_as_matrix(pass.z[l]);
  for (std::size_t next = l + 1; next <= network.layers(); ++next) {
    product = matmul(matmul(product, transpose(network.w[next])), slopes_as_matrix(pass.z[next]));
  }
  return matmul(product, cost_slope);
}

/// Microseconds to build and evaluate something, the least of several times.
double microseconds(const std::function<Tensor()>& build) {
  double least = 1e300;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    evaluate({build()});
    least =
        std::min(least, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  return least;
}

}  // namespace

const Experiment hadamard{
    .name = "hadamard",
    .description = "δ of every layer by ⊙, by diagonal matrices, as one product, and by automatic differentiation",
    .published = "a problem: (33) to (35) are BP1 and BP2",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Network network({6, 5, 7, 4, 3});
          const Examples example = random_examples(network, 1);
          const Pass pass = forward(network, example.x);
          const Tensor cost = cost_of(quadratic_cost, pass, example.y), cost_slope = slope_by_output(cost, pass);

          const Tensors by_hadamard = backpropagate(network, pass, cost_slope).delta;
          const Tensors by_diagonals = by_diagonal_matrices(network, pass, cost_slope);
          double worst = 0;
          run.say("6-5-7-4-3: |difference| from automatic ∂C/∂zˡ, relative");
          run.say("layer   BP1, BP2: ⊙   (33), (34): Σ′(z)   (35): one product");
          for (std::size_t l = network.layers(); l >= 2; --l) {
            const Tensors automatic = gradients(cost, {pass.z[l]});
            const double differences[] = {
                relative_difference({by_hadamard[l]}, automatic), relative_difference({by_diagonals[l]}, automatic),
                relative_difference({by_one_product(network, pass, cost_slope, l)}, automatic)};
            run.say("{:5}{:14.1e}{:20.1e}{:20.1e}", l, differences[0], differences[1], differences[2]);
            for (const double difference : differences) worst = worse(worst, difference);
          }

          const Tensor s = normal({1000, 1}), t = normal({1000, 1});
          const double with_hadamard = microseconds([&] { return s * t; });
          const double with_matrix = microseconds([&] { return matmul(diagonal_matrix(squeeze(s, 1)), t); });
          run.say(
              "A thousand neurons: s ⊙ t takes {:.1f} µs, the product with a diagonal matrix {:.0f} µs. The same "
              "numbers; which is why the book, and gradus, prefer ⊙.",
              with_hadamard, with_matrix);
          run.summary(
              {.quantity = "largest difference of the three routes",
               .measured = worst,
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter2
