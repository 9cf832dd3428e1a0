#pragma once

#include <cstdint>
#include <deque>
#include <fstream>
#include <string>

namespace program {

/// The file of --metrics: JSON Lines.
class Metrics {
 public:
  /// What a file holds already: a run that is resumed says it once more, from the beginning.
  enum class Old { is_lost, is_repeated };

  /// An empty path: nothing is written. Throws Mistake where the file cannot be.
  explicit Metrics(std::string path, Old old = Old::is_lost);
  /// One JSON object, as a line. Where the file has it already in this place, up to its timings, the line stays as it
  /// is. Throws Mistake where the file takes no more.
  void write(const std::string& record);

 private:
  void read_old_lines();
  bool is_there(const std::string& record);
  void open(std::ios::openmode mode);

  std::string path_;
  std::ofstream out_;
  bool repeating_ = false;
  std::deque<std::string> old_lines_;  ///< that have not been repeated yet
  std::uintmax_t repeated_bytes_ = 0;
};

}  // namespace program
