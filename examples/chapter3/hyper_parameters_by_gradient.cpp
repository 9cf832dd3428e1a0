// The exercise of "How to choose a neural network's hyper-parameters?": what stands in the way of finding λ and η by
// gradient descent, too.
#include <algorithm>

#include "agreement.h"
#include "experiments.h"

namespace chapter3 {

namespace {

Tensor valley(const Tensor& w) {
  return sum(square(w) * tensor({1.0, 10.0}));
}

/// C after some steps w → w − η∇C, as graph: it can be differentiated by η.
Tensor cost_after(const Tensor& start, const Tensor& learning_rate, Index steps) {
  Tensor w = start;
  for (Index step = 0; step < steps; ++step) w = w - learning_rate * gradients(valley(w), {w})[0];
  return valley(w);
}

/// ∂/∂η of it.
Tensor slope_by_rate(const Parameter& start, const Parameter& rate, Index steps) {
  return gradients(cost_after(start, rate, steps), {rate})[0];
}

/// Ten weights of which two matter, few examples and much noise: a task that needs regularization.
struct Regression {
  Index n = 20;
  Tensor x, y, x_evaluation, y_evaluation;

  Regression() {
    x = normal({n, 15}, {.dtype = Dtype::float64}).detach();
    x_evaluation = normal({1000, 15}, {.dtype = Dtype::float64}).detach();
    y = targets(x);
    y_evaluation = targets(x_evaluation);
  }
  static Tensor targets(const Tensor& inputs) {
    const Tensor noise = normal({inputs.size(0)}, {.dtype = Dtype::float64});
    return (select(inputs, 1, 0) - 0.5 * select(inputs, 1, 1) + noise).detach();
  }
  Tensor cost(const Tensor& w) const { return mean(square(matmul(x, w) - y)) / 2.0; }
  Tensor evaluation_cost(const Tensor& w) const { return mean(square(matmul(x_evaluation, w) - y_evaluation)) / 2.0; }
};

constexpr double of_weights = 0.1;  ///< η

/// What one value of λ comes to, when the weights have been trained with it.
struct Trained {
  double cost, evaluation_cost, slope, evaluation_slope;
};

Trained trained_with(const Regression& task, double value, Index steps) {
  const Parameter w(zeros({15}, Dtype::float64), "w"), lambda(tensor({value}, {}), "λ");
  Sgd optimizer({w}, {.learning_rate = of_weights});
  for (Index step = 0; step < steps; ++step) optimizer.step(task.cost(w) + l2_penalty({w}, lambda, task.n));
  const Tensor cost = task.cost(w) + l2_penalty({w}, lambda, task.n);
  const Tensor next = w - of_weights * gradients(cost, {w})[0];
  return {
      .cost = cost.item(),
      .evaluation_cost = task.evaluation_cost(w).item(),
      .slope = gradients(task.cost(w) + l2_penalty({w}, lambda, task.n), {lambda})[0].item(),
      .evaluation_slope = gradients(task.evaluation_cost(next), {lambda})[0].item()};
}

}  // namespace

const Experiment learning_rate_by_gradient{
    .name = "learning-rate-by-gradient",
    .description = "∂C/∂η through one step and through many: the price, the short sight, the explosion",
    .published = "an exercise: obstacles to gradient descent for η",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const Parameter w(tensor({0.95, 0.3}));
          Agreement agreement(run);
          for (const double at : {0.03, 0.12}) {
            const Parameter rate(tensor({at}, {}));
            const Tensor slope = gradients(valley(w), {w})[0];
            const Parameter next(w - rate * slope);
            agreement.check(
                fmt::format("one step, η = {:g}: ∂C/∂η = −∇C(w′)·∇C(w)", at), slope_by_rate(w, rate, 1),
                -dot(gradients(valley(next), {next})[0], slope));
          }

          run.say("C does not contain η; it depends on it through the steps taken. C = x² + 10y² after T steps:");
          run.say(
              "{:>6}{:>20}{:>18}{:>18}{:>18}", "T", "nodes of the graph", "∂C/∂η, η = 0.03", "η = 0.09", "η = 0.12");
          for (const Index steps : {1, 2, 4, 8, 16, 32}) {
            const auto at = [&](double value) { return slope_by_rate(w, Parameter(tensor({value}, {})), steps); };
            run.say(
                "{:>6}{:>20}{:>18.3g}{:>18.3g}{:>18.3g}", steps, explain({at(0.03)}).recorded, at(0.03).item(),
                at(0.09).item(), at(0.12).item());
          }
          run.say("Looking further ahead costs a graph that grows with T; where η is too large, the slope explodes.");

          program::Plot plot{
              .title = "The cost after T steps, by the learning rate",
              .x_label = "η",
              .y_label = "cost, x² + 10y²",
              .y_range = program::Band{1e-4, 10},
              .logarithmic_y = true};
          const Tensor rates = linspace(0.01, 0.105, 191, Dtype::float64);
          std::vector<double> best;
          for (const Index steps : {1, 5, 20}) {
            program::Series costs{.title = "", .x = rates.values(), .y = {}, .style = program::Style::line};
            for (const double rate : costs.x) costs.y.push_back(cost_after(w, tensor({rate}, {}), steps).item());
            best.push_back(
                costs.x[static_cast<std::size_t>(std::min_element(costs.y.begin(), costs.y.end()) - costs.y.begin())]);
            costs.title = fmt::format("T = {}, least at η = {:.4f}", steps, best.back());
            plot.series.push_back(costs);
          }
          run.say(
              "Best η for 1, 5 and 20 steps: {:.4f}, {:.4f}, {:.4f}. What one step wants is not what training wants.",
              best[0], best[1], best[2]);
          run.draw("learning_rate_by_gradient", plot);
          // One step: η = ∇C·∇C/(∇C·H∇C) = 0.0545; very many: 2/(2 + 20) = 0.0909, where both axes shrink alike.
          run.finding({.quantity = "best η for one step", .measured = best[0], .band = program::Band{0.054, 0.055}});
          run.finding({.quantity = "best η for 20 steps", .measured = best[2], .band = program::Band{0.085, 0.095}});
          run.summary(agreement.worst());
        },
};

