#pragma once

#include <program/program.h>

// What chapter 6 of the book does, says or asks. Names of the trainings are those of the functions of its conv.py.
namespace chapter6 {

using program::Experiment;

extern const Experiment shallow, shallow_right, basic_conv, basic_conv_right, omit_fc, omit_fc_right;
extern const Experiment dbl_conv, dbl_conv_right, dbl_conv_tanh, dbl_conv_tanh_right, dbl_conv_relu,
    dbl_conv_relu_right;
extern const Experiment expanded_data, expanded_data_right, expanded_data_300, expanded_data_300_right;
extern const Experiment expanded_data_1000, expanded_data_1000_right;
extern const Experiment double_fc, double_fc_right, double_fc_300, double_fc_300_right;
extern const Experiment double_fc_1000, double_fc_1000_right;
extern const Experiment double_fc_dropout, double_fc_dropout_right;
extern const Experiment ensemble, ensemble_right, ensemble_small;
extern const Experiment regularized_dbl_conv, tanh_against_sigmoid;
extern const Experiment parameter_counts, equal_parameters, shifts, gradient_sizes, flipped_kernel, scaled_weights;
extern const Experiment backpropagation;

}  // namespace chapter6
