// (125) is a cross-correlation, and so is conv2d here; Theano, which network3.py runs on, turns the filters round.
#include <program/comparison.h>

#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

/// (125) without b and σ: Σ_l Σ_m w_{l,m} a_{j+l,k+m}; or, turned, a true convolution: Σ w_{l,m} a_{j+4−l,k+4−m}.
Tensor by_loops(const Tensor& image, const Tensor& filter, bool turned) {
  const std::vector<double> a = image.values(), w = filter.values();
  constexpr std::size_t size = 28, window = 5, positions = size - window + 1;
  std::vector<double> z(positions * positions);
  for (std::size_t j = 0; j < positions; ++j) {
    for (std::size_t k = 0; k < positions; ++k) {
      for (std::size_t l = 0; l < window; ++l) {
        for (std::size_t m = 0; m < window; ++m) {
          const std::size_t row = j + (turned ? window - 1 - l : l), column = k + (turned ? window - 1 - m : m);
          z[j * positions + k] += w[l * window + m] * a[row * size + column];
        }
      }
    }
  }
  return tensor<double>(z, {1, 1, positions, positions});
}

}  // namespace

const Experiment flipped_kernel{
    .name = "flipped-kernel",
    .description = "(125) by loops, a true convolution by loops, and conv2d with the filter as it is and turned round",
    .published = "(125) is a correlation, Theano's conv2d a convolution: its filters are turned by 180°",
    .run =
        [](program::Run& run) {
          const Data data = images_of_the_book(run);
          const Tensor image = reshape(cast(data.train.take(1).features(), Dtype::float64), {1, 1, 28, 28});
          const Tensor filter = normal({1, 1, 5, 5}, {.dtype = Dtype::float64});
          const Tensor turned = flip(filter, {2, 3});
          const double as_written =
              program::relative_difference({conv2d(image, filter)}, {by_loops(image, filter, false)});
          const double as_theano =
              program::relative_difference({conv2d(image, turned)}, {by_loops(image, filter, true)});
          const double confused =
              program::relative_difference({conv2d(image, filter)}, {by_loops(image, filter, true)});
          run.say(
              "Training does not care: weights that start at random are as random turned round. Pictures of filters");
          run.say("and weights from elsewhere do: forgotten, it makes a relative difference of {:.2g} here.", confused);
          run.finding(
              {.quantity = "relative difference of conv2d from (125)",
               .measured = as_written,
               .band = program::Band{0, 1e-13}});
          run.summary(
              {.quantity = "relative difference of conv2d with the filter turned round from a convolution as Theano's",
               .measured = as_theano,
               .band = program::Band{0, 1e-13}});
        },
};

}  // namespace chapter6
