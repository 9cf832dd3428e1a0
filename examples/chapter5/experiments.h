#pragma once

#include <program/program.h>

// What chapter 5 of the book does, says or asks.
namespace chapter5 {

using program::Experiment;

extern const Experiment hidden_1, hidden_2, hidden_3, hidden_4, depth;
extern const Experiment first_neurons, speeds_at_start, speeds_2, speeds_3, speeds_4;
extern const Experiment chain_factors, vanishing_chain, exploding_chain, exploding_width, identity_neuron;
extern const Experiment matrix_product, larger_slope, initialization_contradiction;
extern const Experiment why_deep, deep_sawtooth, parity_training;

}  // namespace chapter5
