#include <gradus/gradus.h>

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

}  // namespace
