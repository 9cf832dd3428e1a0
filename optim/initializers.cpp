#include <gradus/optim/initializers.h>

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>

namespace gradus::initializers {

namespace {

struct Connections {
  double inputs = 0, outputs = 0;
};

Connections connections(const Shape& shape, std::string_view initializer, Where where) {
  if (shape.rank() < 2) {
    throw ShapeError(fmt::format(
        "{}{}: {} has no inputs and outputs to count; weights are [inputs, outputs]", at(where), initializer,
        shape.text()));
  }
  if (shape.rank() == 2) return {static_cast<double>(shape[0]), static_cast<double>(shape[1])};
  double window = 1;
  for (int axis = 2; axis < shape.rank(); ++axis) window *= static_cast<double>(shape[axis]);
  return {static_cast<double>(shape[1]) * window, static_cast<double>(shape[0]) * window};
}

// A layer of no inputs has no weights, whatever their deviation.
double root_of_ratio(double above, double below) {
  return below > 0 ? std::sqrt(above / below) : 0;
}

Tensor gaussian(const Shape& shape, double deviation, const DrawOptions& options, Where where) {
  return normal(shape, {.deviation = deviation, .dtype = options.dtype, .seed = options.seed}, where);
}

Tensor even(const Shape& shape, double limit, const DrawOptions& options, Where where) {
  return uniform(shape, {.from = -limit, .to = limit, .dtype = options.dtype, .seed = options.seed}, where);
}

}  // namespace

Tensor book_large(const Shape& shape, const DrawOptions& options, Where where) {
  return gaussian(shape, 1, options, where);
}

Tensor book_new(const Shape& shape, const DrawOptions& options, Where where) {
  const double inputs = shape.rank() < 2 ? 1 : connections(shape, "book_new", where).inputs;
  return gaussian(shape, root_of_ratio(1, inputs), options, where);
}

Tensor glorot_uniform(const Shape& shape, const DrawOptions& options, Where where) {
  const Connections count = connections(shape, "glorot_uniform", where);
  return even(shape, root_of_ratio(6, count.inputs + count.outputs), options, where);
}

Tensor glorot_normal(const Shape& shape, const DrawOptions& options, Where where) {
  const Connections count = connections(shape, "glorot_normal", where);
  return gaussian(shape, root_of_ratio(2, count.inputs + count.outputs), options, where);
}

Tensor he_uniform(const Shape& shape, const DrawOptions& options, Where where) {
  return even(shape, root_of_ratio(6, connections(shape, "he_uniform", where).inputs), options, where);
}

Tensor he_normal(const Shape& shape, const DrawOptions& options, Where where) {
  return gaussian(shape, root_of_ratio(2, connections(shape, "he_normal", where).inputs), options, where);
}

}  // namespace gradus::initializers
