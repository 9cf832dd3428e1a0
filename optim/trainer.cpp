#include <gradus/optim/trainer.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/operation.h>
#include <gradus/optim/checkpoint.h>
#include <gradus/optim/early_stopping.h>

namespace gradus {

namespace {

std::string_view name_of(Curve curve) {
  switch (curve) {
    case Curve::training_cost:
      return "training_cost";
    case Curve::training_accuracy:
      return "training_accuracy";
    case Curve::evaluation_cost:
      return "evaluation_cost";
    case Curve::evaluation_accuracy:
      break;
  }
  return "evaluation_accuracy";
}

bool is_accuracy(Curve curve) {
  return curve == Curve::training_accuracy || curve == Curve::evaluation_accuracy;
}

bool is_of_evaluation(Curve curve) {
  return curve == Curve::evaluation_cost || curve == Curve::evaluation_accuracy;
}

void require_positive(Index number, std::string_view what, Where where) {
  if (number >= 1) return;
  throw ValueError(fmt::format("{}trainer: {} is {}; it must be at least 1", at(where), what, number));
}

template <class SomeEpoch>
auto& point_of(SomeEpoch& epoch, Curve curve) {
  switch (curve) {
    case Curve::training_cost:
      return epoch.training_cost;
    case Curve::training_accuracy:
      return epoch.training_accuracy;
    case Curve::evaluation_cost:
      return epoch.evaluation_cost;
    case Curve::evaluation_accuracy:
      break;
  }
  return epoch.evaluation_accuracy;
}

/// The parameters of the best epoch so far.
class BestParameters {
 public:
  BestParameters(Optimizer& optimizer, std::optional<Curve> curve)
      : optimizer_(optimizer),
        curve_(curve),
        best_(curve && !is_accuracy(*curve) ? Better::lower : Better::higher),
        values_(curve ? optimizer.parameters().size() : 0) {
    keep();
  }

  void look_at(const Epoch& epoch) {
    if (curve_ && best_.improves(epoch.at(*curve_))) keep();
  }

  // The epoch, or none where no figure was a number.
  std::optional<Index> restore(Where where) const {
    if (best_.epoch() < 0) return std::nullopt;
    std::vector<Assignment> assignments;
    for (std::size_t i = 0; i < values_.size(); ++i) assignments.push_back({optimizer_.parameters()[i], values_[i]});
    assign(assignments, {}, where);
    return best_.epoch();
  }

  State state() {
    if (!curve_) return {};
    State state = best_.state();
    // In the order of the optimiser's, and under the same names.
    const State whole = optimizer_.state();
    std::size_t i = 0;
    for (const State::Entry& entry : whole.entries()) {
      if (i < values_.size() && entry.name.starts_with("parameters.")) state.add(entry.name, values_[i++]);
    }
    return state;
  }

 private:
  void keep() {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = optimizer_.parameters()[i].tensor().detach();
  }

  Optimizer& optimizer_;
  std::optional<Curve> curve_;
  Best best_;
  Tensors values_;  ///< before the first epoch those from the start; none if no curve says which is best
};

/// The points of the curves so far, curve by curve, as a checkpoint holds them.
class CurvePoints {
 public:
  explicit CurvePoints(const std::vector<Curve>& watched) {
    for (const Curve curve : watched) points_[curve];
  }

  void add(const Epoch& epoch) {
    learning_rates_.push_back(epoch.learning_rate);
    for (auto& [curve, points] : points_) points.push_back(epoch.at(curve));
  }

  // Epoch by epoch; throws where the file has curves that differ in length.
  std::vector<Epoch> epochs(const std::string& file) const {
    std::vector<Epoch> epochs;
    for (std::size_t i = 0; i < learning_rates_.size(); ++i) {
      epochs.push_back({.number = static_cast<Index>(i), .learning_rate = learning_rates_[i]});
    }
    for (const auto& [curve, points] : points_) {
      if (points.size() != epochs.size()) {
        throw DataError(fmt::format(
            "'{}', curves.{}: {} epochs; expected {}, as in curves.learning_rate", file, name_of(curve), points.size(),
            epochs.size()));
      }
      for (std::size_t i = 0; i < points.size(); ++i) point_of(epochs[i], curve) = points[i];
    }
    return epochs;
  }

