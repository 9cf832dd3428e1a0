// "Momentum-based gradient descent", (107) and (108), and the problem to try it.
#include <memory>

#include <program/mnist.h>

#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

namespace {

using program::Training;

std::unique_ptr<Optimizer> plain(const FeedForward& network, double learning_rate, const Regularization& decay) {
  return std::make_unique<Sgd>(
      network.parameters(), SgdOptions{.learning_rate = learning_rate, .regularization = decay});
}

std::unique_ptr<Optimizer> with_momentum(
    const FeedForward& network, double learning_rate, double momentum, const Regularization& decay) {
  return std::make_unique<Momentum>(
      network.parameters(),
      MomentumOptions{.learning_rate = learning_rate, .momentum = momentum, .regularization = decay});
}

std::unique_ptr<Optimizer> nesterov(
    const FeedForward& network, double learning_rate, double momentum, const Regularization& decay) {
  return std::make_unique<Nesterov>(
      network.parameters(),
      MomentumOptions{.learning_rate = learning_rate, .momentum = momentum, .regularization = decay});
}

struct Row {
  std::string name;
  std::function<std::unique_ptr<Optimizer>(const FeedForward&)> optimizer;
};

/// The reader's three keep η and have lost the weight decay. Ours divide the step, and multiply λ, by what momentum
/// makes of steady gradients, so that a step moves and decays the weights as far as without.
std::vector<Row> rows(const Training& training, Index n) {
  const double rate = training.learning_rate, lambda = training.lambda;
  std::vector<Row> all{
      {"μ = 0", [=](const FeedForward& network) { return plain(network, rate, {.l2 = lambda, .examples = n}); }}};
  for (const double mu : {0.5, 0.1, 0.01}) {
    all.push_back({fmt::format("μ = {:g}, η kept, λ = 0", mu), [=](const FeedForward& network) {
                     return with_momentum(network, rate, mu, {});
                   }});
  }
  const auto matched = [=](double mu) { return Regularization{.l2 = lambda / (1 - mu), .examples = n}; };
  for (const double mu : {0.5, 0.9}) {
    all.push_back({fmt::format("μ = {:g}, η(1 − μ)", mu), [=](const FeedForward& network) {
                     return with_momentum(network, rate * (1 - mu), mu, matched(mu));
                   }});
  }
  all.push_back({"Nesterov, μ = 0.9, η(1 − μ)", [=](const FeedForward& network) {
                   return nesterov(network, rate * (1 - 0.9), 0.9, matched(0.9));
                 }});
  return all;
}

/// The cost of 1,000 images, step by step, when every step sees all of them: no noise, and one η for all.
program::Series full_batch(
    program::Run& run, const std::string& name, const datasets::Dataset& images, Index steps,
    const std::function<std::unique_ptr<Optimizer>(const FeedForward&)>& optimizer) {
  seed(run.seed());
  const FeedForward network = program::new_network({784, 30, 10});
  const auto descent = optimizer(network);
  const Objective objective = program::cross_entropy_objective(network);
  program::Series series{.title = name, .style = program::Style::line};
  for (Index step = 0; step < steps; ++step) {
    const Tensor cost = objective.cost(images.features(), images.labels());
    descent->step(cost);
    series.x.push_back(static_cast<double>(step));
    series.y.push_back(cost.item());
    run.advance();
  }
  return series;
}

/// At which step a cost is first reached.
double steps_to(const program::Series& series, double cost) {
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    if (series.y[i] <= cost) return series.x[i];
  }
  return series.x.back() + 1;
}

/// How many times as many steps plain descent needs to come where momentum is.
double speed_up(program::Run& run, const datasets::Dataset& images) {
  const Index steps = run.quick() ? 60 : 400;
  run.series("whole set of 1,000 images");
  run.expect(3 * steps, "steps");
  const std::vector<program::Series> curves{
      full_batch(run, "μ = 0", images, steps, [](const FeedForward& n) { return plain(n, 0.25, {}); }),
      full_batch(run, "μ = 0.9", images, steps, [](const FeedForward& n) { return with_momentum(n, 0.25, 0.9, {}); }),
      full_batch(
          run, "Nesterov, μ = 0.9", images, steps, [](const FeedForward& n) { return nesterov(n, 0.25, 0.9, {}); })};
  const double reached = curves[0].y.back();
  run.say("Steps on all of 1,000 images at once, η = 0.25, until the cost is down to {:.3f}:", reached);
  for (const program::Series& curve : curves) run.say("  {:<20}{:5.0f}", curve.title, steps_to(curve, reached));
  run.draw(
      "full_batch", program::Plot{
                        .title = "Momentum without noise: every step sees all of 1,000 images, η = 0.25",
                        .x_label = "step",
                        .y_label = "cross-entropy on them",
                        .series = curves,
                        .logarithmic_y = true});
  return steps_to(curves[0], reached) / steps_to(curves[1], reached);
}

}  // namespace

const Experiment momentum_descent{
    .name = "momentum",
    .description = "784-30-10 with momentum as a reader tried it, then with steps of the same length, and Nesterov's",
    .published = "a problem; a reader found 95.92 %, 96.19 %, 96.37 % with μ = 0.5, 0.1, 0.01",
    .seconds = 9,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const double faster = speed_up(run, data.train.take(1000));

          const Training training = program::as_asked(run, {.epochs = 15, .lambda = 5});
          std::vector<Variant> variants;
          const datasets::Dataset train = data.train.take(run.quick() ? 10'000 : data.train.size());
          for (const Row& row : rows(training, train.size())) {
            variants.push_back({row.name, [&run, &data, &training, &train, row] {
                                  const FeedForward network = program::new_network({784, 30, 10});
                                  const auto optimizer = row.optimizer(network);
                                  return program::train(
                                      run, *optimizer, program::cross_entropy_objective(network), training, train,
                                      data.validation);
                                }});
          }
          const auto trained = train_each(run, variants);
          print_accuracies(run, trained);
          run.say("Noise of mini-batches, not inertia, limits these runs: at steps of one length μ hardly matters.");
          const auto draw = [&](const std::string& name, const std::string& title, const std::vector<Trained>& some) {
            run.draw(
                name, program::Plot{
                          .title = title,
                          .x_label = "epoch",
                          .y_label = "validation accuracy in %",
                          .series = curves_of(some),
                          .whole_x = true});
          };
          draw(
              "step_kept", "784-30-10 with momentum, η kept: steps grow with μ",
              {trained[0], trained[1], trained[2], trained[3]});
          draw(
              "step_divided", "784-30-10 with momentum, η(1 − μ): steps of the same length",
              {trained[0], trained[4], trained[5], trained[6]});

          // The reader trained twice as long, so ours may fall a little shorter.
          const double published[] = {0.9592, 0.9619, 0.9637};
          for (std::size_t i = 0; i < 3; ++i) {
            run.finding(
                {.quantity = fmt::format("validation accuracy, {}", trained[i + 1].name),
                 .published = published[i],
                 .measured = trained[i + 1].best(),
                 .band = program::Band{published[i] - 0.007, published[i] + 0.005}});
          }
          run.finding(
              {.quantity = "validation accuracy, μ = 0.9 with η(1 − μ), less that of μ = 0",
               .measured = trained[5].best() - trained[0].best(),
               .band = program::Band{-0.006, 0.006}});
          run.summary(
              {.quantity = "steps on the whole set, μ = 0 over μ = 0.9",
               .measured = faster,
               .band = program::Band{2.5, 8}});
        },
};

}  // namespace chapter3
