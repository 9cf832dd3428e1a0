#pragma once

#include <string>
#include <utility>

#include <gradus/gradus.h>
#include <program/pictures.h>

namespace chapter3 {

/// y over x, to draw.
inline program::Series curve(
    std::string title, const gradus::Tensor& x, const gradus::Tensor& y, program::Style style = program::Style::line) {
  return {.title = std::move(title), .x = x.values(), .y = y.values(), .style = style};
}

}  // namespace chapter3
