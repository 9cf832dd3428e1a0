#pragma once

#include <gradus/gradus.h>

namespace chapter3 {

/// A training set whose images are distorted at random, anew in every epoch.
struct Augmented {
  gradus::datasets::Dataset data;
  gradus::datasets::Augmentation augmentation;

  gradus::Index size() const { return data.size(); }
  gradus::datasets::Batches batches(gradus::datasets::BatchOptions options) const {
    options.augmentation = augmentation;
    return data.batches(options);
  }
};

/// All images turned about their centres, counterclockwise.
gradus::datasets::Dataset turned(const gradus::datasets::Dataset& images, double degrees);

}  // namespace chapter3
