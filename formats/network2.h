#pragma once

#include <string>

#include <gradus/graph/parameter.h>

/// Files of network2.py, the program of chapter 3 of the book: a network trained with it loads here, and the other way
/// round. A file is one JSON object: "sizes" [784, 30, 10], the neurons of each layer; "weights", for each layer but
/// the first a matrix as a list of rows, one row a receiving neuron; "biases", for each a list of lists of one number;
/// "cost", the name of a class. M. Nielsen, neural-networks-and-deep-learning, src/network2.py, Network.save and load.
namespace gradus::network2 {

enum class Cost { cross_entropy, quadratic };  ///< "CrossEntropyCost" and "QuadraticCost"

/// A network of sigmoid layers: a ← σ(a W + b) for each, with a [examples, inputs].
struct Model {
  Parameters weights;  ///< [inputs, outputs], the transpose of the book's
  Parameters biases;   ///< [outputs]
  Cost cost = Cost::cross_entropy;
};

/// Reads a file; parameters are named after their place in it ("weights[0]"). In float64 they are its numbers to the
/// bit, in float32 the nearest. Throws DataError, with the file, the key, the place and what was expected there, unless
/// it holds one whole network; DtypeError on another dtype.
Model load(const std::string& path, Dtype dtype = Dtype::float32);

/// Writes a file that network2.load reads to the same numbers, to the bit. Throws ShapeError unless there are weights
/// and biases of layers that follow each other, ValueError where an entry is not finite (JSON has no word for it),
/// DtypeError unless parameters are floating, DataError where the file cannot be written.
void save(const std::string& path, const Model& model);

}  // namespace gradus::network2
