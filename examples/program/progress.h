#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <gradus/graph/dtype.h>

namespace program {

/// How far a long computation is, its rate and the time left, on stderr: on a terminal one line that is rewritten in
/// place, elsewhere a line every ten seconds.
class Progress {
 public:
  Progress();
  /// From here on, `total` steps are ahead: `unit` is their plural.
  void begin(gradus::Index total, std::string_view unit);
  void advance(gradus::Index steps) {
    done_ += steps;
    if (done_ >= look_at_) look();
  }
  /// Steps of an earlier sitting, which say nothing of the rate.
  void restore(gradus::Index steps) {
    done_ += steps;
    restored_ += steps;
  }
  /// Takes the line off the terminal, so that something else can be printed.
  void erase();

 private:
  using Clock = std::chrono::steady_clock;
  void look();
  std::string text(double elapsed) const;

  bool terminal_;
  bool shown_ = false;
  std::string unit_;
  gradus::Index total_ = 0, done_ = 0, restored_ = 0;
  gradus::Index look_at_ = 0;  // the clock is looked at only now and then
  Clock::time_point start_, next_;
};

}  // namespace program
