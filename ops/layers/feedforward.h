#pragma once

#include <functional>
#include <vector>

#include <gradus/graph/parameter.h>
#include <gradus/ops/random.h>

namespace gradus {

struct FeedForwardOptions {
  /// What a parameter of this shape starts with, of the dtype in the options: any of optim/initializers.h, for one. It
  /// is asked layer by layer, for weights [inputs, outputs] and then for biases [outputs].
  using Initializer = std::function<Tensor(const Shape&, const DrawOptions&, Where)>;
  using Activation = std::function<Tensor(const Tensor& weighted_inputs)>;

  Initializer initializer = {};  ///< must be given where there are no parameters yet
  Activation activation = {};    ///< f; none: sigmoid
  Activation output = {};        ///< f of the last layer, where it is another one
  Dtype dtype = Dtype::float32;
};

/// Layers of neurons of which each sees all of the layer before: a' = f(a w + b), the book's (22) and (25) with the
/// examples in rows.
///
///     FeedForward network({784, 30, 10}, {.initializer = initializers::book_new});
///     Sgd optimizer(network.parameters(), {.learning_rate = 0.5});
///     optimizer.step(cross_entropy_with_logits(network.logits(images), one_hot(labels, 10)));
class FeedForward {
 public:
  /// z and a of one layer: weighted inputs and activations, [n, neurons].
  struct Layer {
    Tensor z, a;
  };

  /// `sizes` counts the inputs first: {784, 30, 10} has two layers of neurons. Parameters are named w1, b1, w2, b2, ….
  /// Throws ValueError unless there are at least two sizes, all of them positive, and an initialiser, and ShapeError or
  /// DtypeError where that gives something else than it was asked for.
  FeedForward(const std::vector<Index>& sizes, const FeedForwardOptions& options, Where where = Where::current());
  /// Of parameters that are there already, of a loaded file for instance: weights [inputs, outputs] and biases
  /// [outputs] of one layer after another. Throws ShapeError where they do not follow each other.
  FeedForward(
      Parameters weights, Parameters biases, const FeedForwardOptions& options = {}, Where where = Where::current());

  /// The output for `a`, [n, inputs] → [n, outputs].
  Tensor operator()(const Tensor& a) const { return layers(a).back().a; }
  /// The last layer's weighted inputs zᴸ, for the costs that start from them.
  Tensor logits(const Tensor& a) const { return layers(a).back().z; }
  /// Every layer's z and a.
  std::vector<Layer> layers(const Tensor& a) const;

  const Parameters& weights() const { return weights_; }
  const Parameters& biases() const { return biases_; }
  /// w1, b1, w2, b2, …
  Parameters parameters() const;

 private:
  Parameters weights_, biases_;
  FeedForwardOptions::Activation activation_, output_;
};

}  // namespace gradus
