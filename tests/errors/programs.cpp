#include <cstdio>
#include <string>

#include <sys/wait.h>

#include <doctest/doctest.h>

#include "errors/misuse.h"

using gradus::tests::Misuses;

namespace {

#ifdef GRADUS_CHAPTER1

/// What a program that was used wrongly ends in: its status, 2 for a wrong command line, and one line on stderr.
std::string chapter1(const std::string& arguments, const std::string& environment = "", int expected_status = 2) {
  const std::string command = environment + " '" GRADUS_CHAPTER1 "' " + arguments + " 2>&1 >/dev/null </dev/null";
  FILE* program = popen(command.c_str(), "r");
  REQUIRE(program != nullptr);
  std::string errors;
  for (int c = std::fgetc(program); c != EOF; c = std::fgetc(program)) errors += static_cast<char>(c);
  const int status = pclose(program);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == expected_status);
  CHECK(errors.starts_with("chapter1: "));
  CHECK(errors.find('\n') + 1 == errors.size());
  return "exit status " + std::to_string(WEXITSTATUS(status)) + "\n" + errors;
}

#else

std::string chapter1(const std::string&, const std::string& = "", int = 2) {
  MESSAGE("chapter1 is not built: not tried");
  return "";
}

#endif

const Misuses command_lines{{
    {"program_option", [] { return chapter1("--experiment sgd-30 --epoch 3"); }},
    {"program_option_of_another_world", [] { return chapter1("--gpu 0 --experiment sgd-30"); }},
    {"program_experiment", [] { return chapter1("--experiment sgd30"); }},
    {"program_no_experiment", [] { return chapter1("--epochs 3"); }},
    {"program_stray_word", [] { return chapter1("sgd-30"); }},
    {"program_option_twice", [] { return chapter1("--experiment nand --seed 1 --seed 2"); }},
    {"program_value_missing", [] { return chapter1("--experiment"); }},
    {"program_value_empty", [] { return chapter1("--experiment nand --metrics ''"); }},
    {"program_flag_with_value", [] { return chapter1("--experiment nand --quick=yes"); }},
    {"program_epochs_zero", [] { return chapter1("--experiment sgd-30 --epochs 0"); }},
    {"program_epochs_word", [] { return chapter1("--experiment sgd-30 --epochs ten"); }},
    {"program_seed_fraction", [] { return chapter1("--experiment nand --seed 1.5"); }},
    {"program_threads_negative", [] { return chapter1("--experiment nand --threads -1"); }},
    {"program_threads_in_environment", [] { return chapter1("--experiment sgd-30", "GRADUS_THREADS=two", 1); }},
    {"program_learning_rate_nan", [] { return chapter1("--experiment sgd-30 --learning-rate nan"); }},
    {"program_batch_size_zero", [] { return chapter1("--experiment sgd-30 --batch-size 0"); }},
}};

const Misuses files{{
    {"program_metrics_folder", [] { return chapter1("--experiment nand --metrics /nowhere/m.jsonl"); }},
    {"program_metrics_is_folder", [] { return chapter1("--experiment nand --metrics /"); }},
    {"program_checkpoint_nowhere", [] { return chapter1("--experiment nand --resume"); }},
    {"program_plots_is_file", [] { return chapter1("--experiment nand --plots /dev/null"); }},
    {"program_data_nowhere", [] { return chapter1("--experiment darkness --data /nowhere"); }},
}};

}  // namespace
