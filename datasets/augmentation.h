#pragma once

#include <cstdint>

#include <gradus/graph/shape.h>

namespace gradus::datasets {

/// A random field that displaces every pixel and leaves neighbours beside each other: for every pixel, Δx and Δy are
/// drawn evenly over (-1, 1), convolved with a Gaussian of standard deviation σ (cut off at 3σ, its sum 1), and
/// multiplied by α. Pixels move by α/(σ√(12π)) along each axis, as a root mean square; σ = 4 and α = 34, which suit
/// digits of 28 × 28, give 1.4. P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional neural
/// networks applied to visual document analysis", ICDAR 2003.
struct ElasticDistortion {
  double alpha = 0;  ///< α in pixels; 0: no displacement
  double sigma = 4;  ///< σ in pixels, more than 0 and at most the image's longer side
};

/// How the images of mini-batches are distorted at random, every example anew in every epoch:
/// `train.batches({.size = 10, .seed = epoch, .augmentation = {.shift = 1, .rotation = 10}})`.
///
/// With the centre c of the image, x to the right and y downwards, what was at c + q comes to c + t + R S q: skewed,
/// then rotated, then shifted. Backwards, the pixel at p shows the image at c + S⁻¹ R⁻¹ (p - c - t) + (Δx, Δy), between
/// pixels by bilinear interpolation. The numbers are drawn from `seed`, the seed of the batches (the epoch) and the
/// position of the example in its data set: the same bits for any number of threads and any order of the examples.
/// P. Y. Simard et al. (see above); chapters 3 and 6 of the book.
struct Augmentation {
  /// Pixels: t is a whole number of them from -shift to shift, along each axis.
  Index shift = 0;
  /// Degrees: R turns by an angle drawn evenly over ±rotation.
  double rotation = 0;
  /// S moves a row by k times its distance from the centre, k drawn evenly over ±skew: pixels a pixel.
  double skew = 0;
  ElasticDistortion elastic = {};
  /// What lies beyond the edges.
  double background = 0;
  /// Rows and columns of an image, where an example is not one: a flat [784] without them is taken for 28 × 28, a
  /// square. What an example holds more of (channels before rows and columns) is moved alike.
  Shape image = {};
  std::int64_t seed = 0;

  /// Whether anything is changed at all.
  bool distorts() const { return shift != 0 || rotation != 0 || skew != 0 || elastic.alpha != 0; }
};

}  // namespace gradus::datasets
