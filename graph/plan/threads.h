#pragma once

#include <functional>

#include <gradus/graph/evaluate.h>

namespace gradus::plan {

/// Runs a function where `threads()` threads may help.
void in_worker_arena(const std::function<void()>& function);
/// Has one of those other threads run a function, some time.
void enqueue_in_worker_arena(void (*function)());

}  // namespace gradus::plan
