#include <gradus/datasets/augmenter.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

#include <fmt/format.h>
#include <Eigen/Core>

#include <gradus/datasets/shuffle.h>
#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>

namespace gradus::datasets {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// [size, size + 2·⌈3σ⌉]: times a column of noise, what the Gaussian makes of it where it lies within the noise.
Matrix smoothing(Index size, double sigma) {
  const auto radius = static_cast<Index>(std::ceil(3 * sigma));
  Eigen::RowVectorXd weights(2 * radius + 1);
  for (Index i = -radius; i <= radius; ++i) {
    const double deviations = static_cast<double>(i) / sigma;
    weights[i + radius] = std::exp(-deviations * deviations / 2);
  }
  weights /= weights.sum();
  Matrix matrix = Matrix::Zero(size, size + 2 * radius);
  for (Index i = 0; i < size; ++i) matrix.row(i).segment(i, weights.size()) = weights.cast<float>();
  return matrix;
}

/// Evenly over (-limit, limit).
double drawn(SplitMix& random, double limit) {
  return (2 * random.uniform() - 1) * limit;
}

Index drawn_whole(SplitMix& random, Index limit) {
  return static_cast<Index>(random.below(2 * static_cast<std::uint64_t>(limit) + 1)) - limit;
}

void require(bool holds, Where where, std::string_view name, double value, std::string_view expected) {
  if (holds) return;
  throw ValueError(fmt::format("{}Augmentation: {} {}; expected {}", at(where), name, value, expected));
}

void require(const Augmentation& augmentation, const ImageLayout& layout, Where where) {
  const auto is_limit = [](double value) { return std::isfinite(value) && value >= 0; };
  const Index side = std::max(layout.rows, layout.columns);
  require(
      augmentation.shift >= 0 && augmentation.shift <= side, where, "shift", static_cast<double>(augmentation.shift),
      fmt::format("0 to {} pixels, the longer side of the image", side));
  require(is_limit(augmentation.rotation), where, "rotation", augmentation.rotation, "degrees, 0 or more");
  require(is_limit(augmentation.skew), where, "skew", augmentation.skew, "0 or more pixels a pixel");
  require(std::isfinite(augmentation.background), where, "background", augmentation.background, "a finite number");
  const auto& [alpha, sigma] = augmentation.elastic;
  require(is_limit(alpha), where, "elastic.alpha", alpha, "0 or more pixels");
  require(
      alpha == 0 || (sigma > 0 && sigma <= static_cast<double>(side)), where, "elastic.sigma", sigma,
      fmt::format("more than 0 and at most {} pixels, the longer side of the image", side));
}

}  // namespace

/// The field of displacements. Noise reaches as far beyond the edges as the Gaussian does, so that pixels near them
/// move as far as others.
struct Augmenter::Elastic {
  float alpha;
  Matrix along_columns, along_rows;

  Elastic(const ElasticDistortion& distortion, const ImageLayout& layout)
      : alpha(static_cast<float>(distortion.alpha)),
        along_columns(smoothing(layout.rows, distortion.sigma)),
        along_rows(smoothing(layout.columns, distortion.sigma).transpose()) {}

  Matrix displacement(SplitMix& random) const {
    Matrix noise(along_columns.cols(), along_rows.rows());
    std::generate_n(noise.data(), noise.size(), [&] { return static_cast<float>(drawn(random, 1)); });
    return alpha * (along_columns * noise * along_rows);
  }
};

Augmenter::Augmenter(const Augmentation& augmentation, const Shape& feature_shape, Dtype dtype, Where where)
    : augmentation_(augmentation),
      layout_(image_layout(feature_shape, augmentation.image, "Augmentation", where)),
      dtype_(dtype) {
  require(augmentation, layout_, where);
  if (augmentation.elastic.alpha != 0) elastic_ = std::make_unique<const Elastic>(augmentation.elastic, layout_);
}

Augmenter::~Augmenter() = default;

void Augmenter::augment(const std::byte* features, Index example, std::int64_t epoch, std::byte* augmented) const {
  SplitMix random({augmentation_.seed, epoch, example});
  // All are drawn whether they are wanted or not: one kind of distortion more leaves the others as they were.
  Deformation deformation;
  deformation.right = static_cast<double>(drawn_whole(random, augmentation_.shift));
  deformation.down = static_cast<double>(drawn_whole(random, augmentation_.shift));
  deformation.rotation = drawn(random, augmentation_.rotation) * std::numbers::pi / 180;
  deformation.skew = drawn(random, augmentation_.skew);
  Matrix x, y;
  if (elastic_) {
    x = elastic_->displacement(random);
    y = elastic_->displacement(random);
    deformation.displacement_x = {x.data(), static_cast<std::size_t>(x.size())};
    deformation.displacement_y = {y.data(), static_cast<std::size_t>(y.size())};
  }
  const auto deform = [&]<class T>(T background) {
    warp(layout_, deformation, background, reinterpret_cast<const T*>(features), reinterpret_cast<T*>(augmented));
  };
  if (dtype_ == Dtype::float32) {
    deform(static_cast<float>(augmentation_.background));
  } else {
    deform(augmentation_.background);
  }
}

}  // namespace gradus::datasets
