#include "row.h"

#include <algorithm>
#include <cmath>

namespace chapter6 {

namespace {

constexpr Index watched_at_once = 500;

void draw_accuracy(program::Run& run, const Row& row, const TrainingHistory& history, const std::string& title) {
  program::Plot plot{
      .title = title,
      .x_label = "epoch",
      .y_label = "validation accuracy in %",
      .series = {program::series_of(history, Curve::evaluation_accuracy, "validation")},
      .whole_x = true};
  if (row.published) {
    plot.references = {{fmt::format("the book, test: {}", in_percent(*row.published)), 100 * *row.published}};
  }
  run.draw("accuracy", plot);
}

}  // namespace

TrainingHistory train(
    program::Run& run, const Row& row, const Parameters& parameters, const Objective& objective, const Data& data) {
  const program::Training training =
      program::as_asked(run, {.epochs = row.epochs, .learning_rate = row.learning_rate, .lambda = row.lambda});
  const Index batches = (data.train.size() + training.batch_size - 1) / training.batch_size;
  Sgd optimizer(
      parameters,
      {.learning_rate = training.learning_rate, .regularization = {.l2 = training.lambda, .examples = batches}});
  return program::train(
      run, optimizer, objective, training, data.train, data.validation,
      {.keep_best = Curve::evaluation_accuracy, .watched_batch_size = watched_at_once});
}

Trained train_one_of_several(program::Run& run, const Row& row, Start start, const Data& data) {
  run.series(row.name);
  seed(run.seed());
  Network network(row.architecture, start);
  TrainingHistory history = train(run, row, network.parameters(), objective(network), data);
  return {std::move(network), std::move(history)};
}

void draw_accuracies(
    program::Run& run, const std::vector<Row>& rows, const std::vector<Trained>& trained, const std::string& title) {
  program::Plot plot{.title = title, .x_label = "epoch", .y_label = "validation accuracy in %", .whole_x = true};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    plot.series.push_back(program::series_of(trained[i].history, Curve::evaluation_accuracy, rows[i].name));
  }
  run.draw("accuracy", plot);
}

double accuracy(const Objective& objective, const datasets::Dataset& images) {
  double right = 0;
  for (const auto& [features, labels] : images.batches({.size = watched_at_once, .shuffle = false})) {
    right += objective.right(features, labels).item();
  }
  return right / static_cast<double>(images.size());
}

std::vector<std::int32_t> digits_of(const Network& network, const datasets::Dataset& images) {
  std::vector<std::int32_t> digits;
  for (const auto& [features, labels] : images.batches({.size = watched_at_once, .shuffle = false})) {
    const auto some = argmax(network.logits(features), 1).values<std::int32_t>();
    digits.insert(digits.end(), some.begin(), some.end());
  }
  return digits;
}

program::Band band_around(double published) {
  return {published - 0.003, published + 0.0015};
}

std::string in_percent(double accuracy) {
  return fmt::format("{:.2f} %", 100 * accuracy);
}

void draw_filters(program::Run& run, const Network& network, const std::string& title) {
  if (!run.draws()) return;
  constexpr Index enlarged = 6;
  const Tensor filters = network.convolutions().front().weights();
  const Tensor inks = upsample_nearest(0.5 + filters / (2 * max(absolute(filters))), enlarged);
  program::ImageGrid grid{.title = title, .across = 5, .rows = inks.size(2), .columns = inks.size(3)};
  for (Index filter = 0; filter < filters.size(0); ++filter) {
    grid.tiles.push_back({.pixels = select(inks, 0, filter).values<float>(), .caption = fmt::format("{}", filter + 1)});
  }
  run.draw("filters", grid);
}

void train_and_report(program::Run& run, const Row& row, Start start) {
  Data data = images_of_the_book(run);
  if (row.expanded) data = expanded(run, std::move(data));
  const Network network(row.architecture, start);
  run.say("{} parameters, {} training images", network.parameter_count(), data.train.size());
  const Objective goal = objective(network);
  const TrainingHistory history = train(run, row, network.parameters(), goal, data);

  const program::BestEpoch best = program::best(history);
  const double on_test = accuracy(goal, data.test);
  run.say(
      "Best on the validation images after epoch {}: {}; then {:.0f} of the {} test images are wrong.", best.epoch,
      in_percent(best.value), (1 - on_test) * static_cast<double>(data.test.size()), data.test.size());
  draw_accuracy(run, row, history, fmt::format("{}, {}", row.description, data.name));
  if (!network.convolutions().empty()) {
    draw_filters(run, network, fmt::format("Filters of the first layer (dark: positive), {}", data.name));
  }
  run.finding({.quantity = "validation accuracy of the best epoch", .measured = best.value});
  program::Summary summary{.quantity = "test accuracy after the epoch that is best on validation", .measured = on_test};
  if (row.published && start == Start::book) {
    summary.published = row.published;
    summary.band = band_around(*row.published);
  } else if (row.published) {
    run.say("With its initial weights the book has {}, the best of three runs.", in_percent(*row.published));
  }
  run.summary(summary);
}

}  // namespace chapter6
