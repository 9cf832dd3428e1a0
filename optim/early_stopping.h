#pragma once

#include <limits>
#include <vector>

#include <gradus/graph/dtype.h>
#include <gradus/optim/state.h>

namespace gradus {

// Rules that say when to stop training. Each is told the figures of one epoch after another and answers whether to stop
// after it; epochs count from 0. What each has seen is its state(), for checkpoints.

/// Which of two figures is better: accuracies the higher, costs the lower.
enum class Better { higher, lower };

/// The best figure so far. An equal one is no better, and neither is NaN.
class Best {
 public:
  explicit Best(Better better = Better::higher) : better_(better) {}

  /// Takes the figure of the next epoch; whether it is the best so far.
  bool improves(double figure);
  /// NaN before there is one.
  double figure() const { return figure_; }
  /// −1 before there is one.
  Index epoch() const { return epoch_; }
  /// How many epochs have gone by since, or since the start.
  Index epochs_since() const { return epochs_ - 1 - epoch_; }
  State state();

 private:
  Better better_;
  double figure_ = std::numeric_limits<double>::quiet_NaN();
  Index epoch_ = -1, epochs_ = 0;
};

/// The book's no-improvement-in-n: stop once the best figure is n epochs old.
///
///     NoImprovement rule(10);
///     if (rule.stops_after(accuracy)) break;
class NoImprovement {
 public:
  /// Throws ValueError unless epochs >= 1.
  explicit NoImprovement(Index epochs, Better better = Better::higher);
  bool stops_after(double figure);
  const Best& best() const { return best_; }
  State state();

 private:
  Index epochs_;
  Best best_;
};

// L. Prechelt, "Early stopping — but when?", 1998. Errors are costs: at least 0, the lower the better (ValueError
// otherwise).

/// GL_α: stop once the evaluation error is more than α percent above its least so far,
/// GL(t) = 100 (E_va(t) / min E_va − 1) > α.
class GeneralizationLoss {
 public:
  /// `alpha` in percent. Throws ValueError unless it is at least 0.
  explicit GeneralizationLoss(double alpha);
  bool stops_after(double evaluation_error);
  /// GL of the last epoch, in percent; 0 before the first.
  double loss() const { return loss_; }
  const Best& best() const { return best_; }
  State state();

 private:
  double alpha_;
  double loss_ = 0;
  Best best_{Better::lower};
};

/// PQ_α, smoother, since it is patient while the training error still falls fast: at the end of every strip of k
/// epochs, stop if GL(t) / P_k(t) > α, where P_k(t) = 1000 (mean E_tr / min E_tr − 1) over the strip is the progress in
/// per mille.
class ProgressQuotient {
 public:
  /// Throws ValueError unless alpha is at least 0 and strip >= 1. In a strip of 1 there is no progress.
  explicit ProgressQuotient(double alpha, Index strip = 5);
  bool stops_after(double training_error, double evaluation_error);
  /// P_k of the last full strip, in per mille; 0 before the first.
  double progress() const { return progress_; }
  const Best& best() const { return loss_.best(); }
  State state();

 private:
  double alpha_;
  std::size_t strip_;
  GeneralizationLoss loss_;
  double progress_ = 0;
  std::vector<double> training_errors_;  ///< of the strip that is not full yet
};

/// Lowers a learning rate whenever the figure has not improved for some epochs. The book's exercise: halve it on
/// no-improvement-in-10, and stop when it has come down to 1/128.
///
///     PlateauDecay decay({.learning_rate = 0.5});
///     Sgd optimizer(parameters, {.learning_rate = decay.learning_rate()});
///     … if (decay.stops_after(accuracy)) break;
///     optimizer.set_learning_rate(decay.learning_rate());
struct PlateauDecayOptions {
  double learning_rate;            ///< at the start; must be given
  Index epochs = 10;               ///< without improvement, until the rate falls; from then on they count anew
  double factor = 0.5;             ///< of the rate before
  double stop_at = 1.0 / 128;      ///< of the rate at the start
  Better better = Better::higher;  ///< which figures are
};
class PlateauDecay {
 public:
  /// Throws ValueError unless the rate is finite, epochs >= 1, and factor and stop_at lie between 0 and 1.
  explicit PlateauDecay(const PlateauDecayOptions& options);
  bool stops_after(double figure);
  double learning_rate() const { return learning_rate_; }
  const Best& best() const { return best_; }
  State state();

 private:
  PlateauDecayOptions options_;
  double learning_rate_;
  Index waited_ = 0;
  Best best_;
};

}  // namespace gradus
