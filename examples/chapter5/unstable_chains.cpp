// What the product (122) becomes: it vanishes with weights as networks start with, and explodes with weights of 100 and
// biases that keep σ′ at its greatest.
#include <algorithm>
#include <cmath>

#include "chain.h"
#include "experiments.h"

namespace chapter5 {

namespace {

constexpr Index neurons = 10;

Tensor exactly(double value) {
  return number(value, Dtype::float64);
}

/// |∂C/∂b_j| along the chain; of many chains, the median.
std::vector<double> speeds_along(const Chain& chain, const Tensor& input) {
  std::vector<double> medians;
  for (const Tensor& gradient : gradients(cost(forward(chain, input), exactly(0)), chain.b)) {
    auto speeds = absolute(gradient).values();
    const auto middle = speeds.begin() + static_cast<std::ptrdiff_t>(speeds.size() / 2);
    std::nth_element(speeds.begin(), middle, speeds.end());
    medians.push_back(*middle);
  }
  return medians;
}

Chain chain_with_equal(double w, double b) {
  Chain chain;
  for (Index j = 0; j < neurons; ++j) {
    chain.w.push_back(exactly(w));
    chain.b.push_back(exactly(b));
  }
  return chain;
}

/// Weights w and biases −w a, where a is what the neuron is given, 1/2 but for the first: every z is 0.
Chain balanced_chain(double w, double input) {
  Chain chain = chain_with_equal(w, -w / 2);
  chain.b.front() = exactly(-w * input);
  return chain;
}

program::Series along_chain(const std::vector<double>& speeds, std::string title) {
  program::Series series{.title = std::move(title), .y = speeds};
  for (std::size_t j = 1; j <= speeds.size(); ++j) series.x.push_back(static_cast<double>(j));
  return series;
}

program::Plot speeds_plot(std::string title) {
  return {
      .title = std::move(title),
      .x_label = "neuron along the chain",
      .y_label = "|∂C/∂b|",
      .x_range = program::Band{0.5, neurons + 0.5},
      .whole_x = true,
      .logarithmic_y = true};
}

void draw_slope(program::Run& run) {
  const Tensor z = linspace(-6, 6, 241, Dtype::float64);
  run.draw(
      "sigmoid_prime",
      program::Plot{
          .title = "The slope of σ is at most 1/4",
          .x_label = "z",
          .y_label = "σ′(z)",
          .series = {{.title = "σ′", .x = z.values(), .y = sigmoid_prime(z).values(), .style = program::Style::line}},
          .references = {{"1/4", 0.25}},
          .y_range = program::Band{0, 0.3}});
}

/// Of the absolute values, in bins of 0.01.
program::Series histogram(const std::vector<double>& factors) {
  program::Series bars{.title = fmt::format("{} factors", factors.size()), .style = program::Style::boxes};
  std::vector<double> counts(60);
  for (const double factor : factors) {
    const auto bin = static_cast<std::size_t>(std::abs(factor) * 100);
    if (bin < counts.size()) ++counts[bin];
  }
  for (std::size_t bin = 0; bin < counts.size(); ++bin) bars.x.push_back(static_cast<double>(bin) / 100 + 0.005);
  bars.y = std::move(counts);
  return bars;
}

}  // namespace

const Experiment vanishing_chain{
    .name = "vanishing-chain",
    .description = "chains of ten neurons with weights 1 or from N(0, 1): the factors |wσ′(z)| and where they lead",
    .published = "usually |w_jσ′(z_j)| < 1/4, so that the gradient vanishes along the chain",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor input = exactly(0.5);
          const Chain ones = chain_with_equal(1, 0), random = random_chains(neurons, 10'000);
          const auto of_ones = speeds_along(ones, input), of_random = speeds_along(random, input);
          run.say("neuron   |∂C/∂b|, w = 1   |∂C/∂b|, w from N(0, 1): median of 10,000 chains");
          for (std::size_t j = 0; j < of_ones.size(); ++j) {
            run.say("{:6}{:17.2e}{:26.2e}", j + 1, of_ones[j], of_random[j]);
          }
          program::Plot plot = speeds_plot("Gradients vanish along a chain of neurons");
          plot.series = {along_chain(of_ones, "w = 1, b = 0"), along_chain(of_random, "w, b from N(0, 1): median")};
          run.draw("vanishing", plot);
          draw_slope(run);

          const std::vector<double> all = concatenate(factors(random, forward(random, input))).values();
          const auto small = std::count_if(all.begin(), all.end(), [](double f) { return std::abs(f) < 0.25; });
          run.draw(
              "factors", program::Plot{
                             .title = "Factors of (122), weights and biases from N(0, 1)",
                             .x_label = "|w σ′(z)|",
                             .y_label = "factors in a bin of 0.01",
                             .series = {histogram(all)},
                             .marks = {{"1/4", 0.25}},
                             .x_range = program::Band{0, 0.6}});
          run.finding(
              {.quantity = "the greatest slope of σ, at z = 0",
               .published = 0.25,
               .measured = sigmoid_prime(exactly(0)).item(),
               .band = program::Band{0.25, 0.25}});
          run.finding(
              {.quantity = "|∂C/∂b| of the last neuron over that of the first, weights of 1",
               .measured = of_ones.back() / of_ones.front(),
               .band = program::Band{std::pow(4, neurons - 1), std::pow(6, neurons - 1)}});
          run.summary(
              {.quantity = "factors |w_jσ′(z_j)| < 1/4 with weights from N(0, 1), in %",
               .measured = 100 * static_cast<double>(small) / static_cast<double>(all.size()),
               .band = program::Band{80, 82.5}});
        },
};

const Experiment exploding_chain{
    .name = "exploding-chain",
    .description = "ten neurons with w = 100 and b = −100 a, so that every z is 0",
    .published = "every factor is 100 σ′(0) = 25",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const double input = 0.3;
          const Chain chain = balanced_chain(100, input);
          const auto exploding = speeds_along(chain, exactly(input)), moved = speeds_along(chain, exactly(input + 0.1));
          run.say("neuron     |∂C/∂b|   |∂C/∂b| if the input is 0.1 larger");
          for (std::size_t j = 0; j < exploding.size(); ++j) {
            run.say("{:6}{:12.3e}{:20.3e}", j + 1, exploding[j], moved[j]);
          }
          run.say("The balance is delicate: with a slightly larger input, z₁ = 10, and all neurons saturate.");
          program::Plot plot = speeds_plot("Gradients explode along a chain with w = 100 and z = 0");
          plot.series = {
              along_chain(exploding, "w = 100, z = 0"),
              along_chain(speeds_along(balanced_chain(1, input), exactly(input)), "w = 1, z = 0")};
          run.draw("exploding", plot);

          double least = 1e300, greatest = 0;
          for (const Tensor& factor : factors(chain, forward(chain, exactly(input)))) {
            least = std::min(least, factor.item());
            greatest = std::max(greatest, factor.item());
          }
          run.say("Factors: {:g} to {:g}", least, greatest);
          run.summary(
              {.quantity = "|∂C/∂b| of a neuron over that of the next one",
               .published = 25,
               .measured = std::pow(exploding.front() / exploding.back(), 1.0 / (neurons - 1)),
               .band = program::Band{25 - 1e-9, 25 + 1e-9}});
        },
};

}  // namespace chapter5
