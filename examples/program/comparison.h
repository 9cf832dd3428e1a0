#pragma once

#include <gradus/graph/tensor.h>

namespace program {

/// The largest difference between entries of a and b, relative to the largest entry of b; NaN if there is one.
double relative_difference(const gradus::Tensors& a, const gradus::Tensors& b);
/// The greater one; NaN if there is one.
double worse(double a, double b);

}  // namespace program
