// What the section on dropout begins with: several networks, trained apart, vote.
#include <algorithm>

#include <program/mnist.h>

#include "comparison.h"
#include "experiments.h"

namespace chapter3 {

const Experiment voting{
    .name = "voting",
    .description = "five networks 784-30-10 that differ in their initial weights vote on every image",
    .published = "averaging several networks reduces errors; no number",
    .seconds = 5,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const Tensor images = data.validation.features(), labels = data.validation.labels();
          const program::Training training = program::as_asked(run, {.epochs = 10, .lambda = 5});
          const auto wrong = [&](const Tensor& digits) { return count_nonzero(not_equal(digits, labels)).item(); };

          Tensor votes = zeros({images.size(0), 10}), outputs = zeros({images.size(0), 10});
          program::Series single{.title = "a network alone", .style = program::Style::points},
              together{.title = "vote of the first so many"};
          double sum = 0;
          for (int count = 1; count <= 5; ++count) {
            run.series(fmt::format("network {}", count));
            const FeedForward network = program::new_network({784, 30, 10});
            program::train(run, network, training, data.train, data.validation);
            const Tensor output = network(images).detach(), digits = argmax(output, 1);
            votes = (votes + one_hot(digits, 10)).detach();
            outputs = (outputs + output).detach();
            for (program::Series* series : {&single, &together}) series->x.push_back(count);
            single.y.push_back(wrong(digits));
            together.y.push_back(wrong(argmax(votes, 1)));
            sum += single.y.back();
          }
          run.say("networks   the last alone   vote of all   images wrong of {}", images.size(0));
          for (std::size_t i = 0; i < single.y.size(); ++i) {
            run.say("{:8}{:17}{:14}", i + 1, single.y[i], together.y[i]);
          }
          run.say("Averaged outputs of all five instead of votes: {} wrong", wrong(argmax(outputs, 1)));
          run.draw(
              "votes", program::Plot{
                           .title = fmt::format("Five networks 784-30-10 and their vote, {}", data.name),
                           .x_label = "networks",
                           .y_label = "validation images wrong, of 10,000",
                           .series = {single, together},
                           .whole_x = true});
          run.summary(
              {.quantity = "errors of the vote over errors of a network",
               .measured = together.y.back() / (sum / 5),
               .band = program::Band{0.7, 0.92}});
        },
};

}  // namespace chapter3
