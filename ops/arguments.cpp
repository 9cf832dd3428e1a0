#include <gradus/ops/arguments.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gradus {

namespace {

std::string failure_text(
    std::string_view operation, const Operand& x, std::string_view why, std::string_view argument) {
  return fmt::format("{}{}: {}; {} is {}", at(x.where()), operation, why, argument, describe(x.tensor()));
}

}  // namespace

void fail_value(std::string_view operation, const Operand& x, std::string_view why, std::string_view argument) {
  throw ValueError(failure_text(operation, x, why, argument));
}

void fail_shape(std::string_view operation, const Operand& x, std::string_view why, std::string_view argument) {
  throw ShapeError(failure_text(operation, x, why, argument));
}

Attributes normal_axes(std::string_view operation, const Operand& x, std::span<const Index> axes) {
  std::array<Index, max_rank> normal{};
  auto end = normal.begin();
  for (const Index axis : axes) {
    const Index front = normal_axis(operation, x, axis);
    if (std::find(normal.begin(), end, front) != end) {
      fail_shape(operation, x, fmt::format("axes {} name axis {} twice", text_of(axes), front));
    }
    *end++ = front;
  }
  return Attributes(std::span<const Index>(normal.begin(), end));
}

std::string text_of(std::span<const Index> numbers) {
  return fmt::format("[{}]", fmt::join(numbers, ", "));
}

}  // namespace gradus
