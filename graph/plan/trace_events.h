#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gradus/graph/shape.h>

namespace gradus::plan {

/// What a trace says of a step beside its times.
struct StepLabel {
  std::string operations;  ///< fused ones joined
  std::string node;        ///< the user's name; empty if there is none
  std::string shape;
  Index entries = 0;
  Index bytes = 0;  ///< read and written
};
using StepLabels = std::vector<StepLabel>;

/// Whether a trace is being written.
extern std::atomic<bool> tracing;

/// Nanoseconds of the clock that all events share.
std::int64_t trace_clock();

/// Writes down that this thread spent the time from `begin` until now on something.
void trace_event(const char* name, std::int64_t begin);
/// The same of a step or some of its parts. The labels are kept until the event is written.
void trace_event(const std::shared_ptr<const StepLabels>& labels, std::size_t step, std::int64_t begin);

/// An event as long as it lives, if a trace is being written.
class TraceScope {
 public:
  explicit TraceScope(const char* name) : name_(tracing.load(std::memory_order_relaxed) ? name : nullptr) {
    if (name_) begin_ = trace_clock();
  }
  ~TraceScope() {
    if (name_) trace_event(name_, begin_);
  }
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  const char* name_;
  std::int64_t begin_ = 0;
};

}  // namespace gradus::plan
