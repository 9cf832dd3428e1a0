#pragma once

#include <gradus/datasets/mnist.h>
#include <program/run.h>

namespace program {

/// MNIST as the book uses it, from --data or the usual places; Fashion-MNIST, after a line that says so, where MNIST is
/// in none of the latter. Throws DataError where there is neither, or files are damaged.
gradus::datasets::NamedTrainValidationTest mnist_of_the_book(Run& run, gradus::Dtype dtype = gradus::Dtype::float32);

}  // namespace program
