#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

// Entry by entry, in float32 or float64 (DtypeError otherwise).

/// σ(z) = 1 / (1 + e^-z), the book's (3). Stable for any z: 0 at -1000, 1 at 1000.
Tensor sigmoid(const Operand& z);
/// σ'(z) = σ(z) (1 - σ(z)), as in BP1 and BP2; keeps its digits out to |z| = 87 in float32, where σ(z) is long 1.
Tensor sigmoid_prime(const Operand& z);
/// tanh z, the book's (109), (110); σ(z) = (1 + tanh(z/2)) / 2 (111).
Tensor tanh(const Operand& z);
/// tanh'(z) = 1 - tanh² z; keeps its digits out to |z| = 43 in float32.
Tensor tanh_prime(const Operand& z);

/// max(0, z), the book's rectified linear unit (112). The slope at 0 is 0.
Tensor relu(const Operand& z);
/// z where z > 0, else `negative_slope` · z, a number or a tensor that is trained too (PReLU, He et al. 2015). The
/// slope at 0 is `negative_slope`.
Tensor leaky_relu(const Operand& z, const Operand& negative_slope = 0.01);
/// z where z > 0, else alpha (e^z - 1) (Clevert et al. 2016). The slope at 0 is alpha.
Tensor elu(const Operand& z, const Operand& alpha = 1.0);
/// log(1 + e^z) without overflow: a smooth relu.
Tensor softplus(const Operand& z);
/// z Φ(z) with the normal distribution's Φ (Hendrycks and Gimpel 2016), exact also for z << 0.
Tensor gelu(const Operand& z);
/// gelu's approximation ½ z (1 + tanh(√(2/π) (z + 0.044715 z³))), which GPT-2 was trained with.
Tensor gelu_tanh(const Operand& z);
/// z σ(z), also called swish (Ramachandran et al. 2017).
Tensor silu(const Operand& z);

}  // namespace gradus
