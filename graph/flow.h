#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

/// As vjp, but with an empty tensor for what no gradient reaches.
Tensors vjp_where_it_flows(const Tensors& outputs, const Tensors& cotangents, const Tensors& with_respect_to);

}  // namespace gradus
