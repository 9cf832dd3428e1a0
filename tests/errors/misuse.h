#pragma once

#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace gradus::tests {

/// What comes of a mistake, as it stands in the golden file: the type of the error, its text, and under it the lines of
/// these tests that the text points at, so that a golden file shows that they are the right ones. Line numbers and
/// temporary folders are taken out. "no error\n" if nothing is thrown.
std::string report_of(const std::function<void()>& mistake);

/// A mistake that a user can make, and what it must end in: tests/errors/<name>.txt. GRADUS_UPDATE_GOLDEN=1 writes it.
struct Misuse {
  /// From the mistake itself, or a function that reports what came of it (empty: that cannot be tried here).
  template <class Call>
  Misuse(std::string file, Call call) : name(std::move(file)) {
    if constexpr (std::is_same_v<std::invoke_result_t<Call>, std::string>) {
      report = call;
    } else {
      report = [call] { return report_of(call); };
    }
  }

  std::string name;
  std::function<std::string()> report;
};

/// Mistakes that the test knows because they exist.
class Misuses {
 public:
  Misuses(std::vector<Misuse> list);  // NOLINT(google-explicit-constructor): const Misuses shapes = {{…}}
  static const std::vector<Misuse>& all();
};

}  // namespace gradus::tests
