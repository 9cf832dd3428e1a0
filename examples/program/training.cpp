#include <program/training.h>

#include <algorithm>

#include <fmt/ranges.h>

namespace program {

using namespace gradus;

namespace {

struct Named {
  Curve curve;
  std::string_view record, words;
};
constexpr Named curves[] = {
    {Curve::training_cost, "training_cost", "training cost"},
    {Curve::training_accuracy, "training_accuracy", "training accuracy"},
    {Curve::evaluation_cost, "evaluation_cost", "evaluation cost"},
    {Curve::evaluation_accuracy, "evaluation_accuracy", "evaluation accuracy"}};

bool is_accuracy(Curve curve) {
  return curve == Curve::training_accuracy || curve == Curve::evaluation_accuracy;
}

bool is_watched(const std::vector<Curve>& watch, Curve curve) {
  return std::find(watch.begin(), watch.end(), curve) != watch.end();
}

void report(Run& run, const Epoch& epoch, const std::vector<Curve>& watch, bool print) {
  std::vector<std::string> words;
  std::vector<Monitored> monitored;
  for (const Named& named : curves) {
    if (!is_watched(watch, named.curve)) continue;
    const double value = epoch.at(named.curve);
    monitored.emplace_back(named.record, value);
    words.push_back(
        is_accuracy(named.curve) ? fmt::format("{} {:.2f} %", named.words, 100 * value)
                                 : fmt::format("{} {:.4f}", named.words, value));
  }
  if (print) run.say("Epoch {}: {}", epoch.number, fmt::join(words, ", "));
  run.epoch(epoch.number, monitored);
}

Tensor right(const FeedForward& network, const Tensor& images, const Tensor& labels) {
  return count_nonzero(equal(argmax(network.logits(images), 1), labels));
}

Tensor one_output_a_digit(const Tensor& labels) {
  return one_hot(labels, 10);
}

template <class Cost>
Objective objective(const FeedForward& network, Cost cost) {
  return {
      .cost = [network, cost](const Tensor& images, const Tensor& labels) { return cost(network, images, labels); },
      .right = [network](const Tensor& images, const Tensor& labels) { return right(network, images, labels); }};
}

}  // namespace

Training as_asked(Run& run, Training training) {
  training.epochs = run.epochs(training.epochs);
  training.batch_size = run.whole_number("batch-size", training.batch_size);
  training.learning_rate = run.number("learning-rate", training.learning_rate);
  training.lambda = run.number("lambda", training.lambda);
  return training;
}

std::vector<NumberOption> training_options() {
  return {
      {.name = "learning-rate", .help = "the book's η, instead of the experiment's"},
      {.name = "lambda", .help = "the book's λ, of the L2 regularization"},
      {.name = "batch-size", .help = "examples in a mini-batch", .whole = true, .least = 1}};
}

FeedForward large_network(const std::vector<Index>& sizes) {
  return {sizes, {.initializer = initializers::book_large}};
}

FeedForward new_network(const std::vector<Index>& sizes) {
  return {sizes, {.initializer = initializers::book_new}};
}

Objective cross_entropy_objective(const FeedForward& network) {
  return objective(network, [](const FeedForward& net, const Tensor& images, const Tensor& labels) {
    return cross_entropy_with_logits(net.logits(images), one_output_a_digit(labels));
  });
}

Objective quadratic_objective(const FeedForward& network) {
  return objective(network, [](const FeedForward& net, const Tensor& images, const Tensor& labels) {
    return quadratic_cost(net(images), one_output_a_digit(labels));
  });
}

Objective log_likelihood_objective(const FeedForward& network) {
  return objective(network, [](const FeedForward& net, const Tensor& images, const Tensor& labels) {
    return log_likelihood_with_logits(net.logits(images), labels);
  });
}

TrainingHistory train(
    Run& run, Optimizer& optimizer, const Objective& objective, const Training& training,
    const LabelledExamples& examples, const LabelledExamples& evaluation, const Steering& steering) {
  const Index batches = (examples.size() + training.batch_size - 1) / training.batch_size;
  const Index print_every = training.epochs <= 60 ? 1 : 10;
  run.expect(training.epochs * batches, "mini-batches");
  const auto report_epoch = [&](const Epoch& epoch) {
    const bool last = epoch.number + 1 == training.epochs;
    report(run, epoch, training.watch, epoch.number % print_every == 0 || last);
  };
  Trainer trainer(
      optimizer, objective,
      {.epochs = training.epochs,
       .batch_size = training.batch_size,
       .seed = run.seed(),
       .watch = training.watch,
       .penalty = steering.penalty,
       .watched_batch_size = steering.watched_batch_size,
       .keep_best = steering.keep_best,
       .stop = steering.stop,
       .on_epoch = report_epoch,
       .on_restored_epoch =
           [&](const Epoch& epoch) {
             run.restore(batches);
             report_epoch(epoch);
           },
       .on_step = [&run](Index, Index) { run.advance(); },
       .checkpoint = run.next_checkpoint()});
  return trainer.train(examples, evaluation);
}

TrainingHistory train(
    Run& run, const FeedForward& network, const Training& training, const datasets::Dataset& examples,
    const datasets::Dataset& evaluation, const Steering& steering) {
  Sgd optimizer(
      network.parameters(), {.learning_rate = training.learning_rate,
                             .regularization = {.l2 = training.lambda, .examples = examples.size()}});
  return train(run, optimizer, cross_entropy_objective(network), training, examples, evaluation, steering);
}

BestEpoch best(const TrainingHistory& history, Curve curve) {
  Best best(is_accuracy(curve) ? Better::higher : Better::lower);
  for (const double value : history.curve(curve)) best.improves(value);
  return {best.epoch(), best.figure()};
}

Series series_of(const TrainingHistory& history, Curve curve, std::string title) {
  Series series{.title = std::move(title), .style = history.epochs.size() <= 60 ? Style::line_and_points : Style::line};
  for (const Epoch& epoch : history.epochs) {
    series.x.push_back(static_cast<double>(epoch.number));
    series.y.push_back((is_accuracy(curve) ? 100 : 1) * epoch.at(curve));
  }
  return series;
}

}  // namespace program
