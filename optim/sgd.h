#pragma once

#include <gradus/optim/optimizer.h>

namespace gradus {

struct SgdOptions {
  LearningRate learning_rate;          ///< the book's η: a number or a schedule; must be given
  Regularization regularization = {};  ///< weight decay (93), (97), and the limit of max-norm
};

/// Stochastic gradient descent: w → w − η ∂C/∂w, the book's (11), and, where C is an average over a mini-batch, (20)
/// and (21).
///
///     Sgd optimizer({w1, b1, w2, b2}, {.learning_rate = 3.0});
class Sgd final : public Optimizer {
 public:
  Sgd(Parameters parameters, SgdOptions options, Where where = Where::current());

 private:
  Tensors update(Index i, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const override;
  bool is_same_at_every_step() const override { return true; }
};

}  // namespace gradus
