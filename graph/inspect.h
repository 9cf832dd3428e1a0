#pragma once

#include <gradus/graph/operation.h>

namespace gradus {

/// The operation that makes a tensor; null for leaves.
const Registered* operation_of(const Tensor& tensor);
/// What it is made from; empty for leaves and for evaluated tensors that no longer remember.
Tensors inputs_of(const Tensor& tensor);
const Attributes& attributes_of(const Tensor& tensor);
/// The user's line that built it.
Where where_of(const Tensor& tensor);

/// What a leaf is.
enum class Leaf { none, constant, number, parameter };
Leaf leaf_of(const Tensor& tensor);
/// The value of a number leaf. Throws GradientError inside a derivative rule.
double number_of(const Tensor& tensor);

/// Throws GradientError while a derivative rule runs on this thread, naming the operation and `what` it tried: a rule
/// must depend on nothing but the structure of the graph.
void forbid_in_rules(std::string_view what, Where where);

}  // namespace gradus
