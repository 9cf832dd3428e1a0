// The support vector machine of "Variation in the number of training examples", and with it the baseline of chapter 1,
// mnist_svm.py.
#include <cmath>

#include <program/mnist.h>

#include "experiments.h"
#include "more_data.h"
#include "support_vector_machine.h"

namespace chapter3 {

using namespace gradus;

namespace {

double accuracy(const SupportVectorMachine& machine, const datasets::Dataset& images) {
  return static_cast<double>(count_right(machine, images)) / static_cast<double>(images.size());
}

}  // namespace

// The solver stops at a tolerance and images that lie on a border may fall to either side of it: hence ± 2 images.
const Experiment more_data_svm{
    .name = "more-data-svm",
    .description = "a support vector machine (libsvm, RBF, C = 1, γ = 1/784) trained on 100 … 50,000 images",
    .published = "25.07 % … 94.48 % of the validation images; chapter 1: 9,435 of the 10,000 test images",
    .seconds = 210,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const std::vector<Published> sizes = published_sizes(run);
          run.expect(pairs_of_digits * static_cast<Index>(sizes.size()), "pairs of digits");
          Accuracies accuracies{.name = "support vector machine"};
          SupportVectorMachine machine;
          for (const Published& published : sizes) {
            machine = train_svm(data.train.take(published.size), 1.0 / 784, [&] { run.advance(); });
            const double measured = accuracy(machine, data.validation);
            run.finding(
                {.quantity = fmt::format("validation accuracy after {} images", published.size),
                 .published = published.machine,
                 .measured = measured,
                 .band = program::Band{published.machine - 0.00021, published.machine + 0.00021}});
            accuracies.measured.push_back(measured);
            accuracies.published.push_back(published.machine);
          }
          draw_accuracies(run, "more_data_svm", sizes, accuracies);
          const double images = static_cast<double>(data.test.size());
          if (run.quick()) run.changed(fmt::format("{} training images", sizes.back().size));
          run.summary(
              {.quantity = "test images recognised by the support vector machine",
               .published = 9435,
               .measured = std::round(accuracy(machine, data.test) * images),
               .band = program::Band{9433, 9437}});
        },
};

}  // namespace chapter3
