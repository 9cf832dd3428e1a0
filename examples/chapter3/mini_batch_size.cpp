// "Mini-batch size": judged by accuracy against the time that passes, not against epochs.
#include <chrono>

#include <program/mnist.h>

#include "curves.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;

const Experiment mini_batch_size{
    .name = "mini-batch-size",
    .description = "784-30-10 with mini-batches of 1 to 1,000, η in proportion: accuracy against seconds",
    .published = "no number; the best size is neither very small nor very large",
    .seconds = 20,
    .run =
        [](program::Run& run) {
          using Clock = std::chrono::steady_clock;
          const auto data = program::mnist_of_the_book(run);
          program::Training training{.epochs = run.epochs(10), .lambda = run.number("lambda", 5)};
          const double for_ten = run.number("learning-rate", 0.25);
          const Index hidden = run.whole_number("hidden", 30);
          program::Plot plot = accuracy_plot(
              fmt::format("784-{}-10, {} epochs with mini-batches of several sizes", hidden, training.epochs),
              "validation", {});
          plot.x_label = "time, s";
          plot.whole_x = false;
          for (const Index size : {1, 3, 10, 30, 100, 300, 1000}) {
            training.batch_size = size;
            training.learning_rate = for_ten * static_cast<double>(size) / 10;
            const std::string name = fmt::format("B = {}, η = {:g}", size, training.learning_rate);
            run.series(name);
            seed(run.seed());
            std::vector<double> seconds;
            const Clock::time_point start = Clock::now();
            const TrainingHistory history = train(
                run, program::new_network({784, hidden, 10}), training, data.train, data.validation,
                {.stop = [&](const Epoch&) {
                  seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
                  return false;
                }});
            program::Series series = series_of(history, Curve::evaluation_accuracy, name);
            series.x = seconds;
            plot.series.push_back(series);
          }
          run.draw("mini_batch_size", plot);
          run.summary({.quantity = "validation accuracy", .measured = 0});
        },
};

}  // namespace chapter3
