// A problem: does translation invariance not make shifted training images useless to a convolutional network? Why do
// they help it nonetheless?
#include <algorithm>

#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

constexpr Index furthest = 4;

const Architecture dense{.neurons = {100}, .activation = Activation::relu};
const Architecture strided{.filters = {20}, .neurons = {100}, .activation = Activation::relu, .pooling = false};
const Architecture pooled{.filters = {20}, .neurons = {100}, .activation = Activation::relu};

Row row_of(const std::string& name, const Architecture& architecture, bool expanded) {
  return {
      .name = name + (expanded ? ", shifted images too" : ""),
      .architecture = architecture,
      .learning_rate = 0.03,
      .epochs = expanded ? 3 : 15,  // as many steps
      .expanded = expanded};
}

/// Over test images moved 0, 1, … pixels: the mean of the four directions.
std::vector<double> accuracies(const Network& network, const datasets::Dataset& images) {
  const Objective goal = objective(network);
  std::vector<double> by_shift{accuracy(goal, images)};
  for (Index by = 1; by <= furthest; ++by) {
    const double sum = accuracy(goal, shifted(images, by, 0)) + accuracy(goal, shifted(images, -by, 0)) +
                       accuracy(goal, shifted(images, 0, by)) + accuracy(goal, shifted(images, 0, -by));
    by_shift.push_back(sum / 4);
  }
  return by_shift;
}

void report(program::Run& run, const std::vector<Row>& rows, const std::vector<std::vector<double>>& found) {
  program::Plot plot{
      .title = "Test images shifted by so many pixels",
      .x_label = "pixels",
      .y_label = "accuracy in %",
      .y_range = program::Band{20, 100},
      .whole_x = true};
  run.say("{:<52}{:>9}{:>9}{:>9}{:>9}{:>9}", "test accuracy in %, images shifted by", 0, 1, 2, 3, 4);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line = fmt::format("{:<52}", rows[i].name);
    program::Series series{.title = rows[i].name};
    for (std::size_t by = 0; by < found[i].size(); ++by) {
      line += fmt::format("{:9.2f}", 100 * found[i][by]);
      series.x.push_back(static_cast<double>(by));
      series.y.push_back(100 * found[i][by]);
    }
    run.print(line);
    plot.series.push_back(std::move(series));
  }
  run.draw("shifts", plot);
}

}  // namespace

const Experiment shifts{
    .name = "shifts",
    .description =
        "dense, strided and pooled networks on 10,000 images, and on these shifted: accuracy on shifted ones",
    .published = "convolutions and pooling make translation invariant, and yet shifted images help: why? (a problem)",
    .seconds = 60,
    .run =
        [](program::Run& run) {
          Data few = images_of_the_book(run);
          few.train = few.train.take(std::min<Index>(few.train.size(), 10'000));
          const Data many = expanded(run, few);
          std::vector<Row> rows;
          std::vector<std::vector<double>> found;
          for (const bool with_shifts : {false, true}) {
            rows.push_back(row_of("784-100-10", dense, with_shifts));
            rows.push_back(row_of("20 filters, stride 2, 100 neurons", strided, with_shifts));
            rows.push_back(row_of("20 filters, pooling, 100 neurons", pooled, with_shifts));
          }
          for (const Row& row : rows) {
            const Trained trained = train_one_of_several(run, row, Start::right, row.expanded ? many : few);
            found.push_back(accuracies(trained.network, few.test));
          }
          report(run, rows, found);
          run.say("A feature map moves with its image, and pooling forgets a pixel of it; but the layer behind weighs");
          run.say("every position by itself, so what it learns of one place it does not know of the next.");
          run.finding(
              {.quantity = "accuracy on images shifted by 2, pooling less dense, trained on images as they are",
               .measured = found[2][2] - found[0][2],
               .band = program::Band{0.02, 0.4}});
          run.finding(
              {.quantity = "accuracy on images shifted by 2, pooling, shifted training images less none",
               .measured = found[5][2] - found[2][2],
               .band = program::Band{0, 0.3}});
          run.summary(
              {.quantity = "accuracy on images as they are, pooling, shifted training images less none",
               .measured = found[5][0] - found[2][0],
               .band = program::Band{0, 0.02}});
        },
};

}  // namespace chapter6
