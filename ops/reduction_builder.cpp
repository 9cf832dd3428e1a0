#include <gradus/ops/reduction_builder.h>

#include <algorithm>
#include <array>

#include <gradus/ops/arguments.h>

namespace gradus {

namespace {

bool reduces(const Call& call, int axis) {
  return (call.integer(0) >> axis & 1) != 0;
}

}  // namespace

Attributes reduction_attributes(std::string_view operation, const Operand& x, const Axes& axes, bool keep) {
  if (axes.all()) return Attributes({(Index{1} << x.tensor().rank()) - 1, keep});
  const Attributes normal = normal_axes(operation, x, axes.list());
  Index bits = 0;
  for (const Index axis : normal.integers()) bits |= Index{1} << axis;
  return Attributes({bits, keep});
}

Axes reduced_axes(const Call& call) {
  std::array<Index, max_rank> axes{};
  std::size_t count = 0;
  for (int axis = 0; axis < call[0].rank(); ++axis) {
    if (reduces(call, axis)) axes[count++] = axis;
  }
  return Axes(std::span<const Index>(axes.data(), count));
}

bool keeps_axes(const Call& call) {
  return call.integer(1) != 0;
}

Index reduced_count(const Call& call) {
  Index count = 1;
  for (int axis = 0; axis < call[0].rank(); ++axis) {
    if (reduces(call, axis)) count *= call[0].shape()[axis];
  }
  return count;
}

Tensor with_reduced_axes(const Call& call, const Tensor& result) {
  if (keeps_axes(call)) return result;
  Shape shape = call[0].shape();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (reduces(call, axis)) shape[axis] = 1;
  }
  return shape == result.shape() ? result : reshape(result, shape);
}

Tensor batched_reduction(const Call& call, std::uint32_t) {
  std::array<Index, Attributes::capacity> integers{};
  std::ranges::copy(call.integers(), integers.begin());
  integers[0] <<= 1;
  const auto& operation = static_cast<const Registered&>(call.operation());
  return apply(operation, {call[0]}, Attributes(std::span<const Index>(integers.data(), call.integers().size())));
}

Shape reduced_shape(const Call& call) {
  Shape shape;
  for (int axis = 0; axis < call[0].rank(); ++axis) {
    if (!reduces(call, axis)) {
      shape.append(call[0].shape()[axis]);
    } else if (keeps_axes(call)) {
      shape.append(1);
    }
  }
  return shape;
}

Shape reduced_shape_of_something(const Call& call) {
  const Shape shape = reduced_shape(call);
  call.require(
      shape.count() == 0 || reduced_count(call) > 0, "there are no entries along the reduced axes to choose from");
  return shape;
}

}  // namespace gradus
