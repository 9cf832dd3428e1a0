#pragma once

#include <gradus/graph/node.h>

namespace gradus::plan {

/// Evaluated nodes that still remember their inputs because a parameter's gradient may be asked for. When a parameter
/// that they depend on moves on, nothing could rightly be differentiated through them any more, and they forget.

/// Call with graph_mutex held.
void retain_inputs(Node* node);
/// Makes everything that depends on the cell forget. Call with graph_mutex held.
void forget_dependents(const ParameterCell* cell, Tensors& released);

}  // namespace gradus::plan
