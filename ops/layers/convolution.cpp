#include <gradus/ops/layers/convolution.h>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>
#include <gradus/ops/creation.h>

namespace gradus {

namespace {

void require_sizes(Index channels, Index filters, const PerAxis& size, Index groups, Where where) {
  if (channels < 1 || filters < 1 || size[0] < 1 || size[1] < 1) {
    throw ValueError(fmt::format(
        "{}Convolution2d: {} channels and {} filters of {} by {}; there must be at least 1 of each", at(where),
        channels, filters, size[0], size[1]));
  }
  if (size.count() == 1 || size.count() == 3) {
    throw ValueError(fmt::format(
        "{}Convolution2d: {} sizes of a filter; give rows and columns, or one number for both", at(where),
        size.count()));
  }
  if (groups < 1 || channels % groups != 0 || filters % groups != 0) {
    throw ValueError(fmt::format(
        "{}Convolution2d: {} groups; the number must divide that of the channels, {}, and of the filters, {}",
        at(where), groups, channels, filters));
  }
}

Parameter initial(
    const Convolution2dOptions::Initializer& initializer, const Shape& shape, std::string_view kind,
    const Convolution2dOptions& options, Where where) {
  const Tensor values = initializer(shape, {.dtype = options.dtype}, where);
  const std::string name = options.name.empty() ? std::string(kind) : fmt::format("{}.{}", options.name, kind);
  if (values.shape() != shape) {
    throw ShapeError(fmt::format(
        "{}Convolution2d: the initializer gave {} for {}, which is {}", at(where), values.shape().text(), name,
        shape.text()));
  }
  if (values.dtype() != options.dtype) {
    throw DtypeError(fmt::format(
        "{}Convolution2d: the initializer gave {} for {}, which is {}", at(where), name_of(values.dtype()), name,
        name_of(options.dtype)));
  }
  return {values, name, where};
}

Tensor zero(const Shape& shape, const DrawOptions& options, Where where) {
  return zeros(shape, options.dtype, where);
}

}  // namespace

Convolution2d::Convolution2d(
    Index channels, Index filters, const PerAxis& size, const Convolution2dOptions& options, Where where)
    : window_(options.window) {
  require_sizes(channels, filters, size, options.window.groups, where);
  if (!options.initializer) {
    throw ValueError(
        at(where) + "Convolution2d: no initializer; give one, as in {.initializer = initializers::he_normal}");
  }
  const Shape shape{filters, channels / options.window.groups, size[0], size[1]};
  parameters_.push_back(initial(options.initializer, shape, "weights", options, where));
  if (!options.bias) return;
  const auto& of_bias = options.bias_initializer ? options.bias_initializer : zero;
  parameters_.push_back(initial(of_bias, {filters}, "bias", options, where));
}

Tensor Convolution2d::operator()(const Operand& x) const {
  if (parameters_.size() == 1) return conv2d(x, parameters_[0], window_);
  return conv2d(x, parameters_[0], parameters_[1], window_);
}

}  // namespace gradus
