#pragma once

#include <functional>
#include <string>
#include <vector>

#include <program/training.h>

namespace chapter3 {

using namespace gradus;

/// One of several trainings that differ in a single thing.
struct Variant {
  std::string name;
  std::function<TrainingHistory()> train;
};

struct Trained {
  std::string name;
  TrainingHistory history;

  double best(Curve curve = Curve::evaluation_accuracy) const { return program::best(history, curve).value; }
  double last(Curve curve = Curve::evaluation_accuracy) const { return history.epochs.back().at(curve); }
  /// The mean of the last ten epochs: less noisy than one of them, and not picked as the best is.
  double settled(Curve curve = Curve::evaluation_accuracy) const;
};

/// Trains one after another. The generator is restarted for each, so that all draw the same initial weights.
std::vector<Trained> train_each(program::Run& run, const std::vector<Variant>& variants);

/// Prints accuracies on the evaluation set: after the first epoch, the mean of the last ten, the best.
void print_accuracies(program::Run& run, const std::vector<Trained>& trainings);

/// One curve of each.
std::vector<program::Series> curves_of(const std::vector<Trained>& trainings, Curve curve = Curve::evaluation_accuracy);

}  // namespace chapter3
