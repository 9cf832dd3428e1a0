// "Mini-batch size": judged by accuracy against the time that passes, not against epochs.
#include <chrono>

#include <program/mnist.h>

#include "curves.h"
#include "experiments.h"

namespace chapter3 {

using namespace gradus;

namespace {

struct Trial {
  Index size;
  program::Band band;  ///< of the best accuracy
};
// (102) says that η in proportion to the size leads to the same point after an epoch. That holds while steps are small:
// not any more for 300, which learns, but late.
constexpr Trial trials[] = {{1, {0.955, 0.97}},  {3, {0.955, 0.97}},   {10, {0.955, 0.97}},
                            {30, {0.955, 0.97}}, {100, {0.94, 0.965}}, {300, {0.6, 0.955}}};

}  // namespace

const Experiment mini_batch_size{
    .name = "mini-batch-size",
    .description = "784-30-10 with mini-batches of 1 to 300 and η in proportion: accuracy against seconds",
    .published = "no number; the best size is neither very small nor very large",
    .seconds = 7,
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
          plot.y_range = program::Band{90, 97};
          plot.whole_x = false;
          plot.logarithmic_x = true;
          double of_ten = 0;
          for (const auto& [size, band] : trials) {
            training.batch_size = size;
            training.learning_rate = for_ten * static_cast<double>(size) / 10;
            const std::string name = fmt::format("B = {}, η = {:g}", size, training.learning_rate);
            run.series(name);
            seed(run.seed());
            const FeedForward network = program::new_network({784, hidden, 10});
            std::vector<double> seconds;
            const auto note_time = [&seconds, start = Clock::now()](const Epoch&) {
              seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
              return false;
            };
            const TrainingHistory history =
                train(run, network, training, data.train, data.validation, {.stop = note_time});
            program::Series series = series_of(history, Curve::evaluation_accuracy, name);
            series.x = seconds;
            plot.series.push_back(std::move(series));
            run.finding(
                {.quantity = name + ", validation accuracy, best epoch",
                 .measured = best(history).value,
                 .band = band});
            run.say("{:.2f} s an epoch", seconds.back() / static_cast<double>(training.epochs));
            if (size == 10) of_ten = best(history).value;
          }
          run.draw("mini_batch_size", plot);
          run.summary(
              {.quantity = "validation accuracy with mini-batches of 10, best epoch",
               .measured = of_ten,
               .band = program::Band{0.955, 0.97}});
        },
};

}  // namespace chapter3
