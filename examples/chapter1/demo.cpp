// The book's first network, with pictures: what `./dev demo` runs.
#include "experiments.h"
#include "training.h"

namespace chapter1 {

using namespace gradus;

namespace {

constexpr Index tiles_in_a_picture = 40;

std::vector<float> pixels_of(const Data& data, Index image) {
  const auto pixels = data.test.features().view<float>();
  return {pixels.begin() + image * 784, pixels.begin() + (image + 1) * 784};
}

void draw_predictions(program::Run& run, const Network& network, const Data& data) {
  const std::vector<std::int32_t> predicted = predictions(network, data.test.features()).values<std::int32_t>();
  const auto labels = data.test.labels().view<std::int32_t>();
  program::ImageGrid sample{
      .title = fmt::format("The first test images of {} and what the network takes them for", data.name)};
  program::ImageGrid wrong{.title = "Images that it got wrong: what it says, and what is right"};
  for (Index image = 0; image < data.test.size(); ++image) {
    const auto i = static_cast<std::size_t>(image);
    const bool right = predicted[i] == labels[i];
    program::Tile tile{
        .pixels = pixels_of(data, image),
        .caption = right ? fmt::format("{}", predicted[i]) : fmt::format("{} (is {})", predicted[i], labels[i]),
        .marked = !right};
    if (!right && static_cast<Index>(wrong.tiles.size()) < tiles_in_a_picture) wrong.tiles.push_back(tile);
    if (image < tiles_in_a_picture) sample.tiles.push_back(std::move(tile));
  }
  run.draw("sample_digits", sample);
  run.draw("wrong_digits", wrong);
}

void draw_graph(program::Run& run, const Network& network, const Data& data) {
  const Tensor images = data.train.take(10).features().named("images");
  const Tensor labels = data.train.take(10).labels().named("labels");
  run.draw("graph", Tensors{quadratic_cost(network(images), one_hot(labels, 10)).named("cost")});
}

}  // namespace

const Experiment demo{
    .name = "demo",
    .description =
        "784-30-10 as in sgd-30, with pictures: learning curve, digits and predictions, the graph of the cost",
    .published = "95.42 %",
    .seconds = 6,
    .run =
        [](program::Run& run) {
          const Data data = program::mnist_of_the_book(run);
          const Training training = chapter1::as_asked(run);
          const Index hidden = run.whole_number("hidden", 30);
          const Network network({784, hidden, 10});
          run.say(
              "training 784-{}-10 on {} images of {}, {} for testing", hidden, data.train.size(), data.name,
              data.test.size());
          const std::vector<Index> right = train(run, network, data, training);
          const double accuracy = best_accuracy(right, data.test.size());

          draw_learning_curve(run, fmt::format("784-{}-10 on {}", hidden, data.name), right, data.test.size(), 0.9542);
          if (run.draws()) {
            draw_predictions(run, network, data);
            draw_graph(run, network, data);
          }
          run.summary(
              {.quantity = "test accuracy",
               .published = 0.9542,
               .measured = accuracy,
               .band = program::Band{0.943, 0.958}});
          run.say("test accuracy {:.2f} %", 100 * accuracy);
        },
};

}  // namespace chapter1
