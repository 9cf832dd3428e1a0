// How the speeds of the layers change while the network learns: 500 steps of descent, each on all of 1,000 images.
#include <cmath>
#include <limits>

#include <fmt/ranges.h>

#include <program/training.h>

#include "experiments.h"
#include "speeds.h"

namespace chapter5 {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// What the book's curves show before a step.
struct Reading {
  Index step;
  std::vector<double> speeds;
};

struct Expected {
  std::vector<Reading> readings;
  program::Band growth;           ///< of the last hidden layer's speed from step 100 to 499
  program::Band last_over_first;  ///< speeds of the last and the first hidden layer before step 499
};

// The bands hold what twenty initialisations gave, with room for as much again.
const Expected with_2{
    .readings =
        {{0, {.0657, .309}},
         {10, {.0089, .0404}},
         {50, {.0010, .0013}},
         {100, {.0015, .0019}},
         {300, {.0025, .0052}},
         {499, {.0034, .0096}}},
    .growth = {2, 15},
    .last_over_first = {1, 5}};
const Expected with_3{
    .readings =
        {{0, {.012, .060, .283}},
         {10, {.0020, .0104, .0596}},
         {50, {9e-5, 3.3e-4, 1.6e-3}},
         {100, {8e-5, 2.8e-4, 1.4e-3}},
         {300, {9e-5, 2.4e-4, 1.3e-3}},
         {499, {9e-5, 2.2e-4, 1.3e-3}}},
    .growth = {0.6, 1.2},
    .last_over_first = {3, 30}};
const Expected with_4{
    .readings =
        {{0, {.003, .017, .070, .285}},
         {10, {2.7e-4, unknown, unknown, .037}},
         {50, {2e-5, unknown, unknown, 1.0e-3}},
         {100, {2e-5, unknown, unknown, 9.6e-4}},
         {300, {1e-5, unknown, unknown, 9.4e-4}},
         {499, {8e-6, unknown, unknown, 9.2e-4}}},
    .growth = {0.6, 1.2},
    .last_over_first = {40, 400}};

/// by_step[t][l]: the speed of hidden layer l before step t.
using Speeds = std::vector<std::vector<double>>;

Speeds watch_speeds(program::Run& run, const FeedForward& network, const datasets::Dataset& images, Index steps) {
  Sgd optimizer(
      network.parameters(), {.learning_rate = run.number("learning-rate", 0.1),
                             .regularization = {.l2 = run.number("lambda", 5.0), .examples = images.size()}});
  const Objective objective = program::cross_entropy_objective(network);
  Speeds by_step;
  run.expect(steps, "steps");
  while (optimizer.steps() < steps) {
    by_step.push_back(speeds(network, images));
    optimizer.step(objective.cost(images.features(), images.labels()));
    run.advance();
  }
  return by_step;
}

std::string columns_of(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) text += std::isnan(number) ? "         …" : fmt::format("{:10.2g}", number);
  return text;
}

void show_table(program::Run& run, const Speeds& by_step, const std::vector<Reading>& book) {
  const std::size_t width = 10 * by_step[0].size();
  run.say("  step  {:>{}}  |{:>{}}", "‖∂C/∂b‖ of hidden layers 1, 2, …", width, "the book's", width);
  for (const Reading& reading : book) {
    if (reading.step >= static_cast<Index>(by_step.size())) break;
    const std::vector<double>& ours = by_step[static_cast<std::size_t>(reading.step)];
    run.say("{:6}  {}  |{}", reading.step, columns_of(ours), columns_of(reading.speeds));
  }
}

void draw_speeds(program::Run& run, const Speeds& by_step, const std::vector<Reading>& book, const std::string& name) {
  program::Plot plot{
      .title = fmt::format("Speeds of learning of {}", name),
      .x_label = "steps of descent on 1,000 images",
      .y_label = "‖∂C/∂b‖",
      .logarithmic_y = true};
  for (std::size_t l = 0; l < by_step[0].size(); ++l) {
    program::Series series{.title = fmt::format("hidden layer {}", l + 1), .style = program::Style::line};
    for (std::size_t t = 0; t < by_step.size(); ++t) {
      series.x.push_back(static_cast<double>(t));
      series.y.push_back(by_step[t][l]);
    }
    plot.series.push_back(std::move(series));
  }
  program::Series published{.title = "the book's", .style = program::Style::points};
  for (const Reading& reading : book) {
    for (const double speed : reading.speeds) {
      if (std::isnan(speed)) continue;
      published.x.push_back(static_cast<double>(reading.step));
      published.y.push_back(speed);
    }
  }
  plot.series.push_back(std::move(published));
  run.draw("speeds", plot);
}

double last_over_first(const std::vector<double>& speeds) {
  return speeds.back() / speeds.front();
}

/// The speed of the last hidden layer before step 499 over that before step 100.
double late_growth(const std::vector<double>& at_100, const std::vector<double>& at_499) {
  return at_499.back() / at_100.back();
}

void report_speeds(program::Run& run, const Expected& expected) {
  const datasets::Dataset images = images_for_speeds(run);
  const std::vector<Reading>& book = expected.readings;
  const auto hidden_layers = static_cast<Index>(book[0].speeds.size());
  const std::vector<Index> sizes = sizes_with(hidden_layers);
  const FeedForward network = program::new_network(sizes);
  const Speeds by_step = watch_speeds(run, network, images, 500);
  show_table(run, by_step, book);
  draw_speeds(run, by_step, book, fmt::format("{}", fmt::join(sizes, "-")));

  const Tensor right = program::cross_entropy_objective(network).right(images.features(), images.labels());
  run.say("After these steps the network recognises {} of the 1,000 images.", right.item<std::int32_t>());
  run.finding(
      {.quantity = "how many times faster a layer is than the one before it, at the start",
       .published = geometric_mean(ratios(book[0].speeds)),
       .measured = geometric_mean(ratios(by_step[0])),
       .band = program::Band{3, 8}});
  run.finding(
      {.quantity = "speed of the last hidden layer at step 499 over that at step 100",
       .published = late_growth(book[3].speeds, book[5].speeds),
       .measured = late_growth(by_step[100], by_step[499]),
       .band = expected.growth});
  run.summary(
      {.quantity = "how many times faster the last hidden layer is than the first, at step 499",
       .published = last_over_first(book[5].speeds),
       .measured = last_over_first(by_step[499]),
       .band = expected.last_over_first});
}

}  // namespace

const Experiment speeds_2{
    .name = "speeds-2",
    .description = "784-30-30-10: the speeds of both hidden layers during 500 steps",
    .published = "from 0.07 and 0.31 down, up again from step 40 on, to 0.0034 and 0.0096",
    .seconds = 1,
    .run = [](program::Run& run) { report_speeds(run, with_2); },
};

const Experiment speeds_3{
    .name = "speeds-3",
    .description = "784-30-30-30-10: the speeds of all three",
    .published = "from 0.012, 0.060, 0.283 to 9e-5, 2.2e-4, 1.3e-3",
    .seconds = 1,
    .run = [](program::Run& run) { report_speeds(run, with_3); },
};

const Experiment speeds_4{
    .name = "speeds-4",
    .description = "784-30-30-30-30-10: the speeds of all four",
    .published = "the first layer learns some 100 times more slowly than the last",
    .seconds = 1,
    .run = [](program::Run& run) { report_speeds(run, with_4); },
};

}  // namespace chapter5
