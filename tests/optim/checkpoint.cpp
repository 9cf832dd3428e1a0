#include <gradus/optim/checkpoint.h>

#include <cmath>
#include <filesystem>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

#include "datasets/files.h"

using namespace gradus;
using namespace gradus::tests;

namespace {

const Index epochs = 12;

/// A network with dropout, trained with momentum and a learning rate that falls on plateaus: everything that has a
/// state.
struct Training {
  FeedForward network{{2, 16, 2}, {.initializer = initializers::book_new}};
  Momentum optimizer{network.parameters(), {.learning_rate = 0.3, .regularization = {.l2 = 0.01, .examples = 60}}};
  PlateauDecay decay{{.learning_rate = 0.3, .epochs = 1, .factor = 0.7, .stop_at = 1e-6, .better = Better::lower}};
  std::vector<Epoch> restored = {};

  Objective objective() const {
    const auto logits = [net = network](const Tensor& points, double probability) {
      const Tensor hidden = sigmoid(matmul(points, net.weights()[0]) + net.biases()[0]);
      return matmul(dropout(hidden, probability), net.weights()[1]) + net.biases()[1];
    };
    return {
        .cost = [=](const Tensor& points,
                    const Tensor& labels) { return log_likelihood_with_logits(logits(points, 0.5), labels); },
        .watched_cost = [=](const Tensor& points,
                            const Tensor& labels) { return log_likelihood_with_logits(logits(points, 0), labels); }};
  }

  /// As if the program were killed after so many epochs.
  TrainingHistory train(const CheckpointOptions& checkpoint, Index until = epochs) {
    struct Killed {};
    TrainerOptions options{
        .epochs = epochs,
        .batch_size = 7,
        .seed = 5,
        .watch = {Curve::training_cost},
        .keep_best = Curve::evaluation_cost,
        .checkpoint = checkpoint};
    options.stop = [&](const Epoch& epoch) {
      const bool stop = decay.stops_after(epoch.at(Curve::evaluation_cost));
      optimizer.set_learning_rate(decay.learning_rate());
      return stop;
    };
    options.on_restored_epoch = [&](const Epoch& epoch) { restored.push_back(epoch); };
    options.on_step = [&](Index step, Index total) {
      // In the middle of an epoch.
      if (until < epochs && step == until * (total / epochs) + 4) throw Killed();
    };
    try {
      Trainer trainer(optimizer, objective(), options);
      return trainer.train(datasets::two_moons(60, 0.1, 1), datasets::two_moons(25, 0.3, 2));
    } catch (const Killed&) {
      return {};
    }
  }

  std::vector<std::vector<float>> values() const {
    std::vector<std::vector<float>> all;
    for (const Parameter& parameter : network.parameters()) all.push_back(parameter.values<float>());
    for (Index i = 0; i < 4; ++i) all.push_back(optimizer.states(i)[0].values<float>());
    return all;
  }
};

void check_equal(const TrainingHistory& a, const TrainingHistory& b) {
  CHECK(a.curve(Curve::training_cost) == b.curve(Curve::training_cost));
  CHECK(a.curve(Curve::evaluation_cost) == b.curve(Curve::evaluation_cost));
  CHECK(a.best_epoch == b.best_epoch);
  CHECK(a.stopped == b.stopped);
  for (std::size_t i = 0; i < a.epochs.size(); ++i) CHECK(a.epochs[i].learning_rate == b.epochs[i].learning_rate);
}

}  // namespace

TEST_CASE("a training that is killed again and again ends with the bits of one that nobody disturbed") {
  const TemporaryFolder folder;
  const std::string file = folder / "run.safetensors";
  seed(3);
  Training undisturbed;
  const TrainingHistory expected = undisturbed.train({.file = folder / "undisturbed.safetensors"});
  const auto next_draws = uniform({5}).values<float>();
  CHECK(expected.epochs.front().learning_rate > expected.epochs.back().learning_rate);
  CHECK(*expected.best_epoch < epochs - 1);
  const int threads_before = threads();
  for (const Index until : {Index(0), Index(1), Index(5), Index(6), epochs}) {
    set_threads(1 + static_cast<int>(until) % 3);
    // A program starts with its own seed; what it draws after the training is resumed must not depend on that.
    seed(3);
    Training resumed;
    if (until > 1) seed(1234);
    const TrainingHistory history = resumed.train({.file = file, .resume = true}, until);
    CHECK(std::filesystem::exists(file) == (until > 0));
    if (until < epochs) continue;
    CHECK(resumed.restored.size() == 6);
    check_equal(history, expected);
    CHECK(resumed.values() == undisturbed.values());
    CHECK(uniform({5}).values<float>() == next_draws);
  }
  set_threads(threads_before);
  CHECK(read_bytes(file) == read_bytes(folder / "undisturbed.safetensors"));
}

TEST_CASE("a training that has ended gives everything back without a step") {
  const TemporaryFolder folder;
  const CheckpointOptions checkpoint{.file = folder / "run.safetensors", .resume = true};
  Training first, second;
  const TrainingHistory history = first.train(checkpoint);
  const auto draws = uniform({5}).values<float>();
  check_equal(second.train(checkpoint), history);
  CHECK(second.restored.size() == epochs);
  CHECK(second.optimizer.steps() == first.optimizer.steps());
  CHECK(second.values() == first.values());
  CHECK(uniform({5}).values<float>() == draws);
}

TEST_CASE("without resume a training begins anew, whatever lies in its file") {
  const TemporaryFolder folder;
  const std::string file = folder / "run.safetensors";
  write_bytes(file, {1, 2, 3});
  Training training;
  training.train({.file = file});
  CHECK(training.restored.empty());
  CHECK(read_bytes(file).size() > 1000);
}
