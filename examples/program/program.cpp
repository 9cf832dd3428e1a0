#include <program/program.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>

#include <fmt/ranges.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/ops/random.h>
#include <program/metrics.h>

namespace program {
namespace {

const Experiment& chosen(const std::string& name, const Program& program) {
  const auto found = std::find_if(
      program.experiments.begin(), program.experiments.end(),
      [&](const Experiment& experiment) { return experiment.name == name; });
  if (found != program.experiments.end()) return *found;
  std::vector<std::string> names;
  for (const Experiment& experiment : program.experiments) names.push_back(experiment.name);
  const std::string near = did_you_mean(name, names);
  throw Mistake(fmt::format(
      "unknown experiment '{}'.{}", name,
      near.empty() ? fmt::format(" There are {}", fmt::join(names, ", ")) : near + " --list shows all"));
}

constexpr double long_run = 60;  // seconds

/// --checkpoint; or else, for long runs and for those that are to go on, a file where the run's other output goes.
std::string checkpoint_file(const Settings& settings, const Experiment& experiment) {
  if (!settings.checkpoint.empty()) return settings.checkpoint;
  if (!settings.resume && experiment.seconds < long_run) return "";
  if (!settings.metrics.empty()) return std::filesystem::path(settings.metrics).replace_extension("safetensors");
  if (!settings.plots.empty()) return std::filesystem::path(settings.plots) / (experiment.name + ".safetensors");
  if (!settings.resume) return "";
  throw Mistake("--resume needs a checkpoint to go on from; add --checkpoint FILE, --metrics FILE or --plots DIR");
}

void run(const Settings& settings, const Program& program) {
  const Experiment& experiment = chosen(settings.experiment, program);
  gradus::set_threads(settings.threads.value_or(0));
  gradus::seed(settings.seed);
  Run run(experiment.name, settings, checkpoint_file(settings, experiment));
  experiment.run(run);
  for (const std::string& option : run.unused()) {
    fmt::print(stderr, "{}: {} has nothing to do with '{}'\n", program.name, option, experiment.name);
  }
}

std::string one_line(std::string text) {
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', end)) {
    const std::size_t next = text.find_first_not_of(" \n", end);
    text.replace(end, (next == std::string::npos ? text.size() : next) - end, next == std::string::npos ? "" : " ");
  }
  return text;
}

int fail(int status, const Program& program, const std::exception& error) {
  fmt::print(stderr, "{}: {}\n", program.name, one_line(error.what()));
  return status;
}

}  // namespace

int run_program(int argc, const char* const* argv, const Program& program) try {
  const Settings settings = read_command_line(argc, argv, program);
  if (settings.help || argc <= 1) {
    fmt::print("{}", help_text(program));
  } else if (settings.list) {
    fmt::print("{}", list_text(program));
    Metrics metrics(settings.metrics);
    for (const std::string& record : list_records(program)) metrics.write(record);
  } else if (settings.experiment.empty()) {
    throw Mistake("no experiment; add --experiment NAME (--list shows all)");
  } else {
    run(settings, program);
  }
  return 0;
} catch (const Mistake& mistake) {
  return fail(2, program, mistake);
} catch (const gradus::DataError& error) {
  return fail(2, program, error);
} catch (const std::exception& error) {
  return fail(1, program, error);
}

}  // namespace program
