#include <program/command_line.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <program/program.h>

namespace program {
namespace {

namespace options = boost::program_options;
using gradus::Index;

// Texts first: what a value should have been is better said here than by Boost's conversions.
options::options_description described_options(const Program& program) {
  options::options_description all("Options", 100, 60);
  const auto text = [](const char* name) { return options::value<std::string>()->value_name(name); };
  auto add = all.add_options();
  add("help,h", "show this");
  add("list", "show the experiments: what the book publishes, how long each takes; with --metrics as records too");
  add("experiment", text("NAME"), "what to run");
  add("epochs", text("N"), "how often to go through the training data");
  add("seed", text("N"), "what all randomness starts from (1)");
  add("threads", text("N"), "how many threads compute, with the same results to the bit (0: one a core)");
  add("data", text("DIR"), "where MNIST is (else $GRADUS_DATA/mnist, then ~/.cache/gradus/mnist)");
  add("plots", text("DIR"), "draw pictures into this folder, SVG and PNG");
  add("metrics", text("FILE"), "write what is measured to this file, one JSON object a line");
  add("checkpoint", text("FILE"),
      "keep the training in this file after every epoch (a run's further ones in FILE-2, FILE-3, …)");
  add("resume",
      "go on from the checkpoint of a run that was killed, if there is one; without --checkpoint it lies beside the "
      "file of --metrics or else in the folder of --plots, where runs of a minute or more leave one");
  add("quick", "a short look: few epochs, few repetitions");
  for (const NumberOption& option : program.options) {
    add(option.name.c_str(), text(option.whole ? "N" : "X"), option.help.c_str());
  }
  return all;
}

std::vector<std::string> option_names(const options::options_description& all) {
  std::vector<std::string> names;
  for (const auto& option : all.options()) names.push_back("--" + option->long_name());
  return names;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] != b[j] ? 1 : 0);
      diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row[b.size()];
}

