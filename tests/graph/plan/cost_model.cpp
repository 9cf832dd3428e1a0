#include <filesystem>
#include <fstream>
#include <set>

#include <doctest/doctest.h>
#include <unistd.h>

#include <gradus/graph/plan/cost_model.h>

using namespace gradus;
using namespace gradus::plan;

namespace {

namespace fs = std::filesystem;

/// A folder that is there as long as a test.
struct Folder {
  Folder() : path(fs::temp_directory_path() / ("gradus_costs_" + std::to_string(::getpid()))) {
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path path;
};

MachineCosts some_costs() {
  MachineCosts costs;
  costs.step = 31;
  costs.passed_byte = 0.017;
  costs.tasks.wake = 12345;
  costs.entry_of = {{"sin", 0.25}, {"add", 0.03}};
  return costs;
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("costs are found again, by processor") {
  const Folder folder;
  const fs::path file = folder.path / "made" / "costs.json";
  store_costs(file, "a", some_costs());
  store_costs(file, "b", {});
  const auto found = loaded_costs(file, "a");
  REQUIRE(found);
  CHECK(found->step == 31);
  CHECK(found->passed_byte == 0.017);
  CHECK(found->tasks.wake == 12345);
  CHECK(found->entry_of == some_costs().entry_of);
  CHECK(loaded_costs(file, "b")->step == MachineCosts{}.step);
  CHECK_FALSE(loaded_costs(file, "c"));
  CHECK(std::distance(fs::directory_iterator(file.parent_path()), {}) == 1);
}

TEST_CASE("a damaged or foreign file of costs is ignored, and replaced when costs are stored") {
  const Folder folder;
  const fs::path file = folder.path / "costs.json";
  CHECK_FALSE(loaded_costs(file, "a"));
  for (const char* text : {"", "{", "[1, 2]", "7", R"({"a": 3})", R"({"a": {"step": 31}})", "\xff\xfe{}"}) {
    CAPTURE(text);
    write(file, text);
    CHECK_FALSE(loaded_costs(file, "a"));
    store_costs(file, "a", some_costs());
    CHECK(loaded_costs(file, "a"));
  }
}

TEST_CASE("costs that cannot be are ignored") {
  const Folder folder;
  const fs::path file = folder.path / "costs.json";
  for (const double step : {0.0, -1.0, 1e9}) {
    MachineCosts costs = some_costs();
    costs.step = step;
    store_costs(file, "a", costs);
    CHECK_FALSE(loaded_costs(file, "a"));
  }
}

TEST_CASE("costs that cannot be stored are let go in silence") {
  const Folder folder;
  write(folder.path / "taken", "not a folder");
  store_costs(folder.path / "taken" / "costs.json", "a", some_costs());
  CHECK_FALSE(loaded_costs(folder.path / "taken" / "costs.json", "a"));
  store_costs({}, "a", some_costs());
}

TEST_CASE("there is a kernel to time for every class") {
  std::set<CostProbe::Kind> kinds;
  for (const auto* probe = RegisteredProbe::first(); probe; probe = probe->next) kinds.insert(probe->kind);
  CHECK(kinds == std::set{CostProbe::Kind::reduction, CostProbe::Kind::estimate});
}

TEST_CASE("measured costs are numbers that can be stored and found again") {
  const Folder folder;
  const fs::path file = folder.path / "costs.json";
  const MachineCosts measured = measured_costs();
  store_costs(file, "this one", measured);
  const auto found = loaded_costs(file, "this one");
  REQUIRE(found);
  CHECK(found->estimated == measured.estimated);
  CHECK(found->entry_of.count("tanh") == 1);
}
