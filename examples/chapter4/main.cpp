#include "experiments.h"

int main(int argc, char** argv) {
  using namespace chapter4;
  return program::run_program(
      argc, argv,
      {.name = "chapter4",
       .title =
           "Nielsen, \"Neural Networks and Deep Learning\", chapter 4: a visual proof that neural nets can compute "
           "any function",
       .experiments = {
           one_neuron,
           two_steps,
           bump,
           two_bumps,
           five_bumps,
           target_function,
           error_against_n,
           half_step_borders,
           choose_epsilon,
           failure_window,
           failure_window_cure,
           two_inputs,
           two_towers,
           many_towers,
           three_inputs,
           m_inputs,
           single_hidden_layer,
           vector_valued,
           other_activation,
           rectified_linear,
           linear,
           discontinuous_target,
           learned_target}});
}
