#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <gradus/graph/shape.h>
#include <gradus/graph/tensor.h>
#include <gradus/optim/trainer.h>
#include <program/command_line.h>
#include <program/metrics.h>
#include <program/pictures.h>
#include <program/progress.h>

namespace program {

using gradus::Index;

/// What an experiment found: a number, beside what the book says.
struct Summary {
  std::string quantity;                  ///< "test accuracy"
  std::optional<double> published = {};  ///< none if the book gives no number
  double measured = 0;
  std::optional<Band> band = {};  ///< where `measured` should lie; both ends are the same if it is exact
};

/// A number to write down after an epoch: {"evaluation_accuracy", 0.95}.
using Monitored = std::pair<std::string_view, double>;

/// What an experiment is given: what the command line asked for, and the ways to say what it found.
class Run {
 public:
  /// `checkpoint`: where trainings are kept; empty: nowhere. Throws Mistake where the metrics file or the folder for
  /// pictures cannot be written.
  Run(std::string experiment, Settings settings, std::string checkpoint = "");
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// --epochs; or else the experiment's own, of which --quick leaves at most three.
  Index epochs(Index own);
  /// One of the program's own options, or else the experiment's number.
  double number(std::string_view option, double own);
  Index whole_number(std::string_view option, Index own);
  std::int64_t seed() const { return settings_.seed; }
  /// Whether a short look is enough: few epochs, few draws.
  bool quick() const { return settings_.quick; }
  /// --data; empty if the usual places are meant.
  const std::string& data();

  /// Where the next training of the run is kept, and whether it may go on from there. A run that is resumed does
  /// everything again; trainings that are kept take no time, and those to come find the generator where it was.
  gradus::CheckpointOptions next_checkpoint();

  /// Prints a line to stdout, as fmt::format.
  template <class... Arguments>
  void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    print(fmt::format(format, std::forward<Arguments>(arguments)...));
  }
  void print(const std::string& line);

  /// Says on stderr how far a long computation is: first how many steps there will be, then that some are done, or were
  /// in an earlier sitting.
  void expect(Index steps, std::string_view unit);
  void advance(Index steps = 1) { progress_.advance(steps); }
  void restore(Index steps) { progress_.restore(steps); }

  /// Whether --plots was given; without it, drawing does nothing.
  bool draws();
  /// Draws into the folder of --plots, as NAME.svg and NAME.png. Where gnuplot or Graphviz is missing, one line says
  /// so.
  void draw(const std::string& name, const Plot& plot);
  void draw(const std::string& name, const HeatMap& map);
  void draw(const std::string& name, const ImageGrid& grid);
  void draw(const std::string& name, const gradus::Tensors& graph);

  /// Begins the next of several trainings: prints its name, which the records of its epochs then hold as "series".
  void series(const std::string& name);
  /// Writes what was monitored in an epoch, counted from 0, to the file of --metrics.
  void epoch(Index epoch, const std::vector<Monitored>& monitored);
  /// Prints one of several things that were found, beside what the book says of it, and writes a record of it.
  void finding(const Summary& finding);
  /// The same for what the experiment is about; its record ends the file of --metrics.
  void summary(const Summary& summary);

  /// Says that this is not the book's experiment any more, and why: "Fashion-MNIST instead of MNIST".
  void changed(const std::string& what);
  /// Options that were given and that nothing asked for.
  std::vector<std::string> unused() const;

 private:
  void show(const Summary& summary);
  void explain_failure(const std::optional<std::string>& failure);
  void used(std::string_view option);

  std::string experiment_, series_, checkpoint_;
  int trainings_ = 0;
  Settings settings_;
  Metrics metrics_;
  Progress progress_;
  std::vector<std::string> used_, changed_, failures_;
  std::chrono::steady_clock::time_point start_, epoch_start_;
};

}  // namespace program
