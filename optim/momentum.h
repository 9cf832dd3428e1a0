#pragma once

#include <gradus/optim/optimizer.h>

namespace gradus {

struct MomentumOptions {
  LearningRate learning_rate;  ///< the book's η: a number or a schedule; must be given
  /// The book's μ, a number or a schedule: 1 − μ is the friction. At 0 nothing is remembered, at 1 nothing slows down.
  ScheduledNumber momentum = 0.9;
  Regularization regularization = {};  ///< weight decay (93), (97), and the limit of max-norm
};

/// Momentum-based gradient descent: v → μv − η ∂C/∂w, w → w + v, the book's (107) and (108). The velocities are states
/// that start at 0. Under a steady gradient w moves 1/(1 − μ) times as fast as without momentum.
///
///     Momentum optimizer({w1, b1, w2, b2}, {.learning_rate = 0.1, .momentum = 0.9});
class Momentum final : public Optimizer {
 public:
  /// Throws ValueError unless η and μ are finite. Any finite μ is taken: below 0 and from 1 on it does what the book's
  /// exercise asks about.
  Momentum(Parameters parameters, MomentumOptions options, Where where = Where::current());

 private:
  Tensors update(Index i, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const override;
  bool is_same_at_every_step() const override { return true; }
};

/// Nesterov's accelerated gradient: (107) and (108) with the gradient at w + μv, where the velocity is about to carry
/// w: v → μv − η ∂C/∂w(w + μv), w → w + v. The parameters hold that point ahead, w + μv, so that a cost is built from
/// them as ever; the two are the same wherever the velocity is 0. I. Sutskever et al., "On the importance of
/// initialization and momentum in deep learning", 2013.
class Nesterov final : public Optimizer {
 public:
  /// Throws as Momentum does. A schedule of μ is asked for one step ahead.
  Nesterov(Parameters parameters, MomentumOptions options, Where where = Where::current());

 private:
  Tensors update(Index i, const Tensor& parameter, const Tensor& gradient, const StepNumbers& numbers) const override;
  bool is_same_at_every_step() const override { return true; }
};

}  // namespace gradus
