#include <program/training.h>

#include "experiments.h"

int main(int argc, char** argv) {
  using namespace chapter3;
  std::vector<program::NumberOption> options = program::training_options();
  options.push_back({.name = "hidden", .help = "hidden neurons", .whole = true, .least = 1});
  return program::run_program(
      argc, argv,
      {.name = "chapter3",
       .title = "Nielsen, \"Neural Networks and Deep Learning\", chapter 3: improving the way neural networks learn",
       .experiments = {more_data_svm},
       .options = options});
}
