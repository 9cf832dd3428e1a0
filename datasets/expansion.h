#pragma once

#include <cstdint>
#include <string>

#include <gradus/datasets/augmentation.h>
#include <gradus/datasets/dataset.h>

namespace gradus::datasets {

/// How a larger data set is written to IDX files.
struct ExpansionOptions {
  /// A pixel becomes the byte next to its value times this: 255, or 256 for mnist_of_the_book. dataset_from_idx with
  /// the same divisor gives back pixels that were bytes.
  double divisor = 255;
  /// Whether the images come in random order, which the seed decides; otherwise each is followed by its copies.
  bool shuffle = true;
  std::int64_t seed = 0;
};

// Both write images [n, rows, columns] (or [n, channels, rows, columns]) of unsigned bytes and labels [n], one image
// after another: beside the data set itself only their order is in memory, 8 bytes an image. They throw ShapeError
// where examples are no images, ValueError where a pixel becomes no byte, DataError where a file cannot be written;
// what has been written by then is cut off, which read_idx refuses.

/// Every image and its copies shifted by so many whole pixels down, up, right and left, with `background` where nothing
/// is left: five times as many. With one pixel this is the book's expand_mnist.py: 250,000 images from the 50,000 of
/// mnist_of_the_book.
void expand_by_shifts(
    const Dataset& data, const std::string& images_file, const std::string& labels_file,
    const ExpansionOptions& options = {}, Index pixels = 1, double background = 0, Where where = Where::current());

/// Every image and `copies` that are distorted as in the epochs 0, 1, … of the augmentation.
void expand_by_augmentation(
    const Dataset& data, const Augmentation& augmentation, Index copies, const std::string& images_file,
    const std::string& labels_file, const ExpansionOptions& options = {}, Where where = Where::current());

}  // namespace gradus::datasets
