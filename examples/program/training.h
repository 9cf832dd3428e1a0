#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gradus/gradus.h>
#include <program/program.h>
#include <program/run.h>

// Trainings as chapters 3 and 5 of the book do them, with the SGD of network2.py.
namespace program {

using gradus::Curve;

/// The hyper-parameters of network2.py's SGD.
struct Training {
  Index epochs = 30;
  Index batch_size = 10;
  double learning_rate = 0.5;
  double lambda = 0;  ///< λ of the L2 regularisation (93), over the number of training examples
  std::vector<Curve> watch = {Curve::evaluation_accuracy};
};

/// The same with what --epochs, --batch-size, --learning-rate and --lambda override.
Training as_asked(Run& run, Training training = {});
/// Those options but --epochs, for a chapter's table of options.
std::vector<NumberOption> training_options();

/// One of the book's networks, {784, 30, 10}: sigmoid neurons, with its parameters drawn from the program's generator.
gradus::FeedForward large_network(const std::vector<Index>& sizes);  ///< N(0, 1) throughout, as chapters 1 and 3 start
gradus::FeedForward new_network(const std::vector<Index>& sizes);    ///< weights N(0, 1/inputs), as from there on

/// What a network is trained for. Labels are digits; the neuron that fires most counts.
gradus::Objective cross_entropy_objective(const gradus::FeedForward& network);   ///< (63)
gradus::Objective quadratic_objective(const gradus::FeedForward& network);       ///< (6)
gradus::Objective log_likelihood_objective(const gradus::FeedForward& network);  ///< (80), of a softmax layer

/// How a training is steered, beyond its numbers.
struct Steering {
  std::function<bool(const gradus::Epoch&)> stop = {};
  std::optional<Curve> keep_best = {};
  gradus::PenaltyOver penalty = gradus::PenaltyOver::each_set;  ///< network2.py's own way
  Index watched_batch_size = 10'000;                            ///< convolutions need room: fewer at once
};

/// Trains with any optimiser, printing and recording what is watched after each epoch (only every tenth is printed
/// where there are many). Epoch e is shuffled by seed + e. What --checkpoint and --resume ask for is done here; `stop`
/// is then asked about restored epochs too, and should look at nothing else.
gradus::TrainingHistory train(
    Run& run, gradus::Optimizer& optimizer, const gradus::Objective& objective, const Training& training,
    const gradus::LabelledExamples& examples, const gradus::LabelledExamples& evaluation,
    const Steering& steering = {});

/// The same with the book's: Sgd with weight decay on the cross-entropy.
gradus::TrainingHistory train(
    Run& run, const gradus::FeedForward& network, const Training& training, const gradus::datasets::Dataset& examples,
    const gradus::datasets::Dataset& evaluation, const Steering& steering = {});

/// The best point of a curve: the highest accuracy, the lowest cost, the first of equals.
struct BestEpoch {
  Index epoch = 0;
  double value = 0;
};
BestEpoch best(const gradus::TrainingHistory& history, Curve curve = Curve::evaluation_accuracy);

/// A curve to draw, epoch by epoch: accuracies in percent, costs as they are.
Series series_of(const gradus::TrainingHistory& history, Curve curve, std::string title);

}  // namespace program
