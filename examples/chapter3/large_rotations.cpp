// The exercise of "Artificially expanding the training data": what large rotations do.
#include <algorithm>

#include <program/mnist.h>

#include "augmented.h"
#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

namespace {

Tensor digits_of(const FeedForward& network, const datasets::Dataset& set) {
  return argmax(network.logits(set.features()), 1);
}

double accuracy(const FeedForward& network, const datasets::Dataset& set) {
  return count_nonzero(equal(digits_of(network, set), set.labels())).item() / static_cast<double>(set.size());
}

program::Series against_angle(
    const std::string& name, const FeedForward& network, const std::vector<datasets::Dataset>& sets,
    const std::vector<double>& angles) {
  program::Series series{.title = name, .x = angles};
  for (const datasets::Dataset& set : sets) series.y.push_back(100 * accuracy(network, set));
  return series;
}

/// How often one digit is taken for another.
double share(const Tensor& labels, const Tensor& digits, double shown, double taken_for) {
  const auto is = [](const Tensor& all, double digit) { return equal(all, number(digit, Dtype::int32)); };
  return count_nonzero(logical_and(is(labels, shown), is(digits, taken_for))).item() /
         count_nonzero(is(labels, shown)).item();
}

void draw_confused(program::Run& run, const datasets::Dataset& upside_down, const Tensor& digits) {
  const auto labels = upside_down.labels().values<std::int32_t>(), taken = digits.values<std::int32_t>();
  program::ImageGrid grid{.title = "Upside down: 6 taken for 9, and 9 for 6", .across = 8};
  for (const auto& [shown, as] : {std::pair{6, 9}, {9, 6}}) {
    Index drawn = 0;
    for (std::size_t i = 0; i < labels.size() && drawn < 8; ++i) {
      if (labels[i] != shown || taken[i] != as) continue;
      const auto row = static_cast<Index>(i);
      grid.tiles.push_back(
          {.pixels = upside_down.slice(row, row + 1).features().values<float>(),
           .caption = fmt::format("{} → {}", shown, as)});
      ++drawn;
    }
  }
  if (!grid.tiles.empty()) run.draw("confused", grid);
}

}  // namespace

const Experiment large_rotations{
    .name = "large-rotations",
    .description = "accuracy against the angle of the images, trained on upright, slightly and arbitrarily turned ones",
    .published = "an exercise: what might go wrong with rotations by arbitrary angles?",
    .seconds = 6,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const program::Training training = program::as_asked(run, {.epochs = 5, .lambda = 5});
          const datasets::Dataset train = data.train.take(run.quick() ? 10'000 : data.train.size());
          std::vector<FeedForward> networks;
          std::vector<Variant> variants;
          for (const double most : {0.0, 15.0, 180.0}) {
            const std::string name = most == 0 ? "trained upright" : fmt::format("trained turned by up to {:g}°", most);
            variants.push_back({name, [&run, &data, &training, &train, &networks, most] {
                                  networks.push_back(program::new_network({784, 30, 10}));
                                  Sgd optimizer(
                                      networks.back().parameters(),
                                      {.learning_rate = training.learning_rate,
                                       .regularization = {.l2 = training.lambda, .examples = train.size()}});
                                  return program::train(
                                      run, optimizer, program::cross_entropy_objective(networks.back()), training,
                                      Augmented{train, {.rotation = most}}, data.validation);
                                }});
          }
          const auto trained = train_each(run, variants);

          const datasets::Dataset some = data.validation.take(run.quick() ? 500 : 5000);
          std::vector<double> angles;
          std::vector<datasets::Dataset> sets;
          for (int angle = -180; angle <= 180; angle += 15) {
            angles.push_back(angle);
            sets.push_back(turned(some, angle));
          }
          std::vector<program::Series> curves;
          for (std::size_t i = 0; i < networks.size(); ++i) {
            curves.push_back(against_angle(trained[i].name, networks[i], sets, angles));
          }
          run.say("Accuracy in % on images turned by");
          run.say("{:<32}{:>8}{:>8}{:>8}{:>8}{:>8}", "", "0°", "15°", "45°", "90°", "180°");
          for (const program::Series& curve : curves) {
            const auto at = [&](std::size_t angle) { return curve.y[12 + angle / 15]; };
            run.say(
                "{:<32}{:>8.2f}{:>8.2f}{:>8.2f}{:>8.2f}{:>8.2f}", curve.title, at(0), at(15), at(45), at(90), at(180));
          }
          const Tensor labels = some.labels(), upside_down = digits_of(networks[0], sets.back());
          const Tensor anyhow = digits_of(networks[2], some);
          run.say(
              "Trained upright, images upside down: {:.0f} % of the 6 are taken for 9, {:.0f} % of the 9 for 6",
              100 * share(labels, upside_down, 6, 9), 100 * share(labels, upside_down, 9, 6));
          run.say(
              "Trained on all angles, images upright: {:.1f} % of the 6 are taken for 9, {:.1f} % of the 9 for 6",
              100 * share(labels, anyhow, 6, 9), 100 * share(labels, anyhow, 9, 6));
          run.say(
              "A 6 upside down is a 9: whoever learns from both cannot tell them apart, and the others get harder.");
          run.draw(
              "angles", program::Plot{
                            .title = fmt::format("784-30-10 on turned images, {}", data.name),
                            .x_label = "images turned by, in degrees",
                            .y_label = "validation accuracy in %",
                            .series = curves,
                            .x_range = program::Band{-180, 180},
                            .y_range = program::Band{0, 100}});
          draw_confused(run, sets.back(), upside_down);

          run.finding(
              {.quantity = "6 upside down taken for 9",
               .measured = share(labels, upside_down, 6, 9),
               .band = program::Band{0.3, 0.75}});
          run.finding(
              {.quantity = "accuracy on images turned by 45°, trained up to 180° less trained upright",
               .measured = (curves[2].y[15] - curves[0].y[15]) / 100,
               .band = program::Band{0.15, 0.55}});
          run.summary(
              {.quantity = "accuracy on upright images, trained up to 180° less trained upright",
               .measured = (curves[2].y[12] - curves[0].y[12]) / 100,
               .band = program::Band{-0.3, -0.08}});
        },
};

}  // namespace chapter3
