#pragma once

#include <string>
#include <vector>

#include <gradus/graph/tensor.h>

namespace gradus {

/// The graph behind a tensor as a formula: "g * (1 - y * y)", "sum(a * b, [1, 0])". Leaves stand as their names,
/// numbers as their digits, operations as their symbol or as name(inputs, [attributes]); a named tensor within the
/// graph ends it. What is used several times and is long gets a letter of its own: "t1 / t1 where t1 = …".
std::string expression(const Tensor& tensor);

/// Several tensors, which share their letters: "a' = g * t1, b' = g / t1 where t1 = …".
std::string expressions(const std::vector<std::string>& names, const Tensors& tensors);

}  // namespace gradus
