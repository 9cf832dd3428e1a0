#pragma once

#include <functional>

#include <gradus/gradus.h>

namespace chapter3 {

using gradus::Index;
using gradus::Tensor;

/// A support vector machine with radial basis functions, as scikit-learn's SVC() made one when the book was written:
/// a binary machine for every pair of digits, each of which has a vote.
struct SupportVectorMachine {
  double gamma = 0;      ///< K(x, v) = exp(−γ‖x − v‖²)
  Tensor vectors;        ///< the training images that are support vectors, [vectors, pixels]
  Tensor coefficients;   ///< of each in each machine, [vectors, pairs]
  Tensor offsets;        ///< [pairs]
  Tensor first, second;  ///< one-hot: the digit that a pair's vote goes to where its decision is positive, or is not
};

inline constexpr Index pairs_of_digits = 45;

/// C-SVC with C = 1, trained by libsvm, the pairs spread over the threads. `on_pair` is called after each of them, by
/// one thread at a time. Throws program::Mistake where the program was built without libsvm.
SupportVectorMachine train_svm(
    const gradus::datasets::Dataset& images, double gamma, const std::function<void()>& on_pair);

/// How many images get most votes for what they show; of equals, the lowest digit wins.
Index count_right(const SupportVectorMachine& machine, const gradus::datasets::Dataset& images);

}  // namespace chapter3
