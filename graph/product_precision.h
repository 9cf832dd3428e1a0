#pragma once

#include <cstdint>

namespace gradus {

/// What products of float32 tensors (matmul, convolutions, and their derivatives) are made of; they are added up in
/// float32 in any case.
enum class ProductPrecision : std::uint8_t {
  float32,
  bfloat16,  ///< both factors are rounded first, to 8 significant bits: a relative error of up to 2⁻⁹ each
};

/// For what is evaluated from now on; float32 unless GRADUS_PRODUCT_PRECISION says bfloat16 (ValueError, as soon as
/// anything is evaluated, if that says neither). Everything else, weights and their updates included, stays float32.
/// Processors with AVX512-BF16 or AMX have instructions for such products, others only see what becomes of the results.
/// Not while another thread evaluates.
void set_product_precision(ProductPrecision precision);
ProductPrecision product_precision();

}  // namespace gradus
