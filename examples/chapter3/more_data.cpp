// "Variation in the number of training examples" for a network.
#include "more_data.h"

#include <program/training.h>

#include "experiments.h"

namespace chapter3 {

using namespace gradus;

std::vector<Published> published_sizes(const program::Run& run) {
  const std::vector<Published> all{{100, 0.6909, 0.2507},    {200, 0.7637, 0.4893},    {500, 0.8529, 0.7513},
                                   {1000, 0.8885, 0.8387},   {2000, 0.9127, 0.8849},   {5000, 0.9324, 0.9146},
                                   {10'000, 0.9489, 0.9245}, {20'000, 0.9585, 0.9347}, {50'000, 0.9597, 0.9448}};
  return run.quick() ? std::vector<Published>(all.begin(), all.begin() + 4) : all;
}

void draw_accuracies(
    program::Run& run, const std::string& picture, const std::vector<Published>& sizes, const Accuracies& accuracies) {
  program::Series measured{.title = accuracies.name}, published{.title = "the book"};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    for (program::Series* series : {&measured, &published}) series->x.push_back(static_cast<double>(sizes[i].size));
    measured.y.push_back(100 * accuracies.measured[i]);
    published.y.push_back(100 * accuracies.published[i]);
  }
  program::Plot plot{
      .title = "Accuracy against the number of training images",
      .x_label = "training images",
      .y_label = "accuracy on the validation images, %",
      .series = {measured, published}};
  run.draw(picture, plot);
  plot.logarithmic_x = true;
  run.draw(picture + "_logarithmic", plot);
}

}  // namespace chapter3
