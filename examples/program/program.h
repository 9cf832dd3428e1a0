#pragma once

#include <string>
#include <vector>

#include <program/run.h>

namespace program {

/// One thing that a program can do: what the book does, says or asks.
struct Experiment {
  std::string name;         ///< for --experiment: "sgd-30"
  std::string description;  ///< what happens, in a line
  std::string published;    ///< what the book says about it: "95.42 %"
  double seconds = 0;       ///< how long it takes on two cores, about; 0: at once
  void (*run)(Run&) = nullptr;
};

/// A number that a program takes beside the options that all programs have. It overrides the experiment's.
struct NumberOption {
  std::string name;  ///< "learning-rate"
  std::string help;
  bool whole = false;  ///< whether it must be a whole number
  double least = 0;    ///< the least that is allowed
};

struct Program {
  std::string name;   ///< as it is called: "chapter1"
  std::string title;  ///< what --help begins with
  std::vector<Experiment> experiments;
  std::vector<NumberOption> options = {};
};

/// A whole `main`: reads the command line, runs one experiment, returns the exit status. 0 if all went well; 2, after
/// one line on stderr that says what to do, where the user made a mistake; 1, after one line, for anything else that
/// went wrong.
int run_program(int argc, const char* const* argv, const Program& program);

}  // namespace program
