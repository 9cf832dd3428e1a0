#pragma once

#include <string>

#include <gradus/gradus.h>
#include <program/run.h>

namespace chapter6 {

using namespace gradus;
using Data = datasets::NamedTrainValidationTest;

/// MNIST as in the book; a quick look takes the first 2,000 training images, and 1,000 to judge by.
Data images_of_the_book(program::Run& run);

/// The same with five times as many training images: each as it is and shifted by a pixel down, up, right and left,
/// shuffled once. All 250,000 take 784 MB. A quick look expands 400.
Data expanded(program::Run& run, Data data);

/// Every image moved right and down by so many pixels, which may be negative; white comes in.
datasets::Dataset shifted(const datasets::Dataset& images, Index right, Index down);

}  // namespace chapter6
