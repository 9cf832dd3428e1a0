#include <gradus/graph/product_precision.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>

namespace gradus {

namespace {

ProductPrecision precision_asked_for() {
  const char* const given = std::getenv("GRADUS_PRODUCT_PRECISION");
  const std::string_view name = given ? given : "float32";
  if (name == "float32") return ProductPrecision::float32;
  if (name == "bfloat16") return ProductPrecision::bfloat16;
  throw ValueError(fmt::format("GRADUS_PRODUCT_PRECISION is '{}', but must be float32 or bfloat16", name));
}

std::atomic<ProductPrecision>& precision_in_use() {
  static std::atomic<ProductPrecision> precision = precision_asked_for();
  return precision;
}

}  // namespace

void set_product_precision(ProductPrecision precision) {
  // Plans hold kernels for the precision that they were made with.
  if (precision_in_use().exchange(precision) != precision) clear_plan_cache();
}

ProductPrecision product_precision() {
  return precision_in_use();
}

}  // namespace gradus
