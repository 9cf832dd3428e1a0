#include <program/training.h>

#include "experiments.h"

int main(int argc, char** argv) {
  using namespace chapter5;
  return program::run_program(
      argc, argv,
      {.name = "chapter5",
       .title =
           "Nielsen, \"Neural Networks and Deep Learning\", chapter 5: why are deep neural networks hard to train?",
       .experiments = {hidden_1,        hidden_2,        hidden_3,
                       hidden_4,        depth,           first_neurons,
                       speeds_at_start, speeds_2,        speeds_3,
                       speeds_4,        chain_factors,   vanishing_chain,
                       exploding_chain, exploding_width, identity_neuron,
                       matrix_product,  larger_slope,    initialization_contradiction,
                       why_deep,        deep_sawtooth,   parity_training},
       .options = program::training_options()});
}
