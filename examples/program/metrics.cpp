#include <program/metrics.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <program/command_line.h>

namespace program {

namespace {

using Json = nlohmann::json;

/// What a record says apart from how long it took and on how many threads; null where it is no JSON.
Json said(const std::string& record) {
  Json json = Json::parse(record, nullptr, false);
  if (!json.is_object()) return nullptr;
  json.erase("seconds");
  json.erase("threads");
  return json;
}

}  // namespace

Metrics::Metrics(std::string path, Old old) : path_(std::move(path)) {
  if (path_.empty()) return;
  if (old == Old::is_repeated) {
    repeating_ = std::filesystem::is_regular_file(path_);
    if (repeating_) read_old_lines();
    // So that a place where nothing can be written is noticed at once.
    open(std::ios::app);
  } else {
    open(std::ios::trunc);
  }
}

void Metrics::open(std::ios::openmode mode) {
  out_.open(path_, std::ios::out | mode);
  if (!out_) {
    throw Mistake(fmt::format(
        "cannot write '{}' ({}); give --metrics a file in a folder that exists", path_, std::strerror(errno)));
  }
}

void Metrics::read_old_lines() {
  std::ifstream file(path_);
  std::string line;
  // A last line without an end was being written when the run was killed.
  while (std::getline(file, line) && !file.eof()) old_lines_.push_back(line);
}

bool Metrics::is_there(const std::string& record) {
  if (old_lines_.empty()) return false;
  const Json old = said(old_lines_.front());
  if (old.is_null() || old != said(record)) return false;
  repeated_bytes_ += old_lines_.front().size() + 1;
  old_lines_.pop_front();
  return true;
}

void Metrics::write(const std::string& record) {
  if (path_.empty() || is_there(record)) return;
  if (repeating_) {
    // What stands behind what was repeated is half a line, or of another run.
    repeating_ = false;
    old_lines_.clear();
    std::error_code error;
    std::filesystem::resize_file(path_, repeated_bytes_, error);
    if (error) throw Mistake(fmt::format("cannot write to '{}' ({})", path_, error.message()));
  }
  out_ << record << std::endl;
  if (!out_) throw Mistake(fmt::format("cannot write to '{}' ({})", path_, std::strerror(errno)));
}

}  // namespace program
