#pragma once

#include <program/program.h>

// What chapter 3 of the book does, says or asks, each in a file of its own or with what stands on the same page.
namespace chapter3 {

using program::Experiment;

extern const Experiment l1, dropout_half, max_norm_limit, voting, expanding_data, large_rotations, extrapolation;
extern const Experiment zero_against_one, random_search_table, early_stopping, early_stopping_smoother, halving,
    learning_rate_schedules;
extern const Experiment momentum, tanh_neurons, relu_neurons, activation_functions;
extern const Experiment network2_file, gradient_sizes;

}  // namespace chapter3
