#pragma once

#include <program/program.h>

// What chapter 2 of the book proves, claims or asks, each in a file of its own.
namespace chapter2 {

using program::Experiment;

extern const Experiment equations;
extern const Experiment assumption_1, assumption_2;
extern const Experiment hadamard, one_odd_neuron, linear_network;
extern const Experiment batch_against_per_sample, finite_differences;

}  // namespace chapter2
