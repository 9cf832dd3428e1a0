#pragma once

#include <string>
#include <vector>

#include <gradus/gradus.h>

// The networks of chapter 6, layer by layer as network3.py has them.
namespace chapter6 {

using namespace gradus;

enum class Activation { sigmoid, tanh, relu };

Tensor activated(Activation activation, const Tensor& z);
std::string name_of(Activation activation);

/// What a network starts with. Weights and biases of the softmax layer start at 0 in both.
enum class Start {
  /// Weights N(0, 1/n_out), for a convolution n_out = filters · 25/4, and biases N(0, 1): a mistake that the author
  /// admitted in 2016, for it is n_in that keeps weighted inputs near 1.
  book,
  /// Weights N(0, 1/n_in), or N(0, 2/n_in) for rectified linear neurons, and biases 0.
  right,
};

struct Architecture {
  std::vector<Index> filters = {};  ///< of 5 × 5, in each convolutional-pooling layer
  std::vector<Index> neurons = {};  ///< in each fully connected layer
  Activation activation = Activation::sigmoid;
  double dropout = 0;   ///< of the inputs of fully connected layers and of the softmax layer
  bool pooling = true;  ///< false: a stride of 2 makes the maps as small
};

/// Architecture A of the book is {784, 100, 10}, B has a convolutional-pooling layer in front, C two.
class Network {
 public:
  /// Parameters are drawn from the program's generator; `name` comes in front of theirs.
  explicit Network(const Architecture& architecture, Start start = Start::book, const std::string& name = "");

  /// The softmax layer's weighted inputs, [n, 784] → [n, 10]. In training entries are dropped out, other ones at every
  /// call and in every layer. (network3.py draws the masks of layers of equal size from equal seeds, so that they are
  /// the same: a defect, which is not repeated here.)
  Tensor logits(const Tensor& images, const DropoutOptions& use = {.training = false}) const;

  const std::vector<Convolution2d>& convolutions() const { return convolutions_; }
  /// Of every layer, from the images on; the softmax layer is the last.
  Parameters weights() const;
  /// weights and biases of layer after layer.
  Parameters parameters() const;
  Index parameter_count() const;

 private:
  struct FullyConnected {
    Parameter weights, biases;
  };

  void add_convolutions(Start start, const std::string& name);
  void add_fully_connected(Start start, const std::string& name);

  Architecture architecture_;
  std::vector<Convolution2d> convolutions_;
  std::vector<FullyConnected> fully_connected_;  ///< the softmax layer is the last
};

/// The log-likelihood (80) of the softmax layer; watched without dropout.
Objective objective(const Network& network);

}  // namespace chapter6
