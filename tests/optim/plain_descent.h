#pragma once

#include <gradus/graph/operators.h>
#include <gradus/optim/optimizer.h>

/// Gradient descent that does not vouch for its rule: nothing is remembered, and graphs are never run in batches.
class PlainDescent final : public gradus::Optimizer {
 public:
  PlainDescent(gradus::Parameters parameters, gradus::LearningRate rate)
      : Optimizer(std::move(parameters), std::move(rate), gradus::Where::current()) {}

 private:
  gradus::Tensors update(
      gradus::Index, const gradus::Tensor& parameter, const gradus::Tensor& gradient,
      const gradus::StepNumbers& numbers) const override {
    return {parameter - numbers.learning_rate * gradient};
  }
};
