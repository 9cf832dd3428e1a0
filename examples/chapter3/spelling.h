#pragma once

#include <cmath>
#include <string>

#include <fmt/format.h>

namespace chapter3 {

/// A number that may have come to grief: "0.25", "NaN", "−∞".
inline std::string spelled(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  return fmt::format("{:.4g}", value == 0 ? 0.0 : value);  // no −0
}

}  // namespace chapter3
