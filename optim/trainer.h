#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gradus/optim/optimizer.h>

namespace gradus {

/// Labelled examples that come in mini-batches: a datasets::Dataset, or anything that has its size() and
/// batches({.size, .seed, .shuffle}). The range that batches returns may build examples on the fly.
class LabelledExamples {
 public:
  using Visit = std::function<void(const Tensor& features, const Tensor& labels)>;
  struct Order {
    Index batch_size = 10;
    std::int64_t seed = 0;  ///< what shuffling depends on
    bool shuffle = true;
  };

  template <class Data>
    requires requires(const Data& data) {
      { data.size() } -> std::convertible_to<Index>;
      data.batches({.size = 10, .seed = 0, .shuffle = true});
    }
  LabelledExamples(const Data& data)  // NOLINT(google-explicit-constructor): trainer.train(mnist.train)
      : size_(data.size()), visit_batches_([data](const Order& order, const Visit& visit) {
          for (const auto& [features, labels] :
               data.batches({.size = order.batch_size, .seed = order.seed, .shuffle = order.shuffle})) {
            visit(features, labels);
          }
        }) {}

  Index size() const { return size_; }
  /// All examples, mini-batch by mini-batch.
  void visit_batches(const Order& order, const Visit& visit) const { visit_batches_(order, visit); }

 private:
  Index size_;
  std::function<void(const Order&, const Visit&)> visit_batches_;
};

/// What can be watched over the epochs.
enum class Curve { training_cost, training_accuracy, evaluation_cost, evaluation_accuracy };

/// One epoch's point on every curve. Curves that are not watched have none.
struct Epoch {
  Index number = 0;          ///< counted from 0
  double learning_rate = 0;  ///< of its last step
  std::optional<double> training_cost = {}, training_accuracy = {}, evaluation_cost = {}, evaluation_accuracy = {};

  /// The point on a curve. Throws ValueError where it is not watched, naming it.
  double at(Curve curve) const;
};

struct TrainingHistory {
  std::vector<Epoch> epochs = {};
  bool stopped = false;                  ///< by the rule, before the last epoch
  std::optional<Index> best_epoch = {};  ///< whose parameters were kept, if any were

  /// One curve as numbers, epoch by epoch. Throws ValueError where it is not watched.
  std::vector<double> curve(Curve curve) const;
};

/// What is trained, as graph over a mini-batch of features and labels.
struct Objective {
  /// What a step descends: one number, averaged over the examples.
  std::function<Tensor(const Tensor& features, const Tensor& labels)> cost;
  /// How many examples are classified rightly: a number of any dtype. Needed for accuracies only.
  std::function<Tensor(const Tensor& features, const Tensor& labels)> right = {};
  /// The cost as it is watched: without dropout, say. Empty: `cost`.
  std::function<Tensor(const Tensor& features, const Tensor& labels)> watched_cost = {};
};

/// The n over which Optimizer::penalty is taken, where it is added to watched costs.
enum class PenaltyOver {
  each_set,      ///< of the set that the cost is taken of, as the book's network2 has it: evaluation costs of 10,000
                 ///< images carry five times the penalty of training costs of 50,000
  training_set,  ///< what the steps descend
  nothing,       ///< no penalty is added
};

/// Where a training is kept so that it can go on after the program has been killed, at whatever moment. It then ends
/// with the same bits as one that nobody disturbed, on any number of threads.
struct CheckpointOptions {
  /// Written after every epoch (optim/checkpoint.h): parameters, the optimiser's state, the program's generator, the
  /// curves so far, the best parameters so far. One file a training. Empty: none.
  std::string file = {};
  /// Whether to go on from the file where it is there. Otherwise, and where it is not, training begins as ever.
  bool resume = false;
  /// Whatever else the training depends on, in words: a file of another one is not taken.
  std::string run = {};

  /// Whether there is a file to go on from, and that is asked for.
  bool resumes() const;
};

struct TrainerOptions {
  Index epochs = 30;
  Index batch_size = 10;
  /// Epoch e is shuffled by seed + e.
  std::int64_t seed = 0;
  std::vector<Curve> watch = {};  ///< after every epoch, over whole sets
  PenaltyOver penalty = PenaltyOver::each_set;
  /// How many examples are put through the network at once when a set is watched.
  Index watched_batch_size = 10000;
  /// Which curve's best epoch (highest accuracy, lowest cost; the first of equals) gives the parameters back in the
  /// end. It is watched then. None: the last epoch's stay.
  std::optional<Curve> keep_best = {};
  /// Called after every epoch: whether to stop. Also the place to set the optimiser's learning rate. It should look at
  /// the epoch alone: a training that is resumed asks it about all epochs that a checkpoint gives back, one after the
  /// other, so that it remembers what it would. With a rule of optim/early_stopping.h: [rule = NoImprovement(10)](const
  /// Epoch& epoch) mutable {
  ///   return rule.stops_after(epoch.at(Curve::evaluation_accuracy)); }
  std::function<bool(const Epoch&)> stop = {};
  std::function<void(const Epoch&)> on_epoch = {};  ///< called before `stop`
  /// The same for every epoch that a checkpoint gives back. The parameters are not those of that epoch.
  std::function<void(const Epoch&)> on_restored_epoch = {};
  std::function<void(Index done, Index total)> on_step = {};  ///< called after every mini-batch
  CheckpointOptions checkpoint = {};
};

/// Trains by mini-batches, as the SGD of the book's network2 does: shuffles every epoch, steps on every mini-batch, and
/// then watches up to four curves. Depends on nothing but its arguments, so that a seed gives the same bits.
///
///     Trainer trainer(optimizer, {.cost = …, .right = …}, {.epochs = 30, .watch = {Curve::evaluation_accuracy}});
///     TrainingHistory history = trainer.train(mnist.train, mnist.validation);
class Trainer {
 public:
  /// The optimiser must outlive the trainer. Throws ValueError where a function that is needed is empty, or a number is
  /// out of range.
  Trainer(Optimizer& optimizer, Objective objective, TrainerOptions options = {}, Where where = Where::current());

  /// Can be called again: training goes on from where the parameters are. Throws ValueError where there are no training
  /// examples, or none to evaluate on although that is watched, DataError where the checkpoint cannot be written or is
  /// not of this training, and whatever a step throws.
  TrainingHistory train(
      const LabelledExamples& training, const std::optional<LabelledExamples>& evaluation = std::nullopt,
      Where where = Where::current());

 private:
  bool watches(Curve curve) const;
  void check_sets(
      const LabelledExamples& training, const std::optional<LabelledExamples>& evaluation, Where where) const;
  void run_epoch(const LabelledExamples& training, Index number);
  Epoch watched_epoch(
      const LabelledExamples& training, const std::optional<LabelledExamples>& evaluation, Index number) const;
  void watch_set(
      const LabelledExamples& examples, Index training_size, std::optional<double>* cost,
      std::optional<double>* accuracy) const;

  Optimizer* optimizer_;
  Objective objective_;
  TrainerOptions options_;
  double last_learning_rate_ = 0;
};

}  // namespace gradus
