#pragma once

#include <gradus/gradus.h>

// The parity of bits, 1 where an odd number of them is 1, by networks built by hand. Neurons fire, 1, where their
// weighted input is above 0; every one of these stays at least 1/2 away from 0.
namespace chapter5 {

using namespace gradus;

/// Every input of `bits` bits, one a row, counting up: [2^bits, bits] in float64.
Tensor all_inputs(Index bits);
/// [n, bits] → [n, 1].
Tensor parity(const Tensor& inputs);

/// One hidden layer of ANDs, one for each odd input, and an OR of them.
FeedForward ands_and_or(Index bits);
/// One hidden layer whose k-th neuron fires if at least k bits are 1; the output counts them with alternating signs.
FeedForward counting(Index bits);
/// A tree of XORs of two bits, each of an OR, a NAND and an AND: two layers a level. Odd ones out are handed on.
FeedForward tree_of_xors(Index bits);

/// The same network of sigmoid neurons, with weights and biases so large that they hardly differ from steps.
FeedForward with_sigmoids(const FeedForward& network);

/// Without the inputs.
Index neurons_of(const FeedForward& network);
Index layers_of(const FeedForward& network);

}  // namespace chapter5
