#pragma once

#include <functional>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/parameter.h>
#include <gradus/graph/tensor.h>

namespace gradus {

/// What `gradients` does about a tensor that the cost does not depend on.
enum class Missing {
  error,  ///< throw GradientError, naming it and where the path breaks
  zeros,  ///< return zeros of its shape
};

/// ∂cost/∂x for each given tensor, as ordinary tensors: they can be differentiated again. `cost` must be a floating
/// scalar (ShapeError otherwise). Reverse mode, the book's backpropagation (BP1–BP4).
Tensors gradients(const Operand& cost, const Tensors& with_respect_to, Missing missing = Missing::error);

/// Σ_i cotangent_i · ∂y_i/∂x: the vector–Jacobian product of outputs of any shape.
Tensors vjp(
    const Tensors& outputs, const Tensors& cotangents, const Tensors& with_respect_to, Missing missing = Missing::error,
    Where where = Where::current());

/// Σ_j ∂y/∂x_j · tangent_j, by differentiating the vjp in its cotangent. Same shape as y.
Tensor jvp(const Operand& y, const Tensors& with_respect_to, const Tensors& tangents);

/// H·v without forming H, where H = ∂²cost/∂x². One tensor per x, shaped like it.
Tensors hessian_vector_product(const Operand& cost, const Tensors& with_respect_to, const Tensors& vectors);

/// ∂y_i/∂x_j, shape: y's shape, then x's.
Tensor jacobian(const Operand& y, const Tensor& x);

/// ∂²cost/∂x_i∂x_j, shape: x's shape twice.
Tensor hessian(const Operand& cost, const Tensor& x);

}  // namespace gradus
