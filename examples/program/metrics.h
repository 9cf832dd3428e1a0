#pragma once

#include <fstream>
#include <string>

namespace program {

/// The file of --metrics: JSON Lines.
class Metrics {
 public:
  /// An empty path: nothing is written. Throws Mistake where the file cannot be.
  explicit Metrics(std::string path);
  /// One JSON object, as a line. Throws Mistake where the file takes no more.
  void write(const std::string& record);

 private:
  std::string path_;
  std::ofstream out_;
};

}  // namespace program
