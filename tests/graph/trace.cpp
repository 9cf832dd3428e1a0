#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <doctest/doctest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

using nlohmann::json;

std::string trace_path() {
  return (std::filesystem::temp_directory_path() / ("gradus_trace_" + std::to_string(getpid()) + ".json")).string();
}

/// Reads the file and removes it. Throws where it is not JSON.
std::vector<json> events_of(const std::string& path) {
  std::ifstream file(path);
  const json content = json::parse(file);
  std::filesystem::remove(path);
  return content.at("traceEvents").get<std::vector<json>>();
}

std::vector<json> named(const std::vector<json>& events, const std::string& name) {
  std::vector<json> found;
  for (const json& event : events) {
    if (event.at("ph") == "X" && event.at("name") == name) found.push_back(event);
  }
  return found;
}

bool within(const json& inner, const json& outer) {
  const double begin = inner.at("ts"), end = begin + inner.at("dur").get<double>();
  const double from = outer.at("ts"), to = from + outer.at("dur").get<double>();
  constexpr double rounding = 0.01;
  return begin >= from - rounding && end <= to + rounding;
}

}  // namespace

TEST_CASE("a trace holds recording, planning, replaying, and every step with its name, shape and size") {
  const std::string path = trace_path();
  const Tensor x = uniform({20, 30}, {.seed = 1}).detach();
  {
    const Trace trace(path);
    for (int i = 0; i < 2; ++i) {
      const Tensor sums = cumulative_sum(x, 1).named("running \"sums\"\xff");
      evaluate({sum(sums)});
    }
  }
  evaluate({x + 2.0});
  const auto events = events_of(path);
  CHECK(named(events, "record").size() == 2);
  CHECK(named(events, "plan").size() == 1);
  const auto runs = named(events, "replay"), steps = named(events, "cumulative_sum");
  REQUIRE(runs.size() == 2);
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].at("args").at("shape") == "[20, 30]");
  CHECK(steps[0].at("args").at("entries") == 600);
  CHECK(steps[0].at("args").at("bytes") == 4800);
  CHECK(steps[0].at("args").at("node").get<std::string>().starts_with("running \"sums\""));
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(within(steps[i], runs[i]));
    CHECK_FALSE(within(steps[i], runs[1 - i]));
  }
}

TEST_CASE("steps of a parallel run lie within it, on the rows of the threads that ran them, one after another") {
  const std::string path = trace_path();
  const Tensor x = uniform({400, 400}, {.seed = 1}).detach();
  set_threads(2);
  {
    const Trace trace(path);
    Tensor total = sum(matmul(x, x));
    for (int i = 0; i < 5; ++i) total += sum(matmul(x * (1.5 + i), x));
    REQUIRE(explain({total}).parallel);
    evaluate({total});
  }
  set_threads(0);
  const auto events = events_of(path);
  const auto runs = named(events, "replay");
  REQUIRE(runs.size() == 1);
  std::set<int> named_rows;
  std::map<int, std::vector<json>> rows;
  for (const json& event : events) {
    if (event.at("ph") == "M") named_rows.insert(event.at("tid").get<int>());
    if (event.value("cat", "") == "step") rows[event.at("tid")].push_back(event);
  }
  REQUIRE(!rows.empty());
  for (auto& [row, steps] : rows) {
    CHECK(named_rows.count(row) == 1);
    std::sort(steps.begin(), steps.end(), [](const json& a, const json& b) { return a.at("ts") < b.at("ts"); });
    for (const json& step : steps) CHECK(within(step, runs[0]));
  }
}

TEST_CASE("a trace that cannot be written says where") {
  CHECK_THROWS_WITH_AS(
      start_trace("/no/such/folder/run.json"), doctest::Contains("/no/such/folder/run.json"), ValueError);
}

namespace {

/// Runs one test of this program in a process of its own, with a variable of the environment set. What it wrote to
/// stderr.
std::string stderr_of_program(const std::string& variable, const std::string& path, const std::string& test) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string(), errors = trace_path() + ".err";
  const std::string command =
      variable + "='" + path + "' '" + program + "' --no-skip -tc='" + test + "' >/dev/null 2>'" + errors + "'";
  CHECK(std::system(command.c_str()) == 0);
  std::ifstream file(errors);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove(errors);
  return text;
}

std::string stderr_of_traced_program(const std::string& path) {
  return stderr_of_program("GRADUS_TRACE", path, "handles that are held keep*");
}

}  // namespace

// A program of its own: skipped unless the next one calls it.
TEST_CASE("a program starts a trace and ends by exit" * doctest::skip()) {
  set_threads(1);
  if (const char* path = std::getenv("GRADUS_TEST_TRACE")) start_trace(path);
  evaluate({ones({3}) + 1.0});
  std::exit(0);
}

TEST_CASE("a trace is complete although the program ends by exit") {
  const std::string path = trace_path();
  CHECK(stderr_of_program("GRADUS_TEST_TRACE", path, "a program starts a trace*").empty());
  CHECK(named(events_of(path), "replay").size() >= 1);
}

TEST_CASE("GRADUS_TRACE traces a whole program") {
  const std::string path = trace_path();
  CHECK(stderr_of_traced_program(path).empty());
  CHECK(named(events_of(path), "replay").size() >= 1);
}

TEST_CASE("a program whose GRADUS_TRACE cannot be written says so in one line and goes on") {
  const std::string text = stderr_of_traced_program("/no/such/folder/run.json");
  CHECK(text.starts_with("gradus: GRADUS_TRACE: "));
  CHECK(text.find("/no/such/folder/run.json") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}
