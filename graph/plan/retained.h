#pragma once

#include <span>

#include <gradus/graph/node.h>

namespace gradus::plan {

/// Evaluated nodes that still remember their inputs because a parameter's gradient may be asked for. When a parameter
/// that they depend on moves on, nothing could rightly be differentiated through them any more, and they forget.

/// Call with graph_mutex held.
void retain_inputs(Node* node);
/// Notes what a node is about to forget that leads to parameters which do not move. Call with graph_mutex held.
void note_lost(Node* node);
/// Makes everything that depends on one of the parameters forget. Call with graph_mutex held.
void forget_dependents(std::span<ParameterState* const> moved, Tensors& released);

}  // namespace gradus::plan
