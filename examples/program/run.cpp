#include <program/run.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <gradus/graph/evaluate.h>

namespace program {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::duration;
using std::chrono::steady_clock;

double seconds_between(steady_clock::time_point from, steady_clock::time_point to) {
  return std::round(duration<double>(to - from).count() * 1e4) / 1e4;
}

bool holds(const Band& band, double value) {
  return value >= band.from && value <= band.to;
}

void add_figures(Json& record, const Summary& summary) {
  record["quantity"] = summary.quantity;
  record["published"] = summary.published ? Json(*summary.published) : Json(nullptr);
  record["measured"] = summary.measured;
  record["band"] = summary.band ? Json{summary.band->from, summary.band->to} : Json(nullptr);
  record["within"] = summary.band ? Json(holds(*summary.band, summary.measured)) : Json(nullptr);
}

/// "run.safetensors", "run-2.safetensors", …
std::string numbered(const std::string& file, int number) {
  if (number == 1) return file;
  const std::filesystem::path path(file);
  const std::string name = fmt::format("{}-{}{}", path.stem().string(), number, path.extension().string());
  return (path.parent_path() / name).string();
}

/// What a run without --resume must not leave for one with it. The last one first: one that is killed meanwhile leaves
/// no gap.
void remove_checkpoints(const std::string& file) {
  int number = 0;
  while (std::filesystem::exists(numbered(file, number + 1))) ++number;
  for (; number > 0; --number) std::filesystem::remove(numbered(file, number));
}

/// All that a training's numbers depend on.
std::string described(const std::string& experiment, const Settings& settings, int training) {
  std::string text = fmt::format("--experiment {} --seed {}", experiment, settings.seed);
  if (settings.quick) text += " --quick";
  if (settings.epochs) text += fmt::format(" --epochs {}", *settings.epochs);
  for (const auto& [name, value] : settings.numbers) text += fmt::format(" --{} {}", name, value);
  return fmt::format("{}, training {}", text, training);
}

}  // namespace

