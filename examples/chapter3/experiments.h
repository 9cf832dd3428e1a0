#pragma once

#include <program/program.h>

// What chapter 3 of the book does, says or asks, each in a file of its own.
namespace chapter3 {

using program::Experiment;

extern const Experiment sigmoid_derivatives, cross_entropy_gradient, swapped_roles, binary_entropy;
extern const Experiment output_errors, linear_outputs, learning_rate_sixth, cross_entropy_derivation, why_x_stays;
extern const Experiment softmax_sliders, sigmoids_do_not_sum_to_one, softmax_jacobian, softmax_inverse;
extern const Experiment log_likelihood_gradient, softmax_constant;
extern const Experiment polynomial, l1_against_l2, initialization_deviation, weight_decay_half_lives;
extern const Experiment naive_cost_nan, learning_rate_by_gradient, lambda_by_gradient, batch_versus_online;
extern const Experiment hessian_technique, momentum_extremes, tanh_identity;
extern const Experiment false_minima, misleading_gradient, pca_limitations;

}  // namespace chapter3
