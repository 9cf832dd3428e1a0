// "How to choose a neural network's hyper-parameters?": early stopping, and the problem of a better rule for it.
#include <deque>
#include <functional>

#include <program/mnist.h>

#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

namespace {

using Data = datasets::NamedTrainValidationTest;
using program::Training;

/// The mean of the last `over` figures.
class RunningMean {
 public:
  explicit RunningMean(std::size_t over) : over_(over) {}
  double with(double figure) {
    last_.push_back(figure);
    if (last_.size() > over_) last_.pop_front();
    double sum = 0;
    for (const double one : last_) sum += one;
    return sum / static_cast<double>(last_.size());
  }
  bool full() const { return last_.size() == over_; }

 private:
  std::size_t over_;
  std::deque<double> last_;
};

/// Stops when the mean accuracy of the last ten epochs has not risen for two: single epochs are noise, their mean
/// hardly.
class NoImprovementOfMean {
 public:
  bool stops_after(double accuracy) {
    const double mean = mean_.with(accuracy);
    return mean_.full() && rule_.stops_after(mean);
  }

 private:
  RunningMean mean_{10};
  NoImprovement rule_{2};
};

/// Trainings from different initial weights, each until the rule says so.
template <class Rule>
std::vector<TrainingHistory> three_runs(
    program::Run& run, const Data& data, const Training& training, const Rule& rule) {
  std::vector<TrainingHistory> histories;
  for (int i = 1; i <= 3; ++i) {
    run.series(fmt::format("run {}", i));
    const auto stop = [stopping = rule](const Epoch& epoch) mutable {
      return stopping.stops_after(epoch.at(Curve::evaluation_accuracy));
    };
    histories.push_back(program::train(
        run, program::new_network({784, 30, 10}), training, data.train, data.validation,
        {.stop = stop, .penalty = PenaltyOver::nothing}));
  }
  return histories;
}

double mean_of(const std::vector<TrainingHistory>& histories, double (*figure)(const TrainingHistory&)) {
  double sum = 0;
  for (const TrainingHistory& history : histories) sum += figure(history);
  return sum / static_cast<double>(histories.size());
}

double best_accuracy(const TrainingHistory& history) {
  return program::best(history).value;
}

double epochs(const TrainingHistory& history) {
  return static_cast<double>(history.epochs.size());
}

void report(program::Run& run, const std::vector<TrainingHistory>& histories) {
  run.say("{:>5}{:>10}{:>18}{:>12}", "run", "epochs", "best accuracy %", "in epoch");
  for (std::size_t i = 0; i < histories.size(); ++i) {
    const program::BestEpoch best = program::best(histories[i]);
    run.say("{:>5}{:>10}{:>18.2f}{:>12}", i + 1, histories[i].epochs.size(), 100 * best.value, best.epoch);
  }
}

void draw_runs(
    program::Run& run, const std::string& title, const std::vector<TrainingHistory>& histories,
    const program::Reference& published) {
  std::vector<program::Series> curves;
  for (std::size_t i = 0; i < histories.size(); ++i) {
    curves.push_back(program::series_of(histories[i], Curve::evaluation_accuracy, fmt::format("run {}", i + 1)));
  }
  run.draw(
      "accuracy", program::Plot{
                      .title = title,
                      .x_label = "epoch",
                      .y_label = "validation accuracy in %",
                      .series = curves,
                      .references = {published},
                      .whole_x = true});
}

/// What a rule would have left of a training that went on.
TrainingHistory stopped_by(const std::function<bool(const Epoch&)>& stops_after, const TrainingHistory& history) {
  TrainingHistory until;
  for (const Epoch& epoch : history.epochs) {
    until.epochs.push_back(epoch);
    if (stops_after(epoch)) break;
  }
  return until;
}

/// Prechelt's rules look at costs. What they, and the book's, would have done with the same run.
void compare_rules(program::Run& run, const TrainingHistory& history) {
  struct Rule {
    const char* name;
    std::function<bool(const Epoch&)> stops_after;
  };
  const Rule rules[] = {
      {"no improvement in 10",
       [rule = NoImprovement(10)](const Epoch& epoch) mutable {
         return rule.stops_after(epoch.at(Curve::evaluation_accuracy));
       }},
      {"generalization loss over 5 %",
       [rule = GeneralizationLoss(5)](const Epoch& epoch) mutable {
         return rule.stops_after(epoch.at(Curve::evaluation_cost));
       }},
      {"progress quotient over 0.5",
       [rule = ProgressQuotient(0.5)](const Epoch& epoch) mutable {
         return rule.stops_after(epoch.at(Curve::training_cost), epoch.at(Curve::evaluation_cost));
       }},
  };
  run.say("Other rules on run 1, as far as it went ({} epochs):", history.epochs.size());
  for (const Rule& rule : rules) {
    const TrainingHistory until = stopped_by(rule.stops_after, history);
    run.say("  {:<32}{:4} epochs, best {:.2f} %", rule.name, until.epochs.size(), 100 * best_accuracy(until));
  }
}

}  // namespace

const Experiment early_stopping{
    .name = "early-stopping",
    .description = "784-30-10 stopped by no-improvement-in-ten, three runs",
    .published = "a problem; a reader's runs took 17, 33 and 24 epochs, 96.24 % on average",
    .seconds = 8,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Training training = program::as_asked(run, {.epochs = 100, .lambda = 5});
          const auto histories = three_runs(run, data, training, NoImprovement(10));
          report(run, histories);
          draw_runs(
              run, fmt::format("784-30-10 until no improvement in 10 epochs, {}", data.name), histories,
              {"a reader's mean of three: 96.24 %", 96.24});
          // The rule needs 11 epochs at least; the runs' lengths vary as the reader's did.
          run.finding(
              {.quantity = "epochs, mean of three",
               .published = 74.0 / 3,
               .measured = mean_of(histories, epochs),
               .band = program::Band{14, 45}});
          run.summary(
              {.quantity = "validation accuracy, mean of three",
               .published = 0.9624,
               .measured = mean_of(histories, best_accuracy),
               .band = program::Band{0.9595, 0.967}});
        },
};

const Experiment early_stopping_smoother{
    .name = "early-stopping-smoother",
    .description = "another rule, the mean of the last ten epochs, three runs; Prechelt's two rules beside it",
    .published = "a problem; a reader's rule of that kind took 32 epochs and came to 96.44 %",
    .seconds = 7,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Training training = program::as_asked(
              run, {.epochs = 100,
                    .lambda = 5,
                    .watch = {Curve::training_cost, Curve::evaluation_cost, Curve::evaluation_accuracy}});
          const auto histories = three_runs(run, data, training, NoImprovementOfMean());
          report(run, histories);
          compare_rules(run, histories.front());
          draw_runs(
              run, fmt::format("784-30-10 until the mean of ten epochs rises no more, {}", data.name), histories,
              {"a reader's run: 96.44 %", 96.44});
          run.finding(
              {.quantity = "epochs, mean of three",
               .published = 32,
               .measured = mean_of(histories, epochs),
               .band = program::Band{14, 45}});
          run.summary(
              {.quantity = "validation accuracy, mean of three",
               .published = 0.9644,
               .measured = mean_of(histories, best_accuracy),
               .band = program::Band{0.9595, 0.967}});
        },
};

}  // namespace chapter3
