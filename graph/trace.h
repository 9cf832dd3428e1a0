#pragma once

#include <string>

namespace gradus {

/// Begins to write what the library does, and when, to a file that chrome://tracing and ui.perfetto.dev draw: one row a
/// thread; on it recording, planning and replaying of every evaluation, and every step with its operations, the user's
/// name for the node, its shape, entries and bytes. Ends a trace that is being written. GRADUS_TRACE=FILE does the same
/// for a whole program. Plans made before are made anew, so that their steps have names. Throws ValueError, naming the
/// path, if the file cannot be written.
void start_trace(const std::string& path);
/// Completes the file. Without it the end of the program does. Does nothing if no trace is being written.
void stop_trace();

/// Writes a trace while it lives.
class Trace {
 public:
  explicit Trace(const std::string& path) { start_trace(path); }
  ~Trace() { stop_trace(); }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
};

}  // namespace gradus
