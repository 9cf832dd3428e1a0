#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gradus/graph/dtype.h>

namespace program {

struct Program;

/// Something that the user can put right; the text, one line, says how.
class Mistake : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the command line asked for.
struct Settings {
  bool help = false, list = false, quick = false, resume = false;
  std::string experiment;  ///< empty: none was named
  std::optional<gradus::Index> epochs;
  std::int64_t seed = 1;
  std::optional<int> threads;
  std::string data, plots, metrics, checkpoint;  ///< empty: not given
  std::map<std::string, double> numbers;         ///< the program's own options that were given
};

/// Throws Mistake on anything but what help_text() describes.
Settings read_command_line(int argc, const char* const* argv, const Program& program);

/// What --help prints.
std::string help_text(const Program& program);
/// What --list prints: of each experiment the name, what it does, what the book publishes, about how long it takes.
std::string list_text(const Program& program);

/// The same for programs that read it: JSON objects {"record": "experiment", "name": …}.
std::vector<std::string> list_records(const Program& program);

/// " Did you mean --epochs?" where a candidate is near, else empty.
std::string did_you_mean(std::string_view given, const std::vector<std::string>& candidates);

}  // namespace program
