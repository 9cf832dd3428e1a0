// "Expanding the training data", and what more neurons, another layer and dropout are worth on 250,000 images.
#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

Row expanded_row(
    const std::string& name, const std::string& description, std::vector<Index> neurons, double published,
    double seconds) {
  return {
      .name = name,
      .description = description + ", ReLU, λ = 0.1, 250,000 images",
      .architecture = {.filters = {20, 40}, .neurons = std::move(neurons), .activation = Activation::relu},
      .learning_rate = 0.03,
      .lambda = 0.1,
      .expanded = true,
      .published = published,
      .seconds = seconds};
}

// The book calls the first number a training accuracy; it is of the test images, like the others.
const Row one_100 = expanded_row("expanded-data", "20 and 40 filters, 100 neurons", {100}, 0.9937, 1400);
const Row one_300 = expanded_row("expanded-data-300", "20 and 40 filters, 300 neurons", {300}, 0.9946, 1700);
const Row one_1000 = expanded_row("expanded-data-1000", "20 and 40 filters, 1,000 neurons", {1000}, 0.9943, 3000);
const Row two_100 =
    expanded_row("expanded-data-double-fc", "20 and 40 filters, twice 100 neurons", {100, 100}, 0.9943, 1450);
const Row two_300 =
    expanded_row("expanded-data-double-fc-300", "20 and 40 filters, twice 300 neurons", {300, 300}, 0.9948, 2000);
const Row two_1000 =
    expanded_row("expanded-data-double-fc-1000", "20 and 40 filters, twice 1,000 neurons", {1000, 1000}, 0.9947, 5000);

const Row dropped_out{
    .name = "double-fc-dropout",
    .description = "20 and 40 filters, twice 1,000 neurons, ReLU, dropout of a half, 250,000 images",
    .architecture = {.filters = {20, 40}, .neurons = {1000, 1000}, .activation = Activation::relu, .dropout = 0.5},
    .learning_rate = 0.03,
    .epochs = 40,
    .expanded = true,
    .published = 0.9960,
    .seconds = 4000};

}  // namespace

const Experiment expanded_data = as_in_the_book<one_100>(), expanded_data_right = started_right<one_100>();
const Experiment expanded_data_300 = as_in_the_book<one_300>(), expanded_data_300_right = started_right<one_300>();
const Experiment expanded_data_1000 = as_in_the_book<one_1000>(), expanded_data_1000_right = started_right<one_1000>();
const Experiment double_fc = as_in_the_book<two_100>(), double_fc_right = started_right<two_100>();
const Experiment double_fc_300 = as_in_the_book<two_300>(), double_fc_300_right = started_right<two_300>();
const Experiment double_fc_1000 = as_in_the_book<two_1000>(), double_fc_1000_right = started_right<two_1000>();
const Experiment double_fc_dropout = as_in_the_book<dropped_out>(),
                 double_fc_dropout_right = started_right<dropped_out>();

}  // namespace chapter6
