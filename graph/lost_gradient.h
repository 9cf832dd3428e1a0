#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

/// Throws if part of the graph between outputs and target has been forgotten, so that a part of the gradient would be
/// lost: StaleError, naming the part, if the target is a parameter, else GradientError.
void check_nothing_forgotten(const Tensors& outputs, const Tensor& target, Where where);

/// The same, and throws GradientError, naming the target and where the path breaks, if `found` is false; StaleError if
/// the outputs were built on another version of the target.
void check_not_lost(const Tensors& outputs, const Tensor& target, bool found, Where where);

}  // namespace gradus
