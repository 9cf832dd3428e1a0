// The equations of the chapter, written out as they stand there in plain loops (tests/book/equations.cpp, which the
// tests use too), against two ways that know nothing of them: automatic derivatives and central differences of the
// cost.
#include <algorithm>
#include <array>

#include <book/equations.h>

#include "experiments.h"
#include "network.h"

namespace chapter2 {

namespace {

const std::vector<std::vector<std::size_t>> networks{{3, 4, 2}, {2, 5, 4, 3},       {1, 1, 1, 1},
                                                     {4, 3},    {2, 3, 3, 3, 3, 2}, {6, 5, 4}};
constexpr std::array costs{book::Cost::quadratic, book::Cost::cross_entropy};

/// The worst of an equation over all networks.
struct Line {
  std::string equation, statement;
  std::array<book::EquationError, costs.size()> of_cost;
};

void take_in(std::vector<Line>& lines, std::size_t cost, const std::vector<book::EquationError>& errors) {
  auto place = lines.begin();  // where an equation goes that only this cost has: after the one before it
  for (const book::EquationError& error : errors) {
    const auto found =
        std::find_if(lines.begin(), lines.end(), [&](const Line& line) { return line.equation == error.equation; });
    place = found == lines.end() ? lines.insert(place, {error.equation, error.statement, {}}) : found;
    book::EquationError& worst = place->of_cost[cost];
    worst.comparisons += error.comparisons;
    worst.from_automatic = worse(worst.from_automatic, error.from_automatic);
    worst.from_differences = worse(worst.from_differences, error.from_differences);
    ++place;
  }
}

std::vector<Line> measure(std::int64_t seed) {
  std::vector<Line> lines;
  for (const auto& sizes : networks) {
    for (unsigned trial = 0; trial < 3; ++trial) {
      const unsigned from = 10 * static_cast<unsigned>(seed) + trial;
      const book::Network network(sizes, from);
      for (std::size_t cost = 0; cost < costs.size(); ++cost) {
        take_in(lines, cost, equation_errors(network, costs[cost], examples(network, 5, from + 1000)));
      }
    }
  }
  return lines;
}

std::string errors_of(const book::EquationError& error) {
  if (error.comparisons == 0) return fmt::format("{:>20}", "of the other cost");
  return fmt::format("{:10.1e}{:10.1e}", error.from_automatic, error.from_differences);
}

/// Every equation a line, every error a point.
void draw(program::Run& run, const std::vector<Line>& lines) {
  program::Plot plot{
      .title = "How far the book's equations are from other ways to the same numbers",
      .x_label = "largest difference, relative; 0 would be at the left edge",
      .y_label = "line of the table",
      .x_range = program::Band{1e-18, 1e-6},
      .y_range = program::Band{static_cast<double>(lines.size()) + 1, 0},  // downwards
      .logarithmic_x = true};
  program::Series automatic{.title = "from automatic derivatives", .style = program::Style::points};
  program::Series differences{.title = "from central differences of the cost", .style = program::Style::points};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto y = static_cast<double>(i + 1);
    for (const book::EquationError& error : lines[i].of_cost) {
      if (error.comparisons == 0) continue;
      automatic.x.push_back(std::max(error.from_automatic, 1e-18));
      differences.x.push_back(std::max(error.from_differences, 1e-18));
      automatic.y.push_back(y);
      differences.y.push_back(y);
    }
    plot.arrows.push_back({.title = lines[i].equation, .from = {2e-9, y}, .to = {2e-9, y}});
  }
  plot.series = {automatic, differences};
  run.draw("equations", plot);
}

}  // namespace

const Experiment equations{
    .name = "equations",
    .description = "errors of BP1 to BP4, (30), (33)–(35), path sums (53), the mini-batch form; checked two ways",
    .published = "proofs; path sums equal backpropagation",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const std::vector<Line> lines = measure(run.seed());
          std::string names;
          for (const auto& sizes : networks) {
            names += names.empty() ? "" : ", ";
            for (std::size_t i = 0; i < sizes.size(); ++i) names += fmt::format("{}{}", i == 0 ? "" : "-", sizes[i]);
          }
          run.say("Networks {}, three times each, five examples", names);
          run.say("Largest |book − other way|, relative; a: automatic derivatives, d: central differences of the cost");
          run.say("{:<18}{:<34}{:>8}{:>20}{:>20}", "", "", "numbers", "quadratic: a, d", "cross-entropy: a, d");
          double worst = 0;
          for (const Line& line : lines) {
            Index comparisons = 0;
            for (const book::EquationError& error : line.of_cost) {
              comparisons += error.comparisons;
              worst = worse(worst, error.from_automatic);
            }
            run.say(
                "{:<18}{:<34}{:>8}{}{}", line.equation, line.statement, comparisons, errors_of(line.of_cost[0]),
                errors_of(line.of_cost[1]));
          }
          run.say(
              "Differences carry the rounding of the cost itself, divided by their step: they cannot come any closer.");
          draw(run, lines);
          run.summary(
              {.quantity = "largest relative difference from automatic derivatives",
               .measured = worst,
               .band = program::Band{0, 1e-12}});
        },
};

}  // namespace chapter2
