#include "target.h"

#include <algorithm>

namespace chapter4 {

Tensor target(const Tensor& x) {
  return 0.2 + 0.4 * square(x) + 0.3 * x * sin(15 * x) + 0.05 * cos(50 * x);
}

Tensor inverse_sigmoid(const Tensor& y) {
  return log(y / (1 - y));
}

Tensor weighted_target(const Tensor& x) {
  return inverse_sigmoid(target(x));
}

std::vector<double> bin_means(Index bins) {
  const double width = 1 / static_cast<double>(bins);
  const Tensor lefts = width * expand(iota(bins, Dtype::float64), 1);
  return mean(weighted_target(lefts + linspace(0, width, 20, Dtype::float64)), 1).values();
}

std::vector<Step> staircase(const std::vector<double>& heights) {
  std::vector<Step> steps;
  double before = 0;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const double left = static_cast<double>(i) / static_cast<double>(heights.size());
    steps.push_back({i == 0 ? -1 : left, heights[i] - before});
    before = heights[i];
  }
  return steps;
}

double slope_for(Index bins) {
  return std::max(steep, 100 * static_cast<double>(bins));
}

OutputError error_of(const Tensor& output, const Tensor& wanted) {
  const Tensor errors = absolute(output - wanted);
  return {.mean = mean(errors).item(), .max = max(errors).item()};
}

Tensor test_inputs() {
  const Index count = 2000;
  return expand((iota(count, Dtype::float64) + 0.5) / static_cast<double>(count), 1);
}

program::Band to_the_digit(double value, double digit) {
  return {value - digit / 2, value + digit / 2};
}

OutputError error_of(const FeedForward& network) {
  const Tensor x = test_inputs();
  return error_of(network(x), target(x));
}

}  // namespace chapter4
