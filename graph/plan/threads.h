#pragma once

#include <functional>

#include <gradus/graph/evaluate.h>

namespace gradus::plan {

/// Runs a function where `threads()` threads may help.
void in_worker_arena(const std::function<void()>& function);

}  // namespace gradus::plan
