#pragma once

#include <string>
#include <vector>

#include <program/run.h>

// "Variation in the number of training examples": two ways to learn from more and more of MNIST's training images.
namespace chapter3 {

struct Published {
  gradus::Index size;       ///< the first so many training images
  double network, machine;  ///< accuracy on the validation images, of 784-30-10 and of a support vector machine
};

/// The numbers behind the book's three plots; a short look leaves out the large sizes.
std::vector<Published> published_sizes(const program::Run& run);

/// The accuracies (0 to 1) at those sizes, as the book's plots show them: over a linear and over a logarithmic axis,
/// beside the book's own.
struct Accuracies {
  std::string name;  ///< of the learner
  std::vector<double> measured = {}, published = {};
};
void draw_accuracies(
    program::Run& run, const std::string& picture, const std::vector<Published>& sizes, const Accuracies& accuracies);

}  // namespace chapter3
