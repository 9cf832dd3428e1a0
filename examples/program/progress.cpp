#include <program/progress.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace program {
namespace {

using gradus::Index;
using std::chrono::duration;
using std::chrono::milliseconds;

constexpr milliseconds between_rewrites{100};
constexpr milliseconds between_lines{10'000};

bool stderr_is_a_terminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && kind != nullptr && std::string_view(kind) != "dumb";
}

std::string time_text(double seconds) {
  const auto whole = std::lround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace

Progress::Progress() : terminal_(stderr_is_a_terminal()) {}

void Progress::begin(Index total, std::string_view unit) {
  erase();
  total_ = total;
  unit_ = unit;
  done_ = restored_ = 0;
  look_at_ = 1;
  start_ = Clock::now();
  next_ = start_ + (terminal_ ? between_rewrites : between_lines);
}

void Progress::look() {
  const Clock::time_point now = Clock::now();
  const double elapsed = duration<double>(now - start_).count();
  // As many steps as take about 10 ms.
  look_at_ = done_ + 1 + static_cast<Index>(0.01 * static_cast<double>(done_ - restored_) / std::max(elapsed, 1e-3));
  if (now < next_ || done_ >= total_) return;
  next_ = now + (terminal_ ? between_rewrites : between_lines);
  if (terminal_) {
    fmt::print(stderr, "\r{}\x1b[K", text(elapsed));
    shown_ = true;
  } else {
    fmt::print(stderr, "{}\n", text(elapsed));
  }
  std::fflush(stderr);
}

std::string Progress::text(double elapsed) const {
  const auto done = static_cast<double>(done_), total = static_cast<double>(total_);
  const double rate = static_cast<double>(done_ - restored_) / elapsed;
  return fmt::format(
      "{:3.0f} %  {} of {} {}  {:.{}f}/s  {} left", 100 * done / total, done_, total_, unit_, rate, rate < 10 ? 1 : 0,
      time_text((total - done) / rate));
}

void Progress::erase() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace program
