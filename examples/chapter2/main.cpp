#include "experiments.h"

int main(int argc, char** argv) {
  using namespace chapter2;
  return program::run_program(
      argc, argv,
      {.name = "chapter2",
       .title = "Nielsen, \"Neural Networks and Deep Learning\", chapter 2: how the backpropagation algorithm works",
       .experiments = {
           equations, assumption_1, assumption_2, hadamard, one_odd_neuron, linear_network, batch_against_per_sample,
           finite_differences}});
}
