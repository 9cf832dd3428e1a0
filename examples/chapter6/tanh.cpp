// A problem: "try training the network with both the tanh and sigmoid activation functions, and compare".
#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

Row row_of(Activation activation) {
  return {
      .name = name_of(activation),
      .architecture = {.filters = {20, 40}, .neurons = {100}, .activation = activation},
      .epochs = 20};
}

double after_one(const Trained& trained) {
  return trained.history.epochs.front().at(Curve::evaluation_accuracy);
}

}  // namespace

const Experiment tanh_against_sigmoid{
    .name = "tanh-against-sigmoid",
    .description = "20 and 40 filters, 100 neurons, 20 epochs: tanh learns faster than sigmoid",
    .published = "tanh trains a little faster, the final accuracies are very similar",
    .seconds = 200,
    .run =
        [](program::Run& run) {
          const Data data = images_of_the_book(run);
          const std::vector<Row> rows{row_of(Activation::sigmoid), row_of(Activation::tanh)};
          std::vector<Trained> trained;
          for (const Row& row : rows) trained.push_back(train_one_of_several(run, row, Start::book, data));
          run.say("{:<12}{:>14}{:>14}", "", "first epoch", "best");
          for (std::size_t i = 0; i < rows.size(); ++i) {
            run.say(
                "{:<12}{:>14}{:>14}", rows[i].name, in_percent(after_one(trained[i])), in_percent(trained[i].best()));
          }
          draw_accuracies(run, rows, trained, fmt::format("tanh against sigmoid, {}", data.name));
          run.finding(
              {.quantity = "validation accuracy after one epoch, tanh less sigmoid",
               .measured = after_one(trained[1]) - after_one(trained[0]),
               .band = program::Band{0, 0.3}});
          run.summary(
              {.quantity = "validation accuracy of the best epoch, tanh less sigmoid",
               .measured = trained[1].best() - trained[0].best(),
               .band = program::Band{-0.003, 0.003}});
        },
};

}  // namespace chapter6
