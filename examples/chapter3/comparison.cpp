#include "comparison.h"

namespace chapter3 {

std::vector<Trained> train_each(program::Run& run, const std::vector<Variant>& variants) {
  std::vector<Trained> trainings;
  for (const Variant& variant : variants) {
    run.series(variant.name);
    seed(run.seed());
    trainings.push_back({variant.name, variant.train()});
  }
  return trainings;
}

void print_accuracies(program::Run& run, const std::vector<Trained>& trainings) {
  run.say("{:<36}{:>12}{:>12}{:>20}", "accuracy in %", "epoch 0", "last epoch", "best (epoch)");
  for (const Trained& training : trainings) {
    const program::BestEpoch best = program::best(training.history);
    run.say(
        "{:<36}{:>12.2f}{:>12.2f}{:>14.2f} ({:3})", training.name,
        100 * training.history.epochs.front().at(Curve::evaluation_accuracy), 100 * training.last(), 100 * best.value,
        best.epoch);
  }
}

std::vector<program::Series> curves_of(const std::vector<Trained>& trainings, Curve curve) {
  std::vector<program::Series> all;
  for (const Trained& training : trainings) all.push_back(program::series_of(training.history, curve, training.name));
  return all;
}

}  // namespace chapter3
