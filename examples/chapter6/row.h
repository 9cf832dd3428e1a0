#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <program/program.h>
#include <program/training.h>

#include "data.h"
#include "network.h"

// A row of the chapter's results: a network, how it is trained, and what the book publishes.
namespace chapter6 {

using program::Experiment;

struct Row {
  std::string name, description = {};
  Architecture architecture = {};
  double learning_rate = 0.1;
  /// network3.py divides by the number of mini-batches where network2.py divides by that of examples: with ten examples
  /// a mini-batch, λ = 0.1 here is λ = 1 there.
  double lambda = 0;
  Index epochs = 60;
  bool expanded = false;
  std::optional<double> published = {};  ///< the best of three runs
  double seconds = 0;
};

/// Trains on mini-batches, shuffled anew in every epoch (network3.py goes through them in a fixed order), and gives
/// back the parameters of the epoch that was best on the validation images.
TrainingHistory train(
    program::Run& run, const Row& row, const Parameters& parameters, const Objective& objective, const Data& data);

struct Trained {
  Network network;
  TrainingHistory history;

  double best() const { return program::best(history).value; }
};

/// One of several trainings: prints the row's name, restarts the generator, trains.
Trained train_one_of_several(program::Run& run, const Row& row, Start start, const Data& data);

/// Their validation accuracies, epoch by epoch.
void draw_accuracies(
    program::Run& run, const std::vector<Row>& rows, const std::vector<Trained>& trained, const std::string& title);

/// How many of the images an objective finds classified rightly, over how many there are.
double accuracy(const Objective& objective, const datasets::Dataset& images);

/// The digit that a network says for each image.
std::vector<std::int32_t> digits_of(const Network& network, const datasets::Dataset& images);

/// The whole of a row: data, training, what came out beside what is published, pictures.
void train_and_report(program::Run& run, const Row& row, Start start);

/// Single runs against the book's best of three: 0.3 points less, 0.15 more.
program::Band band_around(double published);

/// "98.78 %"
std::string in_percent(double accuracy);

/// How the filters of the first convolution look: dark is positive.
void draw_filters(program::Run& run, const Network& network, const std::string& title);

template <const Row& row>
Experiment as_in_the_book() {
  return {
      .name = row.name,
      .description = row.description,
      .published = row.published ? in_percent(*row.published) + " of the test images" : "no number",
      .seconds = row.seconds,
      .run = [](program::Run& run) { train_and_report(run, row, Start::book); }};
}

/// The run that nobody has published: the author noted in 2016 that his initial weights were wrong.
template <const Row& row>
Experiment started_right() {
  return {
      .name = row.name + "-right",
      .description = row.description + "; initial weights with 1/n_in, biases 0",
      .published = "no number: never rerun since the mistake in the initial weights was found",
      .seconds = row.seconds,
      .run = [](program::Run& run) { train_and_report(run, row, Start::right); }};
}

}  // namespace chapter6