  State state() {
    State state;
    state.add("learning_rate", learning_rates_);
    for (auto& [curve, points] : points_) state.add(std::string(name_of(curve)), points);
    return state;
  }

 private:
  std::vector<double> learning_rates_;
  std::map<Curve, std::vector<double>> points_;
};

State facts_of(const TrainerOptions& options, Index examples) {
  State facts;
  if (!options.checkpoint.run.empty()) facts.add_fact("run", options.checkpoint.run);
  facts.add_fact("seed", std::to_string(options.seed));
  facts.add_fact("batch_size", std::to_string(options.batch_size));
  facts.add_fact("examples", std::to_string(examples));
  return facts;
}

/// A training between two epochs, in memory and in its file.
class Saved {
 public:
  Saved(const TrainerOptions& options, Index examples, Optimizer& optimizer, BestParameters& best)
      : options_(options), points_(options.watch) {
    state_.add("training", facts_of(options, examples));
    state_.add("optimizer", optimizer.state());
    state_.add("curves", points_.state());
    state_.add("best", best.state());
    state_.add_generator("random");
  }
  // The state points at what is in here.
  Saved(const Saved&) = delete;
  Saved& operator=(const Saved&) = delete;

  /// What a file gives back; nothing where there is none to go on from.
  void restore(TrainingHistory& history) {
    if (!options_.checkpoint.resumes()) return;
    const std::string& file = options_.checkpoint.file;
    read_checkpoint(file, state_);
    history.epochs = points_.epochs(file);
    if (static_cast<Index>(history.epochs.size()) > options_.epochs) {
      throw DataError(fmt::format(
          "'{}' holds a training of {} epochs; expected at most {}, which are asked for", file, history.epochs.size(),
          options_.epochs));
    }
    for (const Epoch& epoch : history.epochs) {
      if (options_.on_restored_epoch) options_.on_restored_epoch(epoch);
      history.stopped = options_.stop && options_.stop(epoch);
    }
    // Once more, after the rules, which may have moved learning rates.
    read_checkpoint(file, state_);
  }

  void add(const Epoch& epoch) {
    if (options_.checkpoint.file.empty()) return;
    points_.add(epoch);
    write_checkpoint(options_.checkpoint.file, state_);
  }

