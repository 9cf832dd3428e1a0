#include "experiments.h"

int main(int argc, char** argv) {
  using namespace chapter3;
  return program::run_program(
      argc, argv,
      {.name = "chapter3",
       .title = "Nielsen, \"Neural Networks and Deep Learning\", chapter 3: improving the way neural networks learn",
       .experiments = {
           sigmoid_derivatives,
           cross_entropy_gradient,
           swapped_roles,
           binary_entropy,
           output_errors,
           linear_outputs,
           learning_rate_sixth,
           cross_entropy_derivation,
           why_x_stays,
           softmax_sliders,
           sigmoids_do_not_sum_to_one,
           softmax_jacobian,
           softmax_inverse,
           log_likelihood_gradient,
           softmax_constant,
           polynomial,
           l1_against_l2,
           initialization_deviation,
           weight_decay_half_lives,
           naive_cost_nan,
           learning_rate_by_gradient,
           lambda_by_gradient,
           batch_versus_online,
           hessian_technique,
           momentum_extremes,
           tanh_identity,
           false_minima,
           misleading_gradient,
           pca_limitations}});
}
