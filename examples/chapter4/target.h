#pragma once

#include <vector>

#include "network.h"

// The function that most of the chapter approximates, and the staircases that do it.
namespace chapter4 {

/// (113): f(x) = 0.2 + 0.4x² + 0.3x sin(15x) + 0.05 cos(50x).
Tensor target(const Tensor& x);
/// ln(y/(1 − y)).
Tensor inverse_sigmoid(const Tensor& y);
/// What the weighted output of the hidden layer has to be, so that the output is (113): σ⁻¹∘f.
Tensor weighted_target(const Tensor& x);

/// The means of σ⁻¹∘f over `bins` equal parts of [0, 1].
std::vector<double> bin_means(Index bins);
/// Steps between equal parts of [0, 1] that make each as high as given. The first step is far below 0: at 0 itself it
/// would be half done.
std::vector<Step> staircase(const std::vector<double>& heights);
/// As steep as the parts are narrow, 100 a part, and at least 1000.
double slope_for(Index bins);

/// |network − f|, on average and at most, at some points of [0, 1].
struct OutputError {
  double mean = 0, max = 0;
};
OutputError error_of(const Tensor& output, const Tensor& wanted);
/// Against (113), at the middles of 2,000 equal parts.
OutputError error_of(const FeedForward& network);
Tensor test_inputs();

/// All that rounds to `value`, whose last digit stands for `digit`: {0.0745, 0.0755} for .075 and .001.
program::Band to_the_digit(double value, double digit);

}  // namespace chapter4