Run::Run(std::string experiment, Settings settings, std::string checkpoint)
    : experiment_(std::move(experiment)),
      checkpoint_(std::move(checkpoint)),
      settings_(std::move(settings)),
      metrics_(settings_.metrics, settings_.resume ? Metrics::Old::is_repeated : Metrics::Old::is_lost),
      start_(steady_clock::now()),
      epoch_start_(start_) {
  if (settings_.plots.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(settings_.plots, error);
  if (error || !std::filesystem::is_directory(settings_.plots)) {
    throw Mistake(fmt::format(
        "cannot make the folder '{}' ({}); give --plots another", settings_.plots,
        error ? error.message() : "a file of that name exists"));
  }
}

void Run::used(std::string_view option) {
  used_.push_back(fmt::format("--{}", option));
}

Index Run::epochs(Index own) {
  used("epochs");
  const Index epochs = settings_.epochs.value_or(settings_.quick ? std::min<Index>(own, 3) : own);
  if (epochs != own) changed(fmt::format("{} epochs instead of {}", epochs, own));
  return epochs;
}

double Run::number(std::string_view option, double own) {
  used(option);
  const auto given = settings_.numbers.find(std::string(option));
  if (given == settings_.numbers.end() || given->second == own) return own;
  changed(fmt::format("{} {:g} instead of {:g}", option, given->second, own));
  return given->second;
}

Index Run::whole_number(std::string_view option, Index own) {
  return static_cast<Index>(number(option, static_cast<double>(own)));
}

const std::string& Run::data() {
  used("data");
  return settings_.data;
}

gradus::CheckpointOptions Run::next_checkpoint() {
  used("checkpoint");
  used("resume");
  if (checkpoint_.empty()) return {};
  if (++trainings_ == 1 && !settings_.resume) remove_checkpoints(checkpoint_);
  return {
      .file = numbered(checkpoint_, trainings_),
      .resume = settings_.resume,
      .run = described(experiment_, settings_, trainings_)};
}

void Run::print(const std::string& line) {
  progress_.erase();
  std::puts(line.c_str());
  std::fflush(stdout);
}

void Run::expect(Index steps, std::string_view unit) {
  progress_.begin(steps, unit);
  epoch_start_ = steady_clock::now();
}

bool Run::draws() {
  used("plots");
  return !settings_.plots.empty();
}

void Run::explain_failure(const std::optional<std::string>& failure) {
  // One line for the same trouble with several pictures.
  if (!failure || std::find(failures_.begin(), failures_.end(), *failure) != failures_.end()) return;
  failures_.push_back(*failure);
  progress_.erase();
  fmt::print(stderr, "{}\n", *failure);
}

void Run::draw(const std::string& name, const Plot& plot) {
  if (draws()) explain_failure(program::draw(plot, settings_.plots + "/" + name));
}

void Run::draw(const std::string& name, const HeatMap& map) {
  if (draws()) explain_failure(program::draw(map, settings_.plots + "/" + name));
}

void Run::draw(const std::string& name, const ImageGrid& grid) {
  if (draws()) explain_failure(program::draw(grid, settings_.plots + "/" + name));
}

void Run::draw(const std::string& name, const gradus::Tensors& graph) {
  if (draws()) explain_failure(program::draw(graph, settings_.plots + "/" + name));
}

void Run::series(const std::string& name) {
  series_ = name;
  print(name);
}

void Run::epoch(Index epoch, const std::vector<Monitored>& monitored) {
  const auto now = steady_clock::now();
  Json record{{"record", "epoch"}, {"epoch", epoch}, {"seconds", seconds_between(epoch_start_, now)}};
  if (!series_.empty()) record["series"] = series_;
  for (const auto& [name, value] : monitored) record[std::string(name)] = value;
  metrics_.write(record.dump());
  epoch_start_ = now;
}

void Run::show(const Summary& summary) {
  std::string line = fmt::format("{}: {:.6g}", summary.quantity, summary.measured);
  if (summary.published) line += fmt::format("; the book: {:.6g}", *summary.published);
  if (summary.band) {
    const std::string_view verdict = holds(*summary.band, summary.measured) ? "within" : "outside";
    line += summary.band->from == summary.band->to
                ? fmt::format("; {}", verdict == "within" ? "exactly as expected" : "not as expected")
                : fmt::format("; {} {:.6g} to {:.6g}", verdict, summary.band->from, summary.band->to);
  }
  if (!changed_.empty()) line += fmt::format(" (here {})", fmt::join(changed_, ", "));
  print(line);
}

void Run::finding(const Summary& finding) {
  show(finding);
  Json record{{"record", "finding"}, {"experiment", experiment_}};
  add_figures(record, finding);
  metrics_.write(record.dump());
}

void Run::summary(const Summary& summary) {
  show(summary);
  Json record{{"record", "summary"}, {"experiment", experiment_}};
  add_figures(record, summary);
  record["seed"] = settings_.seed;
  record["seconds"] = seconds_between(start_, steady_clock::now());
  record["threads"] = gradus::threads();
  if (!changed_.empty()) record["changed"] = changed_;
  metrics_.write(record.dump());
}

// Of several trainings each may say it.
void Run::changed(const std::string& what) {
  if (std::find(changed_.begin(), changed_.end(), what) == changed_.end()) changed_.push_back(what);
}

std::vector<std::string> Run::unused() const {
  std::vector<std::string> given;
  if (settings_.epochs) given.emplace_back("--epochs");
  if (!settings_.data.empty()) given.emplace_back("--data");
  if (!settings_.plots.empty()) given.emplace_back("--plots");
  if (!settings_.checkpoint.empty()) given.emplace_back("--checkpoint");
  if (settings_.resume) given.emplace_back("--resume");
  for (const auto& [name, value] : settings_.numbers) given.push_back("--" + name);
  std::erase_if(
      given, [&](const std::string& name) { return std::find(used_.begin(), used_.end(), name) != used_.end(); });
  return given;
}

}  // namespace program
