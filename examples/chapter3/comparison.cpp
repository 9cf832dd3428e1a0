#include "comparison.h"

#include <algorithm>
#include <numeric>

namespace chapter3 {

double Trained::settled(Curve curve) const {
  const std::vector<double> all = history.curve(curve);
  const std::size_t count = std::min<std::size_t>(all.size(), 10);
  return std::accumulate(all.end() - static_cast<std::ptrdiff_t>(count), all.end(), 0.0) / static_cast<double>(count);
}

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
  run.say("{:<36}{:>10}{:>18}{:>20}", "accuracy in %", "epoch 0", "mean of last 10", "best (epoch)");
  for (const Trained& training : trainings) {
    const program::BestEpoch best = program::best(training.history);
    run.say(
        "{:<36}{:>10.2f}{:>18.2f}{:>14.2f} ({:3})", training.name,
        100 * training.history.epochs.front().at(Curve::evaluation_accuracy), 100 * training.settled(),
        100 * best.value, best.epoch);
  }
}

std::vector<program::Series> curves_of(const std::vector<Trained>& trainings, Curve curve) {
  std::vector<program::Series> all;
  for (const Trained& training : trainings) all.push_back(program::series_of(training.history, curve, training.name));
  return all;
}

}  // namespace chapter3
