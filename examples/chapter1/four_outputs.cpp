// "A simple network to classify handwritten digits": ten output neurons, or four for the digit's bits?
#include "experiments.h"
#include "training.h"

namespace chapter1 {

using namespace gradus;

namespace {

/// Row d holds the bits of d: [10, 4].
Tensor bits_of_digits() {
  std::vector<float> bits;
  for (int digit = 0; digit < 10; ++digit) {
    for (int bit = 3; bit >= 0; --bit) bits.push_back(static_cast<float>(digit >> bit & 1));
  }
  return tensor(bits, {10, 4});
}

Tensor target_bits(const Tensor& labels) {
  return take(bits_of_digits(), labels);
}

Tensor digits_of(const Tensor& output) {
  const Tensor bits = cast(output > 0.5, Dtype::int32);
  return sum(bits * tensor({8, 4, 2, 1}), 1);
}

program::Series curve(const std::string& title, const std::vector<Index>& right, Index of) {
  program::Series series{.title = title};
  for (const Index count : right) {
    series.x.push_back(static_cast<double>(series.x.size()));
    series.y.push_back(100.0 * static_cast<double>(count) / static_cast<double>(of));
  }
  return series;
}

}  // namespace

const Experiment four_outputs{
    .name = "four-outputs",
    .description = "784-30-10, one output a digit, against 784-30-4, the bits of the digit",
    .published = "ten outputs learn better (no numbers)",
    .seconds = 15,
    .run =
        [](program::Run& run) {
          const Data data = program::mnist_of_the_book(run);
          const Training training = chapter1::as_asked(run);
          const Index hidden = run.whole_number("hidden", 30), of = data.test.size();
          run.series("ten outputs");
          const auto with_ten = train(run, Network({784, hidden, 10}), data, training);
          run.series("four outputs");
          const auto with_four = train(run, Network({784, hidden, 4}), data, training, {target_bits, digits_of});

          run.draw(
              "four_outputs", program::Plot{
                                  .title = "Ten outputs or four",
                                  .x_label = "epoch",
                                  .y_label = "test accuracy in %",
                                  .series =
                                      {curve("ten outputs, one a digit", with_ten, of),
                                       curve("four outputs, the digit's bits", with_four, of)},
                                  .whole_x = true});
          const double ten = best_accuracy(with_ten, of), four = best_accuracy(with_four, of);
          run.say("best accuracy with ten outputs: {:.2f} %, with four: {:.2f} %", 100 * ten, 100 * four);
          run.summary(
              {.quantity = "test accuracy with ten outputs less that with four",
               .measured = ten - four,
               .band = program::Band{0, 0.1}});
        },
};

}  // namespace chapter1
