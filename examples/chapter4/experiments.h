#pragma once

#include <program/program.h>

// What chapter 4 of the book does, says or asks.
namespace chapter4 {

using program::Experiment;

extern const Experiment one_neuron, two_steps, bump, two_bumps, five_bumps;
extern const Experiment target_function, error_against_n, half_step_borders, choose_epsilon;
extern const Experiment failure_window, failure_window_cure;
extern const Experiment two_inputs, two_towers, many_towers, three_inputs, m_inputs;
extern const Experiment single_hidden_layer, learned_target;
extern const Experiment other_activation, rectified_linear, linear, vector_valued, discontinuous_target;

}  // namespace chapter4
