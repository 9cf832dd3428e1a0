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
/// The value of a number leaf.
double number_of(const Tensor& tensor);

}  // namespace gradus
