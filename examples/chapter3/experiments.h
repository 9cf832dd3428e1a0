#pragma once

#include <program/program.h>

// What chapter 3 of the book does, says or asks, each in a file of its own or with what stands on the same page.
namespace chapter3 {

using program::Experiment;

extern const Experiment saturation_quadratic, saturation_quadratic_bad_start;
extern const Experiment saturation_cross_entropy, saturation_cross_entropy_bad_start, saturation_book_bug;
extern const Experiment sigmoid_derivatives, cross_entropy_gradient, swapped_roles, binary_entropy;
extern const Experiment output_errors, linear_outputs, cross_entropy_30, cross_entropy_100, learning_rate_sixth;
extern const Experiment cross_entropy_derivation, why_x_stays, naive_cost_nan;

extern const Experiment softmax_sliders, sigmoids_do_not_sum_to_one, softmax_jacobian, softmax_inverse;
extern const Experiment log_likelihood_gradient, softmax_constant;

extern const Experiment overfitting, overfitting_regularized, overfitting_full, overfitting_full_regularized;
extern const Experiment regularized_100, regularized_100_tuned, polynomial;
extern const Experiment l1_regularization, l1_against_l2, dropout_half, max_norm_limit, voting, expanding_data,
    large_rotations;
extern const Experiment more_data, more_data_svm, extrapolation;

extern const Experiment initialization_deviation, initialization_30, initialization_100, weight_decay_half_lives;

extern const Experiment broken, broken_stripped, broken_lambda, broken_learning_rate_up, broken_learning_rate_down;
extern const Experiment zero_against_one, three_learning_rates, learning_rate_by_decades, mini_batch_size;
extern const Experiment early_stopping, early_stopping_smoother, halving, learning_rate_schedules;
extern const Experiment random_search_table, learning_rate_by_gradient, lambda_by_gradient, batch_versus_online;

extern const Experiment hessian_technique, momentum_descent, momentum_extremes;
extern const Experiment tanh_identity, tanh_neurons, relu_neurons, activation_functions;
extern const Experiment network2_file, gradient_sizes, false_minima, misleading_gradient, pca_limitations;

}  // namespace chapter3
