#include <gradus/graph/plan/cost_model.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <gradus/graph/error.h>

namespace gradus::plan {

namespace {

using nlohmann::json;

struct Field {
  const char* name;
  double& (*of)(MachineCosts&);
};
constexpr Field fields[] = {
    {"step", [](MachineCosts& costs) -> double& { return costs.step; }},
    {"entry", [](MachineCosts& costs) -> double& { return costs.entry; }},
    {"passed_byte", [](MachineCosts& costs) -> double& { return costs.passed_byte; }},
    {"gathered_byte", [](MachineCosts& costs) -> double& { return costs.gathered_byte; }},
    {"reduced_byte", [](MachineCosts& costs) -> double& { return costs.reduced_byte; }},
    {"estimated", [](MachineCosts& costs) -> double& { return costs.estimated; }},
    {"task", [](MachineCosts& costs) -> double& { return costs.tasks.task; }},
    {"hand_over", [](MachineCosts& costs) -> double& { return costs.tasks.hand_over; }},
    {"wake", [](MachineCosts& costs) -> double& { return costs.tasks.wake; }},
};

// A measurement that something else disturbed must not lead the planner astray for good.
bool plausible(double value, double usual) {
  return std::isfinite(value) && value >= usual / 50 && value <= usual * 50;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

json read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  json content = json::parse(in, nullptr, false);
  return content.is_object() ? content : json::object();
}

MachineCosts load_or_measure() {
  const std::string processor = processor_name();
  const std::filesystem::path file = costs_file();
  if (const auto known = loaded_costs(file, processor)) return *known;
  MachineCosts measured = measured_costs();
  store_costs(file, processor, measured);
  return measured;
}

const MachineCosts usual;
std::atomic<const MachineCosts*> current{&usual};

}  // namespace

const MachineCosts& machine_costs() {
  return *current.load(std::memory_order_acquire);
}

bool measure_costs_once() {
  static std::once_flag once;
  bool changed = false;
  std::call_once(once, [&] {
    const char* const given = std::getenv("GRADUS_COSTS");
    const std::string_view choice = given ? given : "";
    if (choice == "usual") return;
    if (!choice.empty()) throw ValueError(fmt::format("GRADUS_COSTS is '{}', but can only be usual", choice));
    // Never freed: plans may be made as long as the program runs.
    current.store(new MachineCosts(load_or_measure()), std::memory_order_release);
    changed = true;
  });
  return changed;
}

std::filesystem::path costs_file() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    return std::filesystem::path(cache) / "gradus" / "costs.json";
  if (const char* home = std::getenv("HOME"); home && *home)
    return std::filesystem::path(home) / ".cache" / "gradus" / "costs.json";
  return {};
}

std::optional<MachineCosts> loaded_costs(const std::filesystem::path& file, const std::string& processor) {
  const json content = read_json(file);
  const auto found = content.find(processor);
  if (found == content.end() || !found->is_object()) return std::nullopt;
  MachineCosts costs;
  for (const Field& field : fields) {
    const auto value = found->find(field.name);
    double& cost = field.of(costs);
    if (value == found->end() || !value->is_number() || !plausible(*value, cost)) return std::nullopt;
    cost = *value;
  }
  const auto entries = found->find("entry_of");
  if (entries == found->end() || !entries->is_object()) return std::nullopt;
  for (const auto& [name, value] : entries->items()) {
    if (!value.is_number() || !plausible(value, usual.entry)) return std::nullopt;
    costs.entry_of.emplace(name, value);
  }
  return costs;
}

void store_costs(const std::filesystem::path& file, const std::string& processor, const MachineCosts& costs) {
  if (file.empty()) return;
  json content = read_json(file);
  json& entry = content[processor] = json::object();
  MachineCosts copy = costs;
  for (const Field& field : fields) entry[field.name] = field.of(copy);
  entry["entry_of"] = costs.entry_of;
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  // Another program may read meanwhile: it sees the old file or the new one.
  std::filesystem::path draft = file;
  draft += fmt::format(".{}", getpid());
  {
    std::ofstream out(draft);
    out << content.dump(2) << '\n';
    if (!out.flush()) failed = std::make_error_code(std::errc::io_error);
  }
  if (!failed) std::filesystem::rename(draft, file, failed);
  if (failed) std::filesystem::remove(draft, failed);
}

const RegisteredProbe*& RegisteredProbe::first() {
  static const RegisteredProbe* first = nullptr;
  return first;
}

}  // namespace gradus::plan
