#pragma once

#include <program/program.h>

// What chapter 1 of the book does, says or asks, each in a file of its own.
namespace chapter1 {

using program::Experiment;

extern const Experiment demo;
extern const Experiment sgd_30, sgd_100, sgd_100_slow, sgd_30_wild, sgd_no_hidden, online, four_outputs;
extern const Experiment perceptron, nand, half_adder, perceptron_limit;
extern const Experiment ten_to_four, dot_product, matrix_form, darkness;
extern const Experiment tangent, steepest_descent, one_over_2n;

}  // namespace chapter1
