#pragma once

#include <string>

#include <gradus/datasets/dataset.h>
#include <gradus/datasets/idx.h>

namespace gradus::datasets {

/// How the entries of IDX files become features.
struct IdxOptions {
  /// Every entry is divided by it: 255 turns bytes into 0 … 1, 1 leaves them alone.
  double divisor = 255;
  /// An example is one vector ([784]), or else keeps its axes ([28, 28]).
  bool flat = true;
  /// float32 or float64.
  Dtype dtype = Dtype::float32;
};

/// A data set of two IDX grids: features [n, ...] of any type and labels [n] of whole numbers from 0 on. Throws
/// DataError where they do not fit together, ValueError where the divisor is 0 or not finite, DtypeError on another
/// dtype.
Dataset dataset_from_idx(const Idx& features, const Idx& labels, const IdxOptions& options = {});

/// The same from two files, plain or gzip; errors name them.
Dataset dataset_from_idx(
    const std::string& features_file, const std::string& labels_file, const IdxOptions& options = {});

}  // namespace gradus::datasets
