#include <gradus/ops/standardized.h>

#include <array>

#include <gradus/graph/operation.h>
#include <gradus/graph/rewrite.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/reduction.h>

namespace gradus {

namespace {

// x with its channels last, as convolutions leave it in memory, and back: sums over the other axes then add rows.
Tensor channels_last(const Tensor& x) {
  if (x.rank() == 2) return x;
  std::array<Index, max_rank> order{0};
  const auto rank = static_cast<std::size_t>(x.rank());
  for (std::size_t axis = 1; axis < rank; ++axis) order[axis] = axis + 1 < rank ? static_cast<Index>(axis) + 1 : 1;
  return permute(x, std::span<const Index>(order.data(), rank));
}
Tensor channels_second(const Tensor& x) {
  if (x.rank() == 2) return x;
  std::array<Index, max_rank> order{0};
  const auto rank = static_cast<std::size_t>(x.rank());
  for (std::size_t axis = 1; axis < rank; ++axis) order[axis] = axis == 1 ? x.rank() - 1 : static_cast<Index>(axis) - 1;
  return permute(x, std::span<const Index>(order.data(), rank));
}

Axes axes_of(Group group) {
  std::array<Index, max_rank> axes{};
  std::size_t count = 0;
  for (int axis = group.first; axis < group.end; ++axis) axes[count++] = axis;
  return Axes(std::span<const Index>(axes.data(), count));
}

// A mean of its own each time: shared, the differences would be written to memory for all that read them, and that
// takes longer than to subtract again.
Tensor centred(const Tensor& x, const Axes& axes) {
  return x - mean(x, axes, keep_axes);
}

// What the walk through mean and variance would find, without the sums that are 0 or there already: with d = x − mean,
// of n entries, dx = scale/σ (g − Σg/n − d Σgd/(nσ²)).
Tensors standardized_derivative(const Call& call, const Tensor&, const Tensor& g) {
  const Tensor &x = call[1], &deviation = call[2], &scale = call[3], &shift = call[4];
  const Axes axes = axes_of({static_cast<int>(call.integer(0)), static_cast<int>(call.integer(1))});
  const Tensor sum_g = sum(g, axes, keep_axes), sum_gd = sum(g * centred(x, axes), axes, keep_axes);
  const double part = static_cast<double>(deviation.count()) / static_cast<double>(x.count());
  const Tensor dx = (g - sum_g * part - centred(x, axes) * (sum_gd * part / square(deviation))) * (scale / deviation);
  return {
      Tensor(), sum_to(dx, x.shape()), Tensor(), sum_to(sum_gd / deviation, scale.shape()),
      sum_to(sum_g, shift.shape())};
}

// As many axes behind the first as the result has, so that what was broadcast before still is.
Tensor batched_standardized(const Call& call, std::uint32_t stacked);

Tensor small_batch_norm(const Tensors& in) {
  return standardized(in[0], {-2, -1}, in[1], in[2], 1e-5);
}
Tensor small_layer_norm(const Tensors& in) {
  return standardized(in[0], {-1, 0}, in[1], in[2], 0.1);
}

}  // namespace

const Registered standardized_op = Operation{
    .name = "standardized",
    .formula = "y, which is (x - mean) / deviation scale + shift: what normalisations are differentiated as",
    .inputs = {"y", "x", "deviation", "scale", "shift"},
    .shape = [](const Call& call) { return call[0].shape(); },
    .derivative = standardized_derivative,
    .rewrite = [](const Term& term) { return std::optional(term[0]); },
    .view = [](const ViewRequest& request) { return std::optional(request.input); },
    .batched = batched_standardized,
    .samples =
        {{{{4, 2}, {2}, {2}}, small_batch_norm},
         {{{2, 3, 2}, {2, 1, 2}, {2}}, small_batch_norm},
         {{{2, 4}, {}, {}}, small_layer_norm}},
};

namespace {

Tensor batched_standardized(const Call& call, std::uint32_t stacked) {
  const auto is_stacked = [&](int input) { return (stacked >> input & 1) != 0; };
  const int rank = call[0].rank() + (is_stacked(0) ? 0 : 1);
  std::vector<Operand> inputs;
  Index calls = 1;
  for (int i = 0; i < call.input_count(); ++i) {
    Shape shape = call[i].shape();
    if (is_stacked(i)) calls = shape[0];
    while (is_stacked(i) && shape.rank() < rank) shape = shape.with(1, 1);
    inputs.emplace_back(reshape(call[i], shape), call.where());
  }
  if (!is_stacked(0)) inputs[0] = Operand(broadcast_to(call[0], call[0].shape().with(0, calls)), call.where());
  return apply(standardized_op, inputs, call.attributes());
}

}  // namespace

Standardization standardization(
    const Tensor& x, Group group, const Tensor& scale, const Tensor& shift, double epsilon) {
  // The mean of nothing is NaN, and would reach the gradient of the scale.
  if (x.count() == 0) return {x * scale + shift, {}, {}};
  const Axes axes = axes_of(group);
  const Tensor spread = variance(x, axes, keep_axes), deviation = square_root(spread + epsilon);
  // Scale and deviation meet before x does: that is one multiplication an entry.
  const Tensor average = mean(x, axes, keep_axes), y = (x - average) * (scale / deviation) + shift;
  return {
      apply(standardized_op, {y, x, deviation, scale, shift}, Attributes({group.first, group.end})), average, spread};
}

Tensor standardized(const Tensor& x, Group group, const Tensor& scale, const Tensor& shift, double epsilon) {
  return standardization(x, group, scale, shift, epsilon).y;
}

Standardization standardization_by_channels(
    const Tensor& x, int first, const Tensor& scale, const Tensor& shift, double epsilon) {
  Standardization found = standardization(channels_last(x), {first - x.rank(), -1}, scale, shift, epsilon);
  found.y = channels_second(found.y);
  return found;
}

}  // namespace gradus
