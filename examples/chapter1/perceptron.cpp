// "Perceptrons": whether to go to the cheese festival.
#include "experiments.h"
#include "perceptrons.h"

namespace chapter1 {

using namespace gradus;

const Experiment perceptron{
    .name = "perceptron",
    .description = "the cheese festival: weather, company and transit weighed 6, 2, 2; thresholds 5 and 3",
    .published = "threshold 5: go if the weather is good; 3: or if company and transit both are",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor x = all_inputs(3);  // weather, company, transit
          const Tensor w = vector({6, 2, 2});
          // The bias is the threshold's negative: (1) becomes (2).
          const Tensor keen_on_weather = fires(x, w, -5), keen_to_go = fires(x, w, -3);

          const Tensor weather = select(x, 1, 0), company = select(x, 1, 1), transit = select(x, 1, 2);

          run.say("weather  company  transit   w·x   threshold 5  threshold 3");
          const auto inputs = x.values(), sums = matmul(x, w).values();
          const auto with_5 = keen_on_weather.values(), with_3 = keen_to_go.values();
          for (std::size_t i = 0; i < 8; ++i) {
            run.say(
                "{:7}  {:7}  {:7}  {:4}   {:>11}  {:>11}", inputs[3 * i], inputs[3 * i + 1], inputs[3 * i + 2], sums[i],
                with_5[i] > 0 ? "go" : "stay", with_3[i] > 0 ? "go" : "stay");
          }
          const Index right =
              count_equal(keen_on_weather, weather) + count_equal(keen_to_go, maximum(weather, company * transit));
          run.summary(
              {.quantity = "decisions as the book says, of 16",
               .published = 16,
               .measured = static_cast<double>(right),
               .band = program::Band{16, 16}});
        },
};

}  // namespace chapter1
