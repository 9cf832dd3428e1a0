#include <cmath>

#include <gradus/gradus.h>

#include "datasets/files.h"
#include "errors/misuse.h"

using namespace gradus;
using datasets::Dataset;

namespace {

/// Four corners of a square.
Dataset corners() {
  return datasets::exclusive_or(4);
}

const gradus::tests::Misuses made{{
    {"dataset_more_labels",
     [] {
       Dataset::from({0, 1, 2, 3}, {2}, {0, 1, 0});
     }},
    {"dataset_whole_shape",
     [] {
       Dataset::from({0, 1, 2, 3}, {2, 2}, {0, 1});
     }},
    {"dataset_features_left",
     [] {
       Dataset::from({0, 1, 2, 3, 4}, {2}, {0, 1});
     }},
    {"dataset_negative_label",
     [] {
       Dataset::from({0, 1, 2, 3}, {2}, {0, -1});
     }},
    {"dataset_tensor_shapes",
     [] {
       Dataset::from(ones({3, 2}), tensor({0, 1}));
     }},
    {"dataset_tensor_dtypes",
     [] {
       Dataset::from(ones({2, 2}), tensor({0.0F, 1.0F}));
     }},
    {"dataset_count", [] { datasets::two_moons(-1); }},
    {"dataset_classes", [] { datasets::spirals(10, 0.1, 0, 0); }},
}};

const gradus::tests::Misuses used{{
    {"dataset_slice", [] { corners().slice(2, 5); }},
    {"dataset_take", [] { corners().take(5); }},
    {"dataset_split", [] { corners().split(-1); }},
    {"batches_of_nothing", [] { corners().batches({.size = 0}); }},
    {"batches_none_left", [] { corners().batches({.size = 5, .drop_last = true}); }},
}};

/// One image of 2 × 3 pixels.
Dataset picture() {
  return Dataset::from({0, 0.25, 0.5, 0.75, 0.875, 1}, {2, 3}, {0});
}

const gradus::tests::Misuses distorted{{
    {"augmentation_no_square", [] { corners().batches({.augmentation = {.shift = 1}}); }},
    {"augmentation_image",
     [] {
       picture().batches({.augmentation = {.shift = 1, .image = {28, 28}}});
     }},
    {"augmentation_shift", [] { picture().batches({.augmentation = {.shift = -1}}); }},
    {"augmentation_rotation", [] { picture().batches({.augmentation = {.rotation = -15}}); }},
    {"augmentation_skew", [] { picture().batches({.augmentation = {.skew = std::nan("")}}); }},
    {"augmentation_alpha", [] { picture().batches({.augmentation = {.elastic = {.alpha = -34}}}); }},
    {"augmentation_sigma", [] { picture().batches({.augmentation = {.elastic = {.alpha = 34, .sigma = 4}}}); }},
    {"expansion_pixels", [] { datasets::expand_by_shifts(picture(), "/nowhere/images", "/nowhere/labels", {}, 0); }},
    {"expansion_copies",
     [] { datasets::expand_by_augmentation(picture(), {.shift = 1}, -1, "/nowhere/images", "/nowhere/labels"); }},
    {"expansion_divisor",
     [] { datasets::expand_by_shifts(picture(), "/nowhere/images", "/nowhere/labels", {.divisor = 0}); }},
    {"expansion_folder", [] { datasets::expand_by_shifts(picture(), "/nowhere/images", "/nowhere/labels"); }},
    {"expansion_no_byte",
     [] {
       const gradus::tests::TemporaryFolder folder;
       datasets::expand_by_shifts(picture(), folder / "images", folder / "labels", {.divisor = 256, .shuffle = false});
     }},
}};

}  // namespace
