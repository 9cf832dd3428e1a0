// What is gained by convolutions themselves: networks with as many parameters, with and without.
#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

Row row_of(const std::string& name, std::vector<Index> filters, std::vector<Index> neurons) {
  return {
      .name = name,
      .architecture = {.filters = std::move(filters), .neurons = std::move(neurons), .activation = Activation::relu},
      .learning_rate = 0.03,
      .epochs = 6};
}

}  // namespace

const Experiment equal_parameters{
    .name = "equal-parameters",
    .description = "convolutional against dense networks with as many parameters: 29,000, then 86,000; 6 epochs",
    .published = "convolutions need far fewer parameters for the same performance; no number",
    .seconds = 60,
    .run =
        [](program::Run& run) {
          const Data data = images_of_the_book(run);
          const std::vector<Row> rows{
              row_of("784-37-10", {}, {37}), row_of("20 filters, pooling, softmax", {20}, {}),
              row_of("784-108-10", {}, {108}), row_of("20 and 40 filters, 100 neurons", {20, 40}, {100})};
          std::vector<Trained> trained;
          for (const Row& row : rows) trained.push_back(train_one_of_several(run, row, Start::right, data));
          std::vector<double> on_test;
          run.say("{:<34}{:>12}{:>14}", "network", "parameters", "test images");
          for (std::size_t i = 0; i < rows.size(); ++i) {
            on_test.push_back(accuracy(objective(trained[i].network), data.test));
            run.say("{:<34}{:>12}{:>14}", rows[i].name, trained[i].network.parameter_count(), in_percent(on_test[i]));
          }
          draw_accuracies(run, rows, trained, fmt::format("As many parameters, {}", data.name));
          run.finding(
              {.quantity = "errors with 86,000 parameters, convolutional over dense",
               .measured = (1 - on_test[3]) / (1 - on_test[2]),
               .band = program::Band{0.3, 0.7}});
          run.summary(
              {.quantity = "errors with 29,000 parameters, convolutional over dense",
               .measured = (1 - on_test[1]) / (1 - on_test[0]),
               .band = program::Band{0.3, 0.8}});
        },
};

}  // namespace chapter6
