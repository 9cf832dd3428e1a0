#include "experiments.h"

int main(int argc, char** argv) {
  using namespace chapter1;
  return program::run_program(
      argc, argv,
      {.name = "chapter1",
       .title = "Nielsen, \"Neural Networks and Deep Learning\", chapter 1: using neural nets to recognize handwritten "
                "digits",
       .experiments =
           {demo, perceptron, nand, half_adder, perceptron_limit, ten_to_four, dot_product, matrix_form, tangent,
            steepest_descent, one_over_2n, darkness, sgd_30, sgd_100, sgd_100_slow, sgd_30_wild, sgd_no_hidden, online,
            four_outputs},
       .options = {
           {.name = "learning-rate", .help = "the book's η, instead of the experiment's"},
           {.name = "batch-size", .help = "examples in a mini-batch", .whole = true, .least = 1},
           {.name = "hidden", .help = "hidden neurons", .whole = true, .least = 1}}});
}
