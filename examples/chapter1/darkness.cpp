// The baseline of "Toward deep learning" and mnist_average_darkness.py: an 8 is darker than a 1.
#include "experiments.h"
#include "network.h"
#include "training.h"

namespace chapter1 {

using namespace gradus;

const Experiment darkness{
    .name = "darkness",
    .description = "takes each test image for the digit whose training images are about as dark on average",
    .published = "2225 of 10,000",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const Data data = program::mnist_of_the_book(run);
          // Sums of bytes/256 are exact, so the count is the same on every machine.
          const auto darkness_of = [](const datasets::Dataset& set) {
            return sum(cast(set.features(), Dtype::float64), 1);
          };
          const Tensor digits = one_hot(data.train.labels(), 10, Dtype::float64);
          const Tensor averages = matmul(darkness_of(data.train), digits) / sum(digits, 0);
          const Tensor distances = absolute(expand(darkness_of(data.test), 1) - averages);
          const Index right = count_right(argmin(distances, 1), data.test.labels());

          program::Series bars{.title = data.name, .style = program::Style::boxes};
          for (const double average : averages.values()) {
            run.say("{}: average darkness {:.2f}", bars.x.size(), average);
            bars.x.push_back(static_cast<double>(bars.x.size()));
            bars.y.push_back(average);
          }
          run.draw(
              "darkness", program::Plot{
                              .title = "How dark the training images of each digit are on average",
                              .x_label = "digit",
                              .y_label = "sum of pixels from 0 to 1",
                              .series = {bars},
                              .x_range = program::Band{-0.6, 9.6},
                              .y_range = program::Band{0, 160},
                              .whole_x = true});
          run.summary(
              {.quantity = "images recognised by darkness",
               .published = 2225,
               .measured = static_cast<double>(right),
               .band = program::Band{2225, 2225}});
        },
};

}  // namespace chapter1
