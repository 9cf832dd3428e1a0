#include <gradus/graph/trace.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/plan/trace_events.h>

namespace gradus {

namespace plan {

std::atomic<bool> tracing{false};

}  // namespace plan

namespace {

using nlohmann::json;
using plan::StepLabels;

struct Event {
  const char* name = nullptr;  // null: a step
  std::shared_ptr<const StepLabels> labels;
  std::size_t step = 0;
  std::int64_t begin = 0, end = 0;
};

// What one thread has to say. Its own mutex is taken by others only when a trace begins or ends.
struct Row {
  std::mutex mutex;
  int number = 0;
  std::vector<Event> events;
};

json json_of(const Event& event, int row) {
  json text{
      {"ph", "X"},
      {"pid", 1},
      {"tid", row},
      {"ts", static_cast<double>(event.begin) / 1000},
      {"dur", static_cast<double>(event.end - event.begin) / 1000}};
  if (event.name) {
    text["name"] = event.name;
    text["cat"] = "evaluation";
    return text;
  }
  const plan::StepLabel& label = (*event.labels)[event.step];
  text["name"] = label.operations;
  text["cat"] = "step";
  text["args"] = {{"step", event.step}, {"shape", label.shape}, {"entries", label.entries}, {"bytes", label.bytes}};
  if (!label.node.empty()) text["args"]["node"] = label.node;
  return text;
}

class TraceFile {
 public:
  void start(const std::string& path) {
    stop();
    {
      const std::scoped_lock lock(mutex_);
      out_.open(path);
      if (!out_)
        throw ValueError(
            fmt::format("trace: cannot write to '{}': {}; name a file in a folder that exists", path, strerror(errno)));
      out_ << R"({"displayTimeUnit": "ns", "traceEvents": [)";
      first_ = true;
      for (const auto& row : rows_) {
        const std::scoped_lock row_lock(row->mutex);
        row->events.clear();
        write_name(*row);
      }
    }
    clear_plan_cache();
    plan::tracing.store(true, std::memory_order_relaxed);
  }

  void stop() {
    plan::tracing.store(false, std::memory_order_relaxed);
    const std::scoped_lock lock(mutex_);
    if (!out_.is_open()) return;
    for (const auto& row : rows_) {
      const std::scoped_lock row_lock(row->mutex);
      write_events(*row);
    }
    out_ << "\n]}\n";
    out_.close();
  }

  void add(Event event) {
    thread_local Row* const own = new_row();
    bool full = false;
    {
      const std::scoped_lock row_lock(own->mutex);
      own->events.push_back(std::move(event));
      full = own->events.size() >= most_events;
    }
    if (!full) return;
    const std::scoped_lock lock(mutex_);
    const std::scoped_lock row_lock(own->mutex);
    if (out_.is_open()) write_events(*own);
  }

 private:
  // A thread writes when it holds so many, so that memory stays bounded.
  static constexpr std::size_t most_events = 1 << 14;

  Row* new_row() {
    const std::scoped_lock lock(mutex_);
    Row* row = rows_.emplace_back(std::make_unique<Row>()).get();
    row->number = static_cast<int>(rows_.size()) - 1;
    if (out_.is_open()) write_name(*row);
    return row;
  }

  void write_name(const Row& row) {
    write(
        {{"ph", "M"},
         {"pid", 1},
         {"tid", row.number},
         {"name", "thread_name"},
         {"args", {{"name", fmt::format("thread {}", row.number)}}}});
  }

  void write_events(Row& row) {
    for (const Event& event : row.events) write(json_of(event, row.number));
    row.events.clear();
  }

  void write(const json& text) {
    out_ << (std::exchange(first_, false) ? "\n" : ",\n") << text.dump(-1, ' ', false, json::error_handler_t::replace);
  }

  std::mutex mutex_;  // taken before a row's
  std::ofstream out_;
  bool first_ = true;
  std::vector<std::unique_ptr<Row>> rows_;  // kept when their threads end
};

TraceFile& trace_file() {
  // Never destroyed: threads may still work while the program ends.
  static TraceFile* file = new TraceFile;
  return *file;
}

void complete_at_exit() {
  static const bool registered = std::atexit([] { trace_file().stop(); }) == 0;
  static_cast<void>(registered);
}

const bool started_by_environment = [] {
  const char* path = std::getenv("GRADUS_TRACE");
  if (!path || !*path) return false;
  try {
    start_trace(path);
    return true;
  } catch (const ValueError& error) {
    fmt::print(stderr, "gradus: GRADUS_TRACE: {}\n", error.what());
    return false;
  }
}();

}  // namespace

void start_trace(const std::string& path) {
  trace_file().start(path);
  complete_at_exit();
}

void stop_trace() {
  trace_file().stop();
}

namespace plan {

std::int64_t trace_clock() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

void trace_event(const char* name, std::int64_t begin) {
  trace_file().add({.name = name, .labels = nullptr, .step = 0, .begin = begin, .end = trace_clock()});
}

void trace_event(const std::shared_ptr<const StepLabels>& labels, std::size_t step, std::int64_t begin) {
  trace_file().add({.name = nullptr, .labels = labels, .step = step, .begin = begin, .end = trace_clock()});
}

}  // namespace plan

}  // namespace gradus
