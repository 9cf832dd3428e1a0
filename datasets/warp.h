#pragma once

#include <span>
#include <string_view>

#include <gradus/graph/shape.h>
#include <gradus/graph/tensor.h>

namespace gradus::datasets {

/// How the numbers of one example are images: planes of rows, one behind another.
struct ImageLayout {
  Index planes = 1, rows = 0, columns = 0;

  Index pixels() const { return rows * columns; }
};

/// The layout of an example; `image` holds rows and columns, or nothing: the last two axes, or for a single axis a
/// square. Throws ShapeError where they do not fit; `user` begins its text.
ImageLayout image_layout(const Shape& feature_shape, const Shape& image, std::string_view user, Where where);

/// Where the pixels of a distorted image come from; see Augmentation.
struct Deformation {
  double right = 0, down = 0;  ///< t, in pixels
  double rotation = 0;         ///< radians, counterclockwise as one sees it
  double skew = 0;             ///< pixels to the right a pixel down
  /// Displacements in pixels [rows, columns], the same for all planes; or none.
  std::span<const float> displacement_x = {}, displacement_y = {};
};

/// Writes the deformed image, all planes of it. Neither it nor the image may overlap. T: float or double.
template <class T>
void warp(const ImageLayout& layout, const Deformation& deformation, T background, const T* image, T* deformed);

}  // namespace gradus::datasets
