// "Mini-batch size": a hundred online steps (101) against one step (100) with a mini-batch of a hundred, and (102),
// which makes up for it with a learning rate a hundred times as large.
#include <algorithm>
#include <chrono>

#include <program/mnist.h>

#include <gradus/gradus.h>

#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

constexpr Index count = 100;

/// The weights and biases of one network, moved from where it starts.
struct Moved {
  Tensors changes;
  double milliseconds;
};

FeedForward fresh_network(program::Run& run) {
  seed(run.seed());
  return {{784, 30, 10}, {.initializer = initializers::book_new, .dtype = Dtype::float64}};
}

/// One pass over the examples in mini-batches of some size.
Moved moved(program::Run& run, const datasets::Dataset& examples, Index batch_size, double learning_rate) {
  const FeedForward network = fresh_network(run);
  Tensors start;
  for (const Parameter& parameter : network.parameters()) start.push_back(parameter.tensor().detach());
  Sgd optimizer(network.parameters(), {.learning_rate = learning_rate});
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& [images, labels] : examples.batches({.size = batch_size, .seed = run.seed()})) {
    optimizer.step(cross_entropy_with_logits(network.logits(images), one_hot(labels, 10, Dtype::float64)));
  }
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - begin;
  Moved result{.changes = {}, .milliseconds = elapsed.count()};
  for (std::size_t i = 0; i < start.size(); ++i) {
    result.changes.push_back((network.parameters()[i] - start[i]).detach());
  }
  return result;
}

Tensor as_one_vector(const Tensors& tensors) {
  Tensors flat;
  for (const Tensor& tensor : tensors) flat.push_back(flatten(tensor));
  return concatenate(flat);
}

/// ‖a − b‖/‖b‖.
double distance(const Moved& a, const Moved& b) {
  const Tensor to = as_one_vector(b.changes);
  return (norm(as_one_vector(a.changes) - to) / norm(to)).item();
}

}  // namespace

const Experiment batch_versus_online{
    .name = "batch-versus-online",
    .description = "(100) to (102): a hundred online steps against one step with a mini-batch of a hundred at 100η",
    .published = "with 100η, much like a hundred online steps",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const datasets::Dataset examples = program::mnist_of_the_book(run, Dtype::float64).train.take(count);
          run.say(
              "784-30-10, {} images: Δw of {} online steps (101) with η against one step of a mini-batch", count,
              count);
          run.say("{:>10}{:>40}{:>34}", "η", "(100), the same η: ‖Δw‖ over theirs", "(102), 100η: distance, relative");
          program::Series differences{.title = "measured"};
          double last = 0, before = 0;
          for (const double learning_rate : {0.1, 0.01, 1e-3, 1e-4}) {
            const Moved online = moved(run, examples, 1, learning_rate);
            const Moved same = moved(run, examples, count, learning_rate);
            const Moved scaled = moved(run, examples, count, count * learning_rate);
            before = last;
            last = distance(scaled, online);
            run.say(
                "{:>10g}{:>40.5f}{:>34.5f}", learning_rate,
                (norm(as_one_vector(same.changes)) / norm(as_one_vector(online.changes))).item(), last);
            differences.x.push_back(learning_rate);
            differences.y.push_back(last);
          }
          run.say("The smaller the steps, the less it matters that online learning takes each gradient where the last");
          run.say("step led: a tenth of η, a tenth of the difference.");
          double one = 1e9, all = 1e9;  // the fastest of five: others may be at work on the machine
          for (int i = 0; i < 5; ++i) {
            one = std::min(one, moved(run, examples, 1, 0.1).milliseconds / count);
            all = std::min(all, moved(run, examples, count, 0.1).milliseconds);
          }
          run.say(
              "The step with the mini-batch took {:.0f} times as long as an online step; the book supposes 50 and not "
              "100.",
              all / one);
          run.draw(
              "batch_versus_online", program::Plot{
                                         .title = "One step with 100η instead of a hundred with η",
                                         .x_label = "η of the online steps",
                                         .y_label = "‖difference of Δw‖ / ‖Δw‖",
                                         .series = {differences},
                                         .logarithmic_x = true,
                                         .logarithmic_y = true});
          run.finding(
              {.quantity = "by how much the difference shrinks where η falls from 1e-3 to 1e-4",
               .measured = before / last,
               .band = program::Band{9, 11}});
          run.summary(
              {.quantity = "relative difference of (102) from online learning at η = 1e-4",
               .measured = last,
               .band = program::Band{0, 0.03}});
        },
};

}  // namespace chapter3
