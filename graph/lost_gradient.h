#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

/// Throws GradientError, naming the target and where the path breaks, if `found` is false, or if part of the graph
/// between outputs and target has been forgotten, so that a part of the gradient would be lost. StaleError if the
/// outputs were built on another version of the target.
void check_not_lost(const Tensors& outputs, const Tensor& target, bool found, Where where);

/// Only what was forgotten on the way to a parameter's current version, where zeros are meant otherwise. Throws
/// StaleError.
void check_ways_to_parameter(const Tensors& outputs, const Tensor& target, Where where);

}  // namespace gradus
