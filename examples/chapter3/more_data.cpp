// "Variation in the number of training examples": the same number of steps over more and more images.
#include "more_data.h"

#include <program/mnist.h>
#include <program/training.h>

#include "experiments.h"

namespace chapter3 {

using namespace gradus;

std::vector<Published> published_sizes(const program::Run& run) {
  const std::vector<Published> all{{100, 0.6909, 0.2507},    {200, 0.7637, 0.4893},    {500, 0.8529, 0.7513},
                                   {1000, 0.8885, 0.8387},   {2000, 0.9127, 0.8849},   {5000, 0.9324, 0.9146},
                                   {10'000, 0.9489, 0.9245}, {20'000, 0.9585, 0.9347}, {50'000, 0.9597, 0.9448}};
  return run.quick() ? std::vector<Published>(all.begin(), all.begin() + 4) : all;
}

void draw_accuracies(
    program::Run& run, const std::string& picture, const std::vector<Published>& sizes, const Accuracies& accuracies) {
  program::Series measured{.title = accuracies.name, .style = program::Style::line};
  program::Series published{.title = "the book", .style = program::Style::points};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    for (program::Series* series : {&measured, &published}) series->x.push_back(static_cast<double>(sizes[i].size));
    measured.y.push_back(100 * accuracies.measured[i]);
    published.y.push_back(100 * accuracies.published[i]);
  }
  program::Plot plot{
      .title = "Accuracy against the number of training images",
      .x_label = "training images",
      .y_label = "accuracy on the validation images, %",
      .series = {measured, published}};
  run.draw(picture, plot);
  plot.logarithmic_x = true;
  run.draw(picture + "_logarithmic", plot);
}

namespace {

/// The accuracy on the validation images of a network that has learnt from the first `size` images, each as often as
/// makes `seen` of them.
double accuracy_after(
    program::Run& run, Index size, Index seen, double learning_rate, const datasets::NamedTrainValidationTest& data) {
  seed(run.seed());
  const FeedForward network = program::large_network({784, 30, 10});
  const Objective objective = program::cross_entropy_objective(network);
  Sgd optimizer(
      network.parameters(),
      {.learning_rate = learning_rate, .regularization = {.l2 = 1e-4 * static_cast<double>(size), .examples = size}});
  TrainerOptions options{.epochs = seen / size, .seed = run.seed(), .checkpoint = run.next_checkpoint()};
  options.on_restored_epoch = [&](const Epoch&) { run.restore((size + options.batch_size - 1) / options.batch_size); };
  options.on_step = [&run](Index, Index) { run.advance(); };
  Trainer trainer(optimizer, objective, options);
  trainer.train(data.train.take(size));
  const Tensor right = objective.right(data.validation.features(), data.validation.labels());
  return static_cast<double>(right.item<std::int32_t>()) / static_cast<double>(data.validation.size());
}

}  // namespace

// Here the last epoch counts, not the best. With this η accuracies go up and down by half a point in the last epochs
// and now and then fall by a whole one: hence bands that are wider below.
const Experiment more_data{
    .name = "more-data",
    .description =
        "784-30-10 on the first 100 … 50,000 images, 150,000 steps each (large weights, η = 0.5, λ = n/10,000)",
    .published = "69.09 % … 95.97 % of the validation images",
    .seconds = 35,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const std::vector<Published> sizes = published_sizes(run);
          const double learning_rate = run.number("learning-rate", 0.5);
          const Index seen = run.quick() ? 30'000 : 1'500'000;
          if (run.quick()) run.changed(fmt::format("{} images seen, and up to {}", seen, sizes.back().size));
          run.expect(static_cast<Index>(sizes.size()) * seen / 10, "mini-batches");
          Accuracies accuracies{.name = "784-30-10"};
          for (const Published& published : sizes) {
            const double measured = accuracy_after(run, published.size, seen, learning_rate, data);
            run.finding(
                {.quantity = fmt::format("validation accuracy after {} images", published.size),
                 .published = published.network,
                 .measured = measured,
                 .band = program::Band{published.network - 0.015, published.network + 0.015}});
            accuracies.measured.push_back(measured);
            accuracies.published.push_back(published.network);
          }
          draw_accuracies(run, "more_data", sizes, accuracies);
          run.summary(
              {.quantity = "validation accuracy after all images",
               .published = 0.9597,
               .measured = accuracies.measured.back(),
               .band = program::Band{0.945, 0.966}});
        },
};

}  // namespace chapter3
