#include <gradus/datasets/warp.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>

namespace gradus::datasets {
namespace {

/// The image at (x, y); pixels beyond the edges have the background's value.
template <class T>
T interpolated(const T* plane, Index rows, Index columns, T background, double x, double y) {
  const auto row_count = static_cast<double>(rows), column_count = static_cast<double>(columns);
  const bool near = x > -1 && x < column_count && y > -1 && y < row_count;
  if (!near) return background;  // also where a coordinate is too large to be an index, or not a number
  const double left = std::floor(x), top = std::floor(y);
  const auto column = static_cast<Index>(left), row = static_cast<Index>(top);
  const T to_right = static_cast<T>(x - left), to_bottom = static_cast<T>(y - top);
  const auto pixel = [&](Index r, Index c) {
    return r < 0 || r >= rows || c < 0 || c >= columns ? background : plane[r * columns + c];
  };
  // With a weight of 0 this is a, to the bit: whole pixels arrive as they are.
  const auto between = [](T a, T b, T weight) { return a + weight * (b - a); };
  return between(
      between(pixel(row, column), pixel(row, column + 1), to_right),
      between(pixel(row + 1, column), pixel(row + 1, column + 1), to_right), to_bottom);
}

}  // namespace

ImageLayout image_layout(const Shape& feature_shape, const Shape& image, std::string_view user, Where where) {
  const Index count = feature_shape.count();
  const int rank = feature_shape.rank();
  if (image.rank() != 0) {
    const bool fits = image.rank() == 2 && image.count() > 0 && count % image.count() == 0;
    if (fits) return {count / image.count(), image[0], image[1]};
    throw ShapeError(fmt::format(
        "{}{}: an image of {} in examples of {}; expected rows and columns of which an example holds a whole number",
        at(where), user, image.text(), feature_shape.text()));
  }
  if (rank >= 2) {
    const Index rows = feature_shape[rank - 2], columns = feature_shape[rank - 1];
    return {count / std::max<Index>(rows * columns, 1), rows, columns};
  }
  const auto side = static_cast<Index>(std::lround(std::sqrt(static_cast<double>(count))));
  if (rank == 1 && side * side == count) return {1, side, side};
  throw ShapeError(fmt::format(
      "{}{}: examples of {} are no square images; say how many rows and columns an image has, .image = {{28, 28}}",
      at(where), user, feature_shape.text()));
}

template <class T>
void warp(const ImageLayout& layout, const Deformation& deformation, T background, const T* image, T* deformed) {
  const double centre_x = static_cast<double>(layout.columns - 1) / 2;
  const double centre_y = static_cast<double>(layout.rows - 1) / 2;
  const double cosine = std::cos(deformation.rotation), sine = std::sin(deformation.rotation);
  const bool displaced = !deformation.displacement_x.empty();
  for (Index row = 0; row < layout.rows; ++row) {
    for (Index column = 0; column < layout.columns; ++column) {
      const Index pixel = row * layout.columns + column;
      const double right = static_cast<double>(column) - centre_x - deformation.right;
      const double down = static_cast<double>(row) - centre_y - deformation.down;
      const double upright_y = sine * right + cosine * down;
      double x = centre_x + (cosine * right - sine * down - deformation.skew * upright_y);
      double y = centre_y + upright_y;
      if (displaced) {
        x += static_cast<double>(deformation.displacement_x[static_cast<std::size_t>(pixel)]);
        y += static_cast<double>(deformation.displacement_y[static_cast<std::size_t>(pixel)]);
      }
      for (Index plane = 0; plane < layout.planes; ++plane) {
        const Index first = plane * layout.pixels();
        deformed[first + pixel] = interpolated(image + first, layout.rows, layout.columns, background, x, y);
      }
    }
  }
}

template void warp(const ImageLayout&, const Deformation&, float, const float*, float*);
template void warp(const ImageLayout&, const Deformation&, double, const double*, double*);

}  // namespace gradus::datasets
