#include <program/training.h>

#include "experiments.h"

int main(int argc, char** argv) {
  using namespace chapter3;
  return program::run_program(
      argc, argv,
      {.name = "chapter3",
       .title = "Nielsen, \"Neural Networks and Deep Learning\", chapter 3: improving the way neural networks learn",
       .experiments =
           {l1, dropout_half, max_norm_limit, voting, expanding_data, large_rotations, extrapolation, zero_against_one,
            random_search_table, early_stopping, early_stopping_smoother, halving, learning_rate_schedules, momentum,
            tanh_neurons, relu_neurons, activation_functions, network2_file, gradient_sizes},
       .options = program::training_options()});
}
