#include "errors/misuse.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <typeinfo>

#include <cxxabi.h>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

namespace gradus::tests {

namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(GRADUS_SOURCE_DIR) / "tests" / "errors";

std::vector<Misuse>& list() {
  static std::vector<Misuse> misuses;
  return misuses;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// "gradus::ShapeError" → "ShapeError".
std::string type_of(const std::exception& error) {
  const std::string mangled = typeid(error).name();
  char* plain = abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, nullptr);
  const std::string name = plain ? plain : mangled;
  std::free(plain);
  return name.starts_with("gradus::") ? name.substr(8) : name;
}

/// A line of one of these tests without the blanks around it; empty where there is none.
std::string source_line(const std::string& file, int number) {
  std::ifstream source(folder / file);
  std::string line;
  for (int i = 0; i < number; ++i) {
    if (!std::getline(source, line)) return "";
  }
  const std::size_t begin = line.find_first_not_of(' ');
  return begin == std::string::npos ? "" : line.substr(begin);
}

std::string without_temporary_names(const std::string& text) {
  return std::regex_replace(text, std::regex("[^ '\n]*/gradus-test-[A-Za-z0-9]{6}"), "<folder>");
}

/// The text with `<line>` for line numbers, and then those lines. What is not a line of these tests stays as it is.
std::string with_lines_quoted(const std::string& text) {
  static const std::regex place("([A-Za-z_0-9]+\\.(?:cpp|h)):([0-9]+)");
  std::string result, quoted;
  auto rest = text.begin();
  for (std::sregex_iterator match(text.begin(), text.end(), place), end; match != end; ++match) {
    const std::string line = source_line((*match)[1], std::stoi((*match)[2]));
    CHECK_MESSAGE(!line.empty(), "not a line of the user's: " << match->str());
    result.append(rest, (*match)[0].first);
    result += line.empty() ? match->str() : (*match)[1].str() + ":<line>";
    rest = (*match)[0].second;
    if (!line.empty()) quoted += "  <line> " + line + "\n";
  }
  result.append(rest, text.end());
  return result + "\n" + quoted;
}

/// Whether gradus still works: nothing of a failed call is left behind on this thread.
bool still_works() {
  const Parameter x(tensor({1.0, 2.0, 3.0}), "x");
  const Tensor cost = sum(square(x) + exp(x) * 0);
  return cost.item() == 14 && gradients(cost, {x})[0].values() == std::vector<double>{2, 4, 6};
}

bool must_update() {
  const char* update = std::getenv("GRADUS_UPDATE_GOLDEN");
  return update != nullptr && std::string(update) == "1";
}

void compare_with_golden(const std::string& name, const std::string& report) {
  const fs::path file = folder / (name + ".txt");
  if (must_update()) std::ofstream(file, std::ios::binary) << report;
  if (!fs::exists(file)) {
    FAIL_CHECK(name << ".txt is missing; GRADUS_UPDATE_GOLDEN=1 writes it:\n" << report);
    return;
  }
  CHECK_EQ(report, text_of(file));
}

}  // namespace

Misuses::Misuses(std::vector<Misuse> misuses) {
  std::move(misuses.begin(), misuses.end(), std::back_inserter(list()));
}

const std::vector<Misuse>& Misuses::all() {
  return list();
}

std::string report_of(const std::function<void()>& mistake) {
  try {
    mistake();
  } catch (const std::exception& error) {
    return type_of(error) + "\n" + with_lines_quoted(without_temporary_names(error.what()));
  }
  return "no error\n";
}

TEST_CASE("every misuse ends in the documented error") {
  std::size_t tried = 0;
  for (const Misuse& misuse : Misuses::all()) {
    INFO(misuse.name);
    const std::string report = misuse.report();
    CHECK(still_works());
    if (report.empty()) continue;
    compare_with_golden(misuse.name, report);
    ++tried;
  }
  MESSAGE(tried << " misuses of " << Misuses::all().size() << " tried");
  CHECK(tried >= 40);
}

TEST_CASE("every golden text belongs to one misuse") {
  std::set<std::string> names;
  for (const Misuse& misuse : Misuses::all()) CHECK_MESSAGE(names.insert(misuse.name).second, misuse.name << " twice");
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const fs::path path = entry.path();
    if (path.extension() != ".txt" || names.contains(path.stem().string())) continue;
    if (must_update() && fs::remove(path)) continue;
    FAIL_CHECK(path.filename().string() << " belongs to no misuse");
  }
}

TEST_CASE("a golden text holds no line number and no name that changes") {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    const std::string text = text_of(entry.path());
    CHECK_FALSE(std::regex_search(text, std::regex("\\.(cpp|h):[0-9]|/tmp/|parameter[0-9]")));
    CHECK_FALSE(text.starts_with("no error"));
  }
}

}  // namespace gradus::tests
