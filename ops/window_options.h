#pragma once

#include <gradus/ops/sliding_window.h>

namespace gradus {

// What every operation with a window demands of its options.

/// What fits an operation's attributes: a window's size; a stride, padding or dilation.
inline constexpr Index largest_window = 65535, largest_step = 4095;

/// Throws ValueError, with what the option is called, unless least <= number <= most.
void require_within(
    std::string_view operation, const Operand& x, std::string_view name, Index number, Index least, Index most);

/// Throws ShapeError unless there is one number for all of `rank` axes, or one for each.
void require_one_an_axis(
    std::string_view operation, const Operand& x, std::string_view name, const PerAxis& numbers, int rank);

}  // namespace gradus