const Experiment lambda_by_gradient{
    .name = "lambda-by-gradient",
    .description = "∂C/∂λ = Σw²/2n ≥ 0, so descending the training cost turns λ off; what other costs would say",
    .published = "an exercise: obstacles to gradient descent for λ",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const Regression task;
          const Parameter w(zeros({15}, Dtype::float64), "w"), lambda(tensor({1.0}, {}), "λ");
          const auto cost = [&] { return task.cost(w) + l2_penalty({w}, lambda, task.n); };
          // λ is learnt as the weights are: one gradient, one η.
          Sgd optimizer({w, lambda}, {.learning_rate = of_weights});
          program::Series course{.title = "λ", .style = program::Style::line};
          run.say("Descending C = C₀ + (λ/2n)Σw² in w and in λ, from λ = 1:");
          run.say("{:>8}{:>12}{:>14}{:>14}{:>18}", "step", "λ", "C", "∂C/∂λ", "evaluation cost");
          double least_slope = 1e300;
          bool done = false;
          while (!done && optimizer.steps() < 20'000) {
            done = lambda.item() <= 0;
            const double slope = gradients(cost(), {lambda})[0].item();
            least_slope = std::min(least_slope, slope);
            course.x.push_back(static_cast<double>(optimizer.steps()));
            course.y.push_back(lambda.item());
            if (done || optimizer.steps() % 100 == 0) {
              run.say(
                  "{:>8}{:>12.4f}{:>14.4f}{:>14.4f}{:>18.4f}", optimizer.steps(), lambda.item(), cost().item(), slope,
                  task.evaluation_cost(w).item());
            }
            if (!done) optimizer.step(cost());
          }
          run.say("The cost only ever says: less λ. Below 0 it would pay for large weights, without end.");
          run.draw(
              "lambda_by_gradient", program::Plot{
                                        .title = "λ, learnt by gradient descent of the training cost",
                                        .x_label = "step",
                                        .y_label = "λ",
                                        .series = {course},
                                        .references = {{.title = "no regularization", .y = 0}}});

          run.say("Weights trained with one λ after another; last, ∂/∂λ of the evaluation cost through one more step:");
          run.say("{:>8}{:>14}{:>14}{:>18}{:>24}", "λ", "C", "∂C/∂λ", "evaluation cost", "its slope, one step");
          program::Series training{.title = "training cost, with penalty"}, evaluation{.title = "evaluation cost"};
          for (const double value : {0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0}) {
            const Trained found = trained_with(task, value, run.quick() ? 200 : 2000);
            run.say(
                "{:>8g}{:>14.4f}{:>14.4f}{:>18.4f}{:>24.2g}", value, found.cost, found.slope, found.evaluation_cost,
                found.evaluation_slope);
            training.x.push_back(value);
            training.y.push_back(found.cost);
            evaluation.x.push_back(value);
            evaluation.y.push_back(found.evaluation_cost);
          }
          run.say("Descending the evaluation cost would work, by derivatives through the training, but then the");
          run.say("evaluation data train: a third set has to judge.");
          run.draw(
              "lambda_costs", program::Plot{
                                  .title = "Costs by λ: 20 examples, 15 weights, noise",
                                  .x_label = "λ",
                                  .y_label = "cost",
                                  .series = {training, evaluation},
                                  .logarithmic_x = true});
          run.finding({.quantity = "least ∂C/∂λ on the way", .measured = least_slope, .band = program::Band{0, 1e3}});
          // It ends with the step that takes it to 0 or below; a step is ηΣw²/2n.
          run.summary(
              {.quantity = "λ in the end", .published = 0, .measured = lambda.item(), .band = program::Band{-0.1, 0}});
        },
};

}  // namespace chapter3
