#include <gradus/optim/early_stopping.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include <fmt/format.h>

#include <gradus/graph/error.h>

namespace gradus {

namespace {

void require_epochs(Index epochs, std::string_view whose) {
  if (epochs < 1) throw ValueError(fmt::format("{}: {} epochs are given, but it needs at least 1", whose, epochs));
}

void require_threshold(double alpha, std::string_view whose) {
  if (!(alpha >= 0)) throw ValueError(fmt::format("{}: alpha is {}; it must be at least 0", whose, alpha));
}

// NaN passes: a cost that has overflowed is no mistake of the caller's.
void require_error(double error, std::string_view whose) {
  if (error < 0) throw ValueError(fmt::format("{}: the error {} is below 0; give it a cost", whose, error));
}

void require_fraction(double fraction, std::string_view what) {
  if (fraction > 0 && fraction < 1) return;
  throw ValueError(fmt::format("plateau decay: {} is {}; it must lie between 0 and 1", what, fraction));
}

}  // namespace

bool Best::improves(double figure) {
  ++epochs_;
  const bool better = better_ == Better::higher ? figure > figure_ : figure < figure_;
  if (std::isnan(figure) || (epoch_ >= 0 && !better)) return false;
  figure_ = figure;
  epoch_ = epochs_ - 1;
  return true;
}

NoImprovement::NoImprovement(Index epochs, Better better) : epochs_(epochs), best_(better) {
  require_epochs(epochs, "no improvement");
}

bool NoImprovement::stops_after(double figure) {
  best_.improves(figure);
  return best_.epochs_since() >= epochs_;
}

GeneralizationLoss::GeneralizationLoss(double alpha) : alpha_(alpha) {
  require_threshold(alpha, "generalization loss");
}

bool GeneralizationLoss::stops_after(double evaluation_error) {
  require_error(evaluation_error, "generalization loss");
  loss_ = best_.improves(evaluation_error) || evaluation_error == best_.figure()
              ? 0
              : 100 * (evaluation_error / best_.figure() - 1);
  return loss_ > alpha_;
}

ProgressQuotient::ProgressQuotient(double alpha, Index strip)
    : alpha_(alpha), strip_(static_cast<std::size_t>(strip)), loss_(alpha) {
  require_threshold(alpha, "progress quotient");
  require_epochs(strip, "progress quotient");
}

bool ProgressQuotient::stops_after(double training_error, double evaluation_error) {
  require_error(training_error, "progress quotient");
  loss_.stops_after(evaluation_error);
  training_errors_.push_back(training_error);
  if (training_errors_.size() < strip_) return false;
  const double sum = std::accumulate(training_errors_.begin(), training_errors_.end(), 0.0);
  const double least = *std::min_element(training_errors_.begin(), training_errors_.end());
  progress_ = sum > 0 ? 1000 * (sum / (static_cast<double>(strip_) * least) - 1) : 0;
  training_errors_.clear();
  return loss_.loss() > alpha_ * progress_;
}

PlateauDecay::PlateauDecay(const PlateauDecayOptions& options)
    : options_(options), learning_rate_(options.learning_rate), best_(options.better) {
  if (!std::isfinite(options.learning_rate)) {
    throw ValueError(fmt::format("plateau decay: the learning rate {} is not finite", options.learning_rate));
  }
  require_epochs(options.epochs, "plateau decay");
  require_fraction(options.factor, "factor");
  require_fraction(options.stop_at, "stop_at");
}

bool PlateauDecay::stops_after(double figure) {
  waited_ = best_.improves(figure) ? 0 : waited_ + 1;
  if (waited_ >= options_.epochs) {
    learning_rate_ *= options_.factor;
    waited_ = 0;
  }
  return std::abs(learning_rate_) <= std::abs(options_.learning_rate) * options_.stop_at;
}

State Best::state() {
  State state;
  state.add("figure", figure_);
  state.add("epoch", epoch_);
  state.add("epochs", epochs_);
  return state;
}

State NoImprovement::state() {
  State state;
  state.add("best", best_.state());
  return state;
}

State GeneralizationLoss::state() {
  State state;
  state.add("loss", loss_);
  state.add("best", best_.state());
  return state;
}

State ProgressQuotient::state() {
  State state;
  state.add("generalization", loss_.state());
  state.add("progress", progress_);
  state.add("training_errors", training_errors_);
  return state;
}

State PlateauDecay::state() {
  State state;
  state.add("learning_rate", learning_rate_);
  state.add("waited", waited_);
  state.add("best", best_.state());
  return state;
}

}  // namespace gradus
