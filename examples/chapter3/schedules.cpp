// "How to choose a neural network's hyper-parameters?": learning rates that fall, and the exercise of halving them.
#include <algorithm>

#include <program/mnist.h>

#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

using program::Training;

const Experiment halving{
    .name = "halving",
    .description = "784-30-10, η halved on no-improvement-in-ten until it has come down to 1/128",
    .published = "an exercise; a reader's best was 97.09 %, in epoch 58",
    .seconds = 9,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Training training = program::as_asked(run, {.epochs = 250, .lambda = 5});
          const FeedForward network = program::new_network({784, 30, 10});
          Sgd optimizer(
              network.parameters(), {.learning_rate = training.learning_rate,
                                     .regularization = {.l2 = training.lambda, .examples = data.train.size()}});
          PlateauDecay decay({.learning_rate = training.learning_rate});
          std::vector<program::Mark> halvings;
          const TrainingHistory history = program::train(
              run, optimizer, program::cross_entropy_objective(network), training, data.train, data.validation,
              {.stop = [&](const Epoch& epoch) {
                const double before = decay.learning_rate();
                const bool stops = decay.stops_after(epoch.at(Curve::evaluation_accuracy));
                if (decay.learning_rate() < before) {
                  run.say("η = {:g} from here on", decay.learning_rate());
                  halvings.push_back({"", static_cast<double>(epoch.number)});
                  optimizer.set_learning_rate(decay.learning_rate());
                }
                return stops;
              }});
          const program::BestEpoch best = program::best(history);
          if (!halvings.empty()) halvings.front().title = "η halved";
          run.draw(
              "accuracy", program::Plot{
                              .title = fmt::format("784-30-10, η halved on no improvement in 10 epochs, {}", data.name),
                              .x_label = "epoch",
                              .y_label = "validation accuracy in %",
                              .series = {program::series_of(history, Curve::evaluation_accuracy, "")},
                              .references = {{"a reader's best: 97.09 %", 97.09}},
                              .marks = halvings,
                              .whole_x = true});
          run.say("Trained for {} epochs; the best was epoch {}.", history.epochs.size(), best.epoch);
          run.finding(
              {.quantity = "halvings",
               .published = 7,
               .measured = static_cast<double>(halvings.size()),
               .band = program::Band{7, 7}});
          run.summary(
              {.quantity = "validation accuracy",
               .published = 0.9709,
               .measured = best.value,
               .band = program::Band{0.9659, 0.9739}});
        },
};

const Experiment learning_rate_schedules{
    .name = "learning-rate-schedules",
    .description = "784-30-10 for ten epochs: constant η, steps, half a cosine, and warmed up before that",
    .published = "large η first, then smaller ones; no number",
    .seconds = 3,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Training training = program::as_asked(run, {.epochs = 10, .lambda = 5});
          const double rate = training.learning_rate;
          const Index epoch = (data.train.size() + training.batch_size - 1) / training.batch_size;
          const Index steps = training.epochs * epoch;
          struct Named {
            std::string name;
            Schedule schedule;
          };
          const std::vector<Named> named{
              {"constant", schedules::constant(rate)},
              {"halved every two epochs", schedules::step_decay(rate, 0.5, 2 * epoch)},
              {"cosine", schedules::cosine_decay(rate, steps)},
              {"warm-up of one epoch, cosine",
               schedules::warm_up(epoch, schedules::cosine_decay(rate, std::max<Index>(steps - epoch, 1)))}};
          std::vector<Variant> variants;
          std::vector<program::Series> rates;
          for (const Named& one : named) {
            variants.push_back({one.name, [&run, &data, &training, &one] {
                                  const FeedForward network = program::new_network({784, 30, 10});
                                  Sgd optimizer(
                                      network.parameters(),
                                      {.learning_rate = one.schedule,
                                       .regularization = {.l2 = training.lambda, .examples = data.train.size()}});
                                  return program::train(
                                      run, optimizer, program::cross_entropy_objective(network), training, data.train,
                                      data.validation);
                                }});
            program::Series series{.title = one.name, .style = program::Style::line};
            for (Index step = 0; step < steps; step += epoch / 20) {
              series.x.push_back(static_cast<double>(step) / static_cast<double>(epoch));
              series.y.push_back(one.schedule(step));
            }
            rates.push_back(std::move(series));
          }
          const auto trained = train_each(run, variants);
          print_accuracies(run, trained);
          run.draw(
              "learning_rates", program::Plot{
                                    .title = "Schedules",
                                    .x_label = "epochs",
                                    .y_label = "learning rate η",
                                    .series = rates,
                                    .y_range = program::Band{0, 1.1 * rate}});
          run.draw(
              "accuracy", program::Plot{
                              .title = fmt::format("784-30-10, η scheduled, {}", data.name),
                              .x_label = "epoch",
                              .y_label = "validation accuracy in %",
                              .series = curves_of(trained),
                              .whole_x = true});
          const double falling = (trained[1].best() + trained[2].best() + trained[3].best()) / 3;
          run.summary(
              {.quantity = "best validation accuracy, mean of the three falling η less the constant one",
               .measured = falling - trained[0].best(),
               .band = program::Band{0.0005, 0.012}});
        },
};

}  // namespace chapter3
