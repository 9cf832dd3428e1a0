#include <gradus/graph/product_precision.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

#include <gradus/graph/evaluate.h>

namespace gradus {

namespace {

std::atomic<ProductPrecision>& precision_in_use() {
  static std::atomic<ProductPrecision> precision = [] {
    const char* given = std::getenv("GRADUS_PRODUCT_PRECISION");
    return given && std::string_view(given) == "bfloat16" ? ProductPrecision::bfloat16 : ProductPrecision::float32;
  }();
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
