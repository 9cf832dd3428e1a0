#include <program/metrics.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <program/command_line.h>

namespace program {

Metrics::Metrics(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  out_.open(path_);
  if (!out_) {
    throw Mistake(fmt::format(
        "cannot write '{}' ({}); give --metrics a file in a folder that exists", path_, std::strerror(errno)));
  }
}

void Metrics::write(const std::string& record) {
  if (path_.empty()) return;
  out_ << record << std::endl;
  if (!out_) throw Mistake(fmt::format("cannot write to '{}' ({})", path_, std::strerror(errno)));
}

}  // namespace program