 private:
  const TrainerOptions& options_;
  CurvePoints points_;
  State state_;
};

}  // namespace

bool CheckpointOptions::resumes() const {
  return resume && !file.empty() && std::filesystem::exists(file);
}

double Epoch::at(Curve curve) const {
  const std::optional<double>& point = point_of(*this, curve);
  if (point) return *point;
  throw ValueError(fmt::format("epoch: {0} is not watched; name Curve::{0} in .watch", name_of(curve)));
}

std::vector<double> TrainingHistory::curve(Curve curve) const {
  std::vector<double> points;
  for (const Epoch& epoch : epochs) points.push_back(epoch.at(curve));
  return points;
}

Trainer::Trainer(Optimizer& optimizer, Objective objective, TrainerOptions options, Where where)
    : optimizer_(&optimizer), objective_(std::move(objective)), options_(std::move(options)) {
  if (!objective_.cost) throw ValueError(gradus::at(where) + "trainer: the objective has no cost to descend");
  require_positive(options_.epochs, "epochs", where);
  require_positive(options_.batch_size, "batch_size", where);
  require_positive(options_.watched_batch_size, "watched_batch_size", where);
  if (options_.keep_best && !watches(*options_.keep_best)) options_.watch.push_back(*options_.keep_best);
  for (const Curve curve : options_.watch) {
    if (!is_accuracy(curve) || objective_.right) continue;
    throw ValueError(fmt::format(
        "{}trainer: {} is watched, but the objective does not say how many examples are right; give it .right",
        gradus::at(where), name_of(curve)));
  }
}

bool Trainer::watches(Curve curve) const {
  return std::find(options_.watch.begin(), options_.watch.end(), curve) != options_.watch.end();
}

TrainingHistory Trainer::train(
    const LabelledExamples& training, const std::optional<LabelledExamples>& evaluation, Where where) {
  check_sets(training, evaluation, where);
  TrainingHistory history;
  BestParameters best(*optimizer_, options_.keep_best);
  Saved saved(options_, training.size(), *optimizer_, best);
  saved.restore(history);
  for (auto number = static_cast<Index>(history.epochs.size()); number < options_.epochs && !history.stopped;
       ++number) {
    run_epoch(training, number);
    history.epochs.push_back(watched_epoch(training, evaluation, number));
    const Epoch& epoch = history.epochs.back();
    best.look_at(epoch);
    if (options_.on_epoch) options_.on_epoch(epoch);
    history.stopped = options_.stop && options_.stop(epoch);
    saved.add(epoch);
  }
  history.best_epoch = best.restore(where);
  return history;
}

void Trainer::check_sets(
    const LabelledExamples& training, const std::optional<LabelledExamples>& evaluation, Where where) const {
  if (training.size() == 0) throw ValueError(gradus::at(where) + "trainer: there are no training examples");
  for (const Curve curve : options_.watch) {
    if (!is_of_evaluation(curve) || (evaluation && evaluation->size() > 0)) continue;
    throw ValueError(fmt::format(
        "{}trainer: {} is watched, but there are no examples to evaluate on; give train() a second set",
        gradus::at(where), name_of(curve)));
  }
}

void Trainer::run_epoch(const LabelledExamples& training, Index number) {
  const Index batches = (training.size() + options_.batch_size - 1) / options_.batch_size;
  Index done = number * batches;
  training.visit_batches(
      {.batch_size = options_.batch_size, .seed = options_.seed + number},
      [&](const Tensor& features, const Tensor& labels) {
        last_learning_rate_ = optimizer_->learning_rate();
        optimizer_->step(objective_.cost(features, labels));
        ++done;
        if (options_.on_step) options_.on_step(done, options_.epochs * batches);
      });
}

Epoch Trainer::watched_epoch(
    const LabelledExamples& training, const std::optional<LabelledExamples>& evaluation, Index number) const {
  Epoch epoch{.number = number, .learning_rate = last_learning_rate_};
  const auto watch = [&](const LabelledExamples& examples, Curve cost, Curve accuracy, auto& costs, auto& accuracies) {
    watch_set(examples, training.size(), watches(cost) ? &costs : nullptr, watches(accuracy) ? &accuracies : nullptr);
  };
  watch(training, Curve::training_cost, Curve::training_accuracy, epoch.training_cost, epoch.training_accuracy);
  if (evaluation) {
    watch(
        *evaluation, Curve::evaluation_cost, Curve::evaluation_accuracy, epoch.evaluation_cost,
        epoch.evaluation_accuracy);
  }
  return epoch;
}

void Trainer::watch_set(
    const LabelledExamples& examples, Index training_size, std::optional<double>* cost,
    std::optional<double>* accuracy) const {
  if (!cost && !accuracy) return;
  const auto& watched_cost = objective_.watched_cost ? objective_.watched_cost : objective_.cost;
  double total_cost = 0, right = 0;
  examples.visit_batches(
      {.batch_size = options_.watched_batch_size, .shuffle = false}, [&](const Tensor& features, const Tensor& labels) {
        // In one plan the network is computed once for both.
        Tensors figures;
        if (cost) figures.push_back(watched_cost(features, labels));
        if (accuracy) figures.push_back(objective_.right(features, labels));
        evaluate(figures);
        if (cost) total_cost += figures.front().item() * static_cast<double>(labels.size(0));
        if (accuracy) right += figures.back().item();
      });
  const auto count = static_cast<double>(examples.size());
  if (accuracy) *accuracy = right / count;
  if (!cost) return;
  *cost = total_cost / count;
  if (options_.penalty == PenaltyOver::nothing) return;
  const Index n = options_.penalty == PenaltyOver::each_set ? examples.size() : training_size;
  **cost += optimizer_->penalty(n).item();
}

}  // namespace gradus