template <class T>
std::optional<T> parsed(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Index whole(
    const std::string& option, const std::string& text, Index least, Index most = std::numeric_limits<Index>::max()) {
  const auto value = parsed<Index>(text);
  if (value && *value >= least && *value <= most) return *value;
  std::string bounds;
  if (least > std::numeric_limits<Index>::min()) bounds += fmt::format(" from {}", least);
  if (most < std::numeric_limits<Index>::max()) bounds += fmt::format(" to {}", most);
  throw Mistake(fmt::format("--{} takes a whole number{}, not '{}'", option, bounds, text));
}

double number(const NumberOption& option, const std::string& text) {
  if (option.whole) {
    return static_cast<double>(whole(option.name, text, static_cast<Index>(option.least), 1'000'000'000));
  }
  const auto value = parsed<double>(text);
  if (value && std::isfinite(*value) && *value >= option.least) return *value;
  throw Mistake(fmt::format("--{} takes a number from {:g} up, not '{}'", option.name, option.least, text));
}

[[noreturn]] void fail_on_stray_word(const std::string& word, const Program& program) {
  const bool is_experiment = std::any_of(
      program.experiments.begin(), program.experiments.end(),
      [&](const Experiment& experiment) { return experiment.name == word; });
  throw Mistake(fmt::format(
      "'{}' belongs to no option; {}", word,
      is_experiment ? "say --experiment " + word : "options begin with --, and --help lists all"));
}

// What Boost throws, in words that say what to do.
options::variables_map parse(int argc, const char* const* argv, const Program& program) {
  namespace style = options::command_line_style;
  const options::options_description described = described_options(program);
  const std::vector<std::string> names = option_names(described);
  options::options_description all;
  all.add(described).add_options()("stray", options::value<std::vector<std::string>>());
  options::positional_options_description words;
  words.add("stray", -1);
  try {
    options::variables_map given;
    options::command_line_parser parser(argc, argv);
    parser.options(all).positional(words).style(style::unix_style & ~style::allow_guessing & ~style::allow_sticky);
    options::store(parser.run(), given);
    if (given.count("stray") != 0) fail_on_stray_word(given["stray"].as<std::vector<std::string>>().front(), program);
    return given;
  } catch (const options::unknown_option& error) {
    const std::string option = error.get_option_name();
    throw Mistake(fmt::format("unknown option '{}'.{} --help lists all", option, did_you_mean(option, names)));
  } catch (const options::multiple_occurrences& error) {
    throw Mistake(fmt::format("{} is given more than once", error.get_option_name()));
  } catch (const options::error_with_option_name& error) {
    throw Mistake(fmt::format("{}; --help lists all options", error.what()));
  }
}

std::string duration(double seconds) {
  if (seconds <= 0) return "at once";
  return seconds < 100 ? fmt::format("about {:g} s", seconds) : fmt::format("about {:.0f} min", seconds / 60);
}

}  // namespace

std::string did_you_mean(std::string_view given, const std::vector<std::string>& candidates) {
  std::vector<std::string> near;
  std::size_t least = given.size() / 2 + 1;
  for (const std::string& candidate : candidates) {
    // What was only begun is near, too: --metric, sgd.
    const bool begun = given.size() >= 3 && candidate.starts_with(given);
    const std::size_t distance = begun ? 1 : edit_distance(given, candidate);
    if (distance > least) continue;
    if (distance < least) near.clear();
    near.push_back(candidate);
    least = distance;
  }
  return near.empty() ? "" : fmt::format(" Did you mean {}?", fmt::join(near, " or "));
}

Settings read_command_line(int argc, const char* const* argv, const Program& program) {
  const options::variables_map given = parse(argc, argv, program);
  const auto text = [&](const char* name) {
    if (given.count(name) == 0) return std::string();
    std::string value = given[name].as<std::string>();
    if (value.empty()) throw Mistake(fmt::format("--{} needs a value that is not empty", name));
    return value;
  };
  Settings settings;
  settings.help = given.count("help") != 0;
  settings.list = given.count("list") != 0;
  settings.quick = given.count("quick") != 0;
  settings.resume = given.count("resume") != 0;
  settings.experiment = text("experiment");
  settings.data = text("data");
  settings.plots = text("plots");
  settings.metrics = text("metrics");
  settings.checkpoint = text("checkpoint");
  if (given.count("epochs") != 0) settings.epochs = whole("epochs", text("epochs"), 1, 1'000'000);
  if (given.count("seed") != 0) settings.seed = whole("seed", text("seed"), std::numeric_limits<Index>::min());
  if (given.count("threads") != 0) settings.threads = static_cast<int>(whole("threads", text("threads"), 0, 1024));
  for (const NumberOption& option : program.options) {
    if (given.count(option.name) == 0) continue;
    settings.numbers[option.name] = number(option, text(option.name.c_str()));
  }
  return settings;
}

std::string help_text(const Program& program) {
  std::string names;
  for (const Experiment& experiment : program.experiments) names += (names.empty() ? "" : ", ") + experiment.name;
  std::ostringstream described;
  described << described_options(program);
  return fmt::format(
      "{}\n\nUsage: {} --experiment NAME [options]\n\nExperiments: {}\n\n{}", program.title, program.name, names,
      described.str());
}

std::string list_text(const Program& program) {
  std::size_t width = 0;
  for (const Experiment& experiment : program.experiments) width = std::max(width, experiment.name.size());
  std::string text;
  for (const Experiment& experiment : program.experiments) {
    text += fmt::format(
        "{:<{}}  {}\n{:<{}}  book: {} ({})\n", experiment.name, width, experiment.description, "", width,
        experiment.published, duration(experiment.seconds));
  }
  return text;
}

std::vector<std::string> list_records(const Program& program) {
  std::vector<std::string> records;
  for (const Experiment& experiment : program.experiments) {
    const nlohmann::ordered_json record{
        {"record", "experiment"},
        {"name", experiment.name},
        {"description", experiment.description},
        {"published", experiment.published},
        {"seconds", experiment.seconds}};
    records.push_back(record.dump());
  }
  return records;
}

}  // namespace program
