// network2.py saves a network as JSON and loads it again; so does gradus, in the same format.
#include <filesystem>

#include <program/mnist.h>
#include <program/training.h>

#include "experiments.h"

namespace chapter3 {

using namespace gradus;

const Experiment network2_file{
    .name = "network2-file",
    .description = "trains 784-30-10, saves it in network2.py's format, loads it, and compares",
    .published = "Network.save and network2.load; the file is JSON",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const auto data = program::mnist_of_the_book(run);
          const FeedForward network = program::new_network({784, 30, 10});
          program::train(run, network, program::as_asked(run, {.epochs = 3, .lambda = 5}), data.train, data.validation);

          const std::filesystem::path file =
              std::filesystem::temp_directory_path() / fmt::format("gradus-784-30-10-{}.json", run.seed());
          network2::save(file.string(), {network.weights(), network.biases(), network2::Cost::cross_entropy});
          const network2::Model model = network2::load(file.string());
          const FeedForward loaded(model.weights, model.biases);

          const Tensor images = data.validation.features(), labels = data.validation.labels();
          const Tensor before = network(images), after = loaded(images);
          const auto right = [&](const Tensor& output) {
            return count_nonzero(equal(argmax(output, 1), labels)).item();
          };
          run.say("{} ({} KB)", file.string(), std::filesystem::file_size(file) / 1000);
          run.say("The book's own program reads it:");
          run.say("  >>> import network2");
          run.say("  >>> net = network2.load(\"{}\")", file.string());
          run.say("Saved: {} of {} validation images right. Loaded: {}.", right(before), labels.count(), right(after));
          run.finding(
              {.quantity = "validation images right, loaded less saved",
               .published = 0,
               .measured = right(after) - right(before),
               .band = program::Band{0, 0}});
          run.summary(
              {.quantity = "outputs of the loaded network that differ in any bit",
               .measured = count_nonzero(not_equal(before, after)).item(),
               .band = program::Band{0, 0}});
        },
};

}  // namespace chapter3
