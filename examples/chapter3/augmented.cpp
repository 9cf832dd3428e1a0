#include "augmented.h"

#include <numbers>

#include <gradus/datasets/warp.h>

namespace chapter3 {

using namespace gradus;

datasets::Dataset turned(const datasets::Dataset& images, double degrees) {
  const datasets::ImageLayout layout{.rows = 28, .columns = 28};
  const Tensor features = images.features();
  const auto before = features.view<float>();
  std::vector<float> after(before.size());
  for (Index i = 0; i < images.size(); ++i) {
    const Index first = i * layout.pixels();
    datasets::warp(
        layout, {.rotation = degrees * std::numbers::pi / 180}, 0.0F, before.data() + first, after.data() + first);
  }
  return datasets::Dataset::from(std::move(after), {784}, images.labels().values<std::int32_t>());
}

}  // namespace chapter3
