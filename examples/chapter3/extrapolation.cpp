// The research problem of "Artificially expanding the training data": how does accuracy go on with the size of the
// training set?
#include <algorithm>
#include <cmath>

#include <program/mnist.h>
#include <program/training.h>

#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

constexpr Index sizes[] = {100, 200, 500, 1000, 2000, 5000, 10'000, 20'000, 50'000};
/// The book's figure more_data: λ is in proportion to the size there, too.
constexpr double published[] = {69.09, 76.37, 85.29, 88.85, 91.27, 93.24, 94.89, 95.85, 95.97};

/// Errors in percent: floor + factor · n^−exponent.
struct PowerLaw {
  double floor = 0, factor = 0, exponent = 0, misfit = 0;

  double at(double n) const { return floor + factor * std::pow(n, -exponent); }
};

/// With the floor given, the law is a line in logarithms: least squares.
PowerLaw fitted_over(double floor, const std::vector<double>& n, const std::vector<double>& errors) {
  double x = 0, y = 0, xx = 0, xy = 0;
  const auto count = static_cast<double>(n.size());
  for (std::size_t i = 0; i < n.size(); ++i) {
    const double u = std::log(n[i]), v = std::log(errors[i] - floor);
    x += u / count;
    y += v / count;
    xx += u * u / count;
    xy += u * v / count;
  }
  const double slope = (xy - x * y) / (xx - x * x);
  PowerLaw law{.floor = floor, .factor = std::exp(y - slope * x), .exponent = -slope};
  for (std::size_t i = 0; i < n.size(); ++i) law.misfit += std::pow(std::log(law.at(n[i]) / errors[i]), 2);
  return law;
}

/// The floor that fits best, below all errors.
PowerLaw fitted_with_floor(const std::vector<double>& n, const std::vector<double>& errors) {
  const double least = *std::min_element(errors.begin(), errors.end());
  PowerLaw best = fitted_over(0, n, errors);
  for (int step = 1; step < 200; ++step) {
    const PowerLaw law = fitted_over(least * step / 200, n, errors);
    if (law.misfit < best.misfit) best = law;
  }
  return best;
}

program::Series curve(const std::string& name, const PowerLaw& law) {
  program::Series series{.title = name, .style = program::Style::line};
  for (double exponent = 2; exponent <= 6.001; exponent += 0.1) {
    series.x.push_back(std::pow(10, exponent));
    series.y.push_back(law.at(series.x.back()));
  }
  return series;
}

struct Prediction {
  double held_out = 0, million = 0;
};

/// Fits to all but the last error and predicts that; then fits to all and predicts a million.
Prediction extrapolate(program::Run& run, const std::string& name, const std::vector<double>& errors) {
  const std::vector<double> n(std::begin(sizes), std::end(sizes));
  const std::vector<double> fewer(n.begin(), n.end() - 1), known(errors.begin(), errors.end() - 1);
  const PowerLaw line = fitted_over(0, fewer, known), bent = fitted_with_floor(fewer, known);
  const PowerLaw line_of_all = fitted_over(0, n, errors), bent_of_all = fitted_with_floor(n, errors);
  run.say("{}: errors in %", name);
  run.say("{:<22}{:>24}{:>12}{:>22}{:>14}", "", "law for 20,000 or less", "at 50,000", "law for all", "at a million");
  const auto show = [&](const char* kind, const PowerLaw& part, const PowerLaw& all) {
    const auto text = [](const PowerLaw& law) {
      return fmt::format("{:.2f} + {:.0f} n^-{:.2f}", law.floor, law.factor, law.exponent);
    };
    run.say("{:<22}{:>24}{:>12.2f}{:>22}{:>14.2f}", kind, text(part), part.at(50'000), text(all), all.at(1e6));
  };
  show("  power law", line, line_of_all);
  show("  with a floor", bent, bent_of_all);
  run.say("{:<22}{:>24}{:>12.2f}", "  measured", "", errors.back());
  run.draw(
      name == "the book's" ? "book" : "ours",
      program::Plot{
          .title = fmt::format("Errors against training images, up to a million: {}", name),
          .x_label = "training images",
          .y_label = "validation errors in %",
          .series =
              {{.title = "measured", .x = n, .y = errors, .style = program::Style::points},
               curve("power law", line_of_all),
               curve("with a floor", bent_of_all)},
          .logarithmic_x = true,
          .logarithmic_y = true});
  return {bent.at(50'000), bent_of_all.at(1e6)};
}

/// Trained on the first `size` images until so many have been looked at, and watched only then.
double accuracy_with(program::Run& run, const datasets::NamedTrainValidationTest& data, Index size, Index images) {
  seed(run.seed());
  const FeedForward network = program::new_network({784, 30, 10});
  const Objective objective = program::cross_entropy_objective(network);
  Sgd optimizer(
      network.parameters(), {.learning_rate = run.number("learning-rate", 0.5),
                             .regularization = {.l2 = 1e-4 * static_cast<double>(size), .examples = size}});
  TrainerOptions options{
      .epochs = std::max<Index>(images / size, 1), .seed = run.seed(), .checkpoint = run.next_checkpoint()};
  options.on_restored_epoch = [&](const Epoch&) { run.restore((size + options.batch_size - 1) / options.batch_size); };
  options.on_step = [&run](Index, Index) { run.advance(); };
  Trainer trainer(optimizer, objective, options);
  trainer.train(data.train.take(size));
  const double right = objective.right(data.validation.features(), data.validation.labels()).item();
  run.say("{:6} training images: {:g} of {} validation images right", size, right, data.validation.size());
  return right / static_cast<double>(data.validation.size());
}

}  // namespace

const Experiment extrapolation{
    .name = "extrapolation",
    .description = "fits laws to the accuracies of nine training sets, tests them on the largest, asks for a million",
    .published = "a research problem: how do learning curves go on?",
    .seconds = 15,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          std::vector<double> book, ours;
          for (const double accuracy : published) book.push_back(100 - accuracy);

          // As many steps for every size, a third of the book's; the new initial weights need no more.
          const Index images = run.quick() ? 20'000 : 500'000;
          if (run.quick()) run.changed(fmt::format("{} images seen", images));
          run.expect(images / 10 * static_cast<Index>(std::size(sizes)), "mini-batches");
          for (const Index size : sizes) ours.push_back(100 * (1 - accuracy_with(run, data, size, images)));
          extrapolate(run, "the book's", book);
          const Prediction prediction = extrapolate(run, "ours", ours);
          run.finding(
              {.quantity = "predicted errors at a million images in %",
               .measured = prediction.million,
               .band = program::Band{0.3, 4}});
          run.summary(
              {.quantity = "errors at 50,000 images, predicted over measured",
               .measured = prediction.held_out / ours.back(),
               .band = program::Band{0.7, 1.3}});
        },
};

}  // namespace chapter3
