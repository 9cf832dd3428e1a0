// "What's causing the vanishing gradient problem?" before any training: each hidden layer's speed of learning over many
// initialisations, since one draw of weights says little.
#include <algorithm>

#include <program/training.h>

#include "experiments.h"
#include "speeds.h"

namespace chapter5 {

namespace {

const std::vector<std::vector<double>> published{{.07, .31}, {.012, .060, .283}, {.003, .017, .070, .285}};

void show_table(program::Run& run, const Draws& draws, const std::vector<double>& book) {
  run.say("{} hidden layers", draws.size());
  run.say("  layer   the book   first draw   geometric mean             range");
  for (std::size_t l = 0; l < draws.size(); ++l) {
    const auto [least, greatest] = std::minmax_element(draws[l].begin(), draws[l].end());
    run.say(
        "{:7}{:11.3f}{:13.4f}{:17.4f}{:11.4f} to {:.4f}", l + 1, book[l], draws[l].front(), geometric_mean(draws[l]),
        *least, *greatest);
  }
}

/// How many of the book's speeds are such as some of the draws have.
double within_range(const Draws& draws, const std::vector<double>& book) {
  double count = 0;
  for (std::size_t l = 0; l < draws.size(); ++l) {
    const auto [least, greatest] = std::minmax_element(draws[l].begin(), draws[l].end());
    if (*least <= book[l] && book[l] <= *greatest) ++count;
  }
  return count;
}

/// Bars at the middle of bins half a unit wide.
program::Series histogram(const std::vector<double>& ratios) {
  program::Series bars{.title = fmt::format("{} pairs of layers", ratios.size()), .style = program::Style::boxes};
  for (int bin = 4; bin < 20; ++bin) {
    bars.x.push_back(bin / 2.0 + 0.25);
    bars.y.push_back(static_cast<double>(
        std::count_if(ratios.begin(), ratios.end(), [&](double ratio) { return static_cast<int>(2 * ratio) == bin; })));
  }
  return bars;
}

void report_ratios(program::Run& run, const std::vector<double>& ratios) {
  run.draw(
      "ratios", program::Plot{
                    .title = "How many times faster a layer is than the one before it",
                    .x_label = "‖δ‖ of a hidden layer / ‖δ‖ of the one before it",
                    .y_label = "pairs in a bin of 0.5",
                    .series = {histogram(ratios)},
                    .strips = {{"expected: 3 to 6", {3, 6}}},
                    .x_range = program::Band{2, 10},
                    .y_range = program::Band{0, 400}});
  const auto [least, greatest] = std::minmax_element(ratios.begin(), ratios.end());
  const auto usual = std::count_if(ratios.begin(), ratios.end(), [](double r) { return r >= 3 && r <= 6; });
  run.say(
      "From layer to layer the speed grows {:.1f} to {:.1f} times; 3 to 6 times in {:.0f} % of the pairs.", *least,
      *greatest, 100 * static_cast<double>(usual) / static_cast<double>(ratios.size()));
}

}  // namespace

const Experiment speeds_at_start{
    .name = "speeds-at-start",
    .description = "‖δˡ‖ of the hidden layers of 200 untrained networks with two, three and four of them",
    .published = "0.07, 0.31; 0.012, 0.060, 0.283; 0.003, 0.017, 0.070, 0.285",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const datasets::Dataset images = images_for_speeds(run);
          const Index count = 200;
          program::Plot plot{
              .title = fmt::format("Speeds of learning before training, geometric means of {} networks", count),
              .x_label = "hidden layer",
              .y_label = "‖∂C/∂b‖",
              .x_range = program::Band{0.8, 4.2},
              .whole_x = true,
              .logarithmic_y = true};
          std::vector<double> all_ratios, book_ratios;
          double in_range = 0;
          run.expect(3 * count, "networks");
          for (const std::vector<double>& book : published) {
            const Draws draws = draw_speeds(
                run, images, count, [&] { return program::new_network(sizes_with(static_cast<Index>(book.size()))); });
            show_table(run, draws, book);
            in_range += within_range(draws, book);
            for (const double ratio : ratios_of(draws)) all_ratios.push_back(ratio);
            for (const double ratio : ratios(book)) book_ratios.push_back(ratio);
            plot.series.push_back(by_layer(means_of(draws), fmt::format("{} hidden layers", book.size())));
            plot.series.push_back(by_layer(book, "the book's draw", program::Style::points));
          }
          run.draw("speeds_at_start", plot);
          report_ratios(run, all_ratios);
          run.finding(
              {.quantity = "speeds of the book that lie among ours, of 9",
               .published = 9,
               .measured = in_range,
               .band = program::Band{9, 9}});
          run.summary(
              {.quantity = "how many times faster a layer is than the one before it, geometric mean",
               .published = geometric_mean(book_ratios),
               .measured = geometric_mean(all_ratios),
               .band = program::Band{3, 6}});
        },
};

}  // namespace chapter5
