#pragma once

#include <program/program.h>

// What chapter 3 of the book does, says or asks, each in a file of its own.
namespace chapter3 {

using program::Experiment;

extern const Experiment saturation_quadratic, saturation_quadratic_bad_start;
extern const Experiment saturation_cross_entropy, saturation_cross_entropy_bad_start, saturation_book_bug;
extern const Experiment cross_entropy_30, cross_entropy_100;

extern const Experiment overfitting, overfitting_regularized, overfitting_full, overfitting_full_regularized;
extern const Experiment regularized_100, regularized_100_tuned;
extern const Experiment initialization_30, initialization_100;
extern const Experiment broken, broken_stripped, broken_lambda, broken_learning_rate_up, broken_learning_rate_down;
extern const Experiment three_learning_rates, learning_rate_by_decades, mini_batch_size;

extern const Experiment more_data, more_data_svm;

}  // namespace chapter3
