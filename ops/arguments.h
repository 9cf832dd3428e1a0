#pragma once

#include <span>
#include <string_view>

#include <gradus/graph/operation.h>

namespace gradus {

// What public functions check before they apply an operation, in the words of every other error.

/// Throws ValueError with the user's line, the operation, `why` and x's name, dtype and shape; `argument` is what the
/// operation calls x.
[[noreturn]] void fail_value(
    std::string_view operation, const Operand& x, std::string_view why, std::string_view argument = "x");
/// The same as ShapeError.
[[noreturn]] void fail_shape(
    std::string_view operation, const Operand& x, std::string_view why, std::string_view argument = "x");

/// Axes of any sign as axes from the front, in the order given. Throws ShapeError where there is no such axis or one
/// occurs twice.
Attributes normal_axes(std::string_view operation, const Operand& x, std::span<const Index> axes);

/// "[2, -1]" for messages.
std::string text_of(std::span<const Index> numbers);

}  // namespace gradus
