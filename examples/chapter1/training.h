#pragma once

#include <vector>

#include <program/mnist.h>
#include <program/run.h>

#include "network.h"

namespace chapter1 {

using Data = gradus::datasets::NamedTrainValidationTest;

/// The hyper-parameters of stochastic gradient descent, the book's defaults.
struct Training {
  Index epochs = 30;
  Index batch_size = 10;
  double learning_rate = 3.0;
};

/// The same with what the command line overrides.
Training as_asked(program::Run& run, Training training = {});

/// What the outputs mean.
struct Coding {
  Tensor (*target)(const Tensor& labels);  ///< what the network should put out: the book's y(x)
  Tensor (*digits)(const Tensor& output);  ///< what it takes the images for
};

/// One output a digit; the one that fires most counts.
Tensor one_output_a_digit(const Tensor& labels);
Tensor most_firing(const Tensor& output);

/// The book's SGD on the quadratic cost (6): prints and records how many test images are right after each epoch, and
/// returns those numbers.
std::vector<Index> train(
    program::Run& run, const Network& network, const Data& data, const Training& training,
    const Coding& coding = {one_output_a_digit, most_firing});

/// Draws accuracies in percent against epochs, with the book's best as a dashed line (0: none).
void draw_learning_curve(
    program::Run& run, const std::string& title, const std::vector<Index>& right, Index of, double published);

/// 0.9542 of 9542 right among 10,000.
double best_accuracy(const std::vector<Index>& right, Index of);

}  // namespace chapter1
