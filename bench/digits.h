#pragma once

#include <vector>

#include <gradus/gradus.h>

namespace bench {

/// Mini-batches that look like digits: 784 pixels, four in five of them 0, and one-hot targets. The same every time.
class Digits {
 public:
  struct Batch {
    gradus::Tensor images, targets;
  };

  Digits(gradus::Index batch, std::size_t count) {
    using namespace gradus;
    for (std::size_t i = 0; i < count; ++i) {
      const auto seed = static_cast<std::int64_t>(i);
      const Tensor ink = uniform({batch, 784}, {.seed = seed});
      const Tensor images = where(ink > 0.8, ink, 0.0).detach();
      const Tensor labels = random_integers({batch}, 0, 10, {.seed = seed + 1000});
      batches_.push_back({images, one_hot(labels, 10).detach()});
    }
  }

  const Batch& batch(std::size_t i) const { return batches_[i % batches_.size()]; }

 private:
  std::vector<Batch> batches_;
};

}  // namespace bench
