#include <program/training.h>

#include "experiments.h"

int main(int argc, char** argv) {
  using namespace chapter3;
  std::vector<program::NumberOption> options = program::training_options();
  options.push_back({.name = "hidden", .help = "hidden neurons", .whole = true, .least = 1});
  return program::run_program(
      argc, argv,
      {.name = "chapter3",
       .title = "Nielsen, \"Neural Networks and Deep Learning\", chapter 3: improving the way neural networks learn",
       .experiments =
           {saturation_quadratic, saturation_quadratic_bad_start, saturation_cross_entropy,
            saturation_cross_entropy_bad_start, saturation_book_bug, cross_entropy_30, cross_entropy_100,
            //
            overfitting, overfitting_regularized, overfitting_full, overfitting_full_regularized, regularized_100,
            regularized_100_tuned,
            //
            initialization_30, initialization_100,
            //
            broken, broken_stripped, broken_lambda, broken_learning_rate_up, broken_learning_rate_down,
            three_learning_rates, learning_rate_by_decades, mini_batch_size,
            //
            more_data, more_data_svm},
       .options = options});
}
