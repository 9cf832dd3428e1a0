#include <program/training.h>

#include "experiments.h"

int main(int argc, char** argv) {
  using namespace chapter6;
  return program::run_program(
      argc, argv,
      {.name = "chapter6",
       .title = "Nielsen, \"Neural Networks and Deep Learning\", chapter 6: deep learning",
       .experiments =
           {shallow,
            shallow_right,
            basic_conv,
            basic_conv_right,
            omit_fc,
            omit_fc_right,
            dbl_conv,
            dbl_conv_right,
            dbl_conv_tanh,
            dbl_conv_tanh_right,
            dbl_conv_relu,
            dbl_conv_relu_right,
            expanded_data,
            expanded_data_right,
            expanded_data_300,
            expanded_data_300_right,
            expanded_data_1000,
            expanded_data_1000_right,
            double_fc,
            double_fc_right,
            double_fc_300,
            double_fc_300_right,
            double_fc_1000,
            double_fc_1000_right,
            double_fc_dropout,
            double_fc_dropout_right,
            ensemble,
            ensemble_right,
            ensemble_small,
            regularized_dbl_conv,
            tanh_against_sigmoid,
            parameter_counts,
            equal_parameters,
            shifts,
            gradient_sizes,
            flipped_kernel,
            scaled_weights,
            backpropagation},
       .options = program::training_options()});
}
