#include <gradus/datasets/expansion.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include <gradus/datasets/augmenter.h>
#include <gradus/datasets/idx.h>
#include <gradus/datasets/shuffle.h>
#include <gradus/datasets/warp.h>
#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>

namespace gradus::datasets {
namespace {

struct Files {
  const std::string& images;
  const std::string& labels;
};

void require(const ExpansionOptions& options, Index expanded, Where where) {
  if (!std::isfinite(options.divisor) || options.divisor <= 0) {
    throw ValueError(fmt::format("{}expansion: divisor {}; expected more than 0", at(where), options.divisor));
  }
  if (expanded > std::numeric_limits<std::uint32_t>::max()) {
    throw ValueError(fmt::format("{}expansion: {} images; an IDX file holds at most 4294967295", at(where), expanded));
  }
}

/// Bytes of the pixels; throws where there is none for one of them.
template <class T>
void to_bytes(
    const std::vector<T>& pixels, double divisor, Index example, std::vector<std::uint8_t>& bytes, Where where) {
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double scaled = static_cast<double>(pixels[i]) * divisor;
    const bool is_byte = scaled > -0.5 && scaled < 255.5;
    if (!is_byte) {
      throw ValueError(fmt::format(
          "{}expansion: pixel {} of example {} is {}, times the divisor {} no byte; expected 0 to {:.6g}", at(where), i,
          example, pixels[i], divisor, 255 / divisor));
    }
    bytes[i] = static_cast<std::uint8_t>(std::lround(scaled));
  }
}

class Labels {
 public:
  Labels(const Dataset& data, const std::string& file, Index count)
      : type_(data.class_count() <= 256 ? IdxType::unsigned_byte : IdxType::int32),
        writer_(file, type_, Shape{count}) {}

  void write(std::int32_t label) {
    const auto byte = static_cast<std::uint8_t>(label);
    if (type_ == IdxType::unsigned_byte) {
      writer_.write({&byte, 1});
    } else {
      writer_.write({reinterpret_cast<const std::uint8_t*>(&label), sizeof(label)});
    }
  }
  void close() { writer_.close(); }

 private:
  IdxType type_;
  IdxWriter writer_;
};

/// Writes every example and its copies. `copy(features, example, number, result)` makes them, numbered from 0.
template <class T, class Copy>
void write_as(
    const Dataset& data, const ImageLayout& layout, Index copies, const Files& files, const ExpansionOptions& options,
    Where where, const Copy& copy) {
  const Index each = copies + 1, count = data.size() * each, size = data.feature_shape().count();
  require(options, count, where);
  Shape shape{count, layout.rows, layout.columns};
  if (layout.planes != 1) shape = shape.with(1, layout.planes);
  IdxWriter images(files.images, IdxType::unsigned_byte, shape);
  Labels labels(data, files.labels, count);
  const Tensor features = data.features(where), classes = data.labels(where);
  const auto order = options.shuffle ? permutation(count, options.seed) : std::vector<Index>{};
  std::vector<T> pixels(static_cast<std::size_t>(size));
  std::vector<std::uint8_t> bytes(pixels.size());
  for (Index i = 0; i < count; ++i) {
    const Index chosen = options.shuffle ? order[static_cast<std::size_t>(i)] : i;
    const Index example = chosen / each, number = chosen % each;
    const T* original = features.view<T>().data() + example * size;
    if (number == 0) {
      pixels.assign(original, original + size);
    } else {
      copy(original, example, number - 1, pixels.data());
    }
    to_bytes(pixels, options.divisor, example, bytes, where);
    images.write(bytes);
    labels.write(classes.view<std::int32_t>()[static_cast<std::size_t>(example)]);
  }
  images.close();
  labels.close();
}

template <class Copy>
void write(
    const Dataset& data, const ImageLayout& layout, Index copies, const Files& files, const ExpansionOptions& options,
    Where where, const Copy& copy) {
  if (data.dtype() == Dtype::float32) {
    write_as<float>(data, layout, copies, files, options, where, copy);
  } else {
    write_as<double>(data, layout, copies, files, options, where, copy);
  }
}

}  // namespace

void expand_by_shifts(
    const Dataset& data, const std::string& images_file, const std::string& labels_file,
    const ExpansionOptions& options, Index pixels, double background, Where where) {
  const ImageLayout layout = image_layout(data.feature_shape(), {}, "expand_by_shifts", where);
  if (pixels < 1)
    throw ValueError(fmt::format("{}expand_by_shifts: {} pixels; expected at least 1", at(where), pixels));
  const auto by = static_cast<double>(pixels);
  const std::array<Deformation, 4> shifts{{{.down = by}, {.down = -by}, {.right = by}, {.right = -by}}};
  const auto copy = [&]<class T>(const T* image, Index, Index number, T* shifted) {
    warp(layout, shifts[static_cast<std::size_t>(number)], static_cast<T>(background), image, shifted);
  };
  write(data, layout, static_cast<Index>(shifts.size()), {images_file, labels_file}, options, where, copy);
}

void expand_by_augmentation(
    const Dataset& data, const Augmentation& augmentation, Index copies, const std::string& images_file,
    const std::string& labels_file, const ExpansionOptions& options, Where where) {
  if (copies < 0) {
    throw ValueError(fmt::format("{}expand_by_augmentation: {} copies; expected 0 or more", at(where), copies));
  }
  const Augmenter augmenter(augmentation, data.feature_shape(), data.dtype(), where);
  const auto copy = [&]<class T>(const T* image, Index example, Index number, T* distorted) {
    augmenter.augment(
        reinterpret_cast<const std::byte*>(image), example, number, reinterpret_cast<std::byte*>(distorted));
  };
  write(data, augmenter.layout(), copies, {images_file, labels_file}, options, where, copy);
}

}  // namespace gradus::datasets
