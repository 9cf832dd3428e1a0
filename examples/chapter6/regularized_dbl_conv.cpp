// regularized_dbl_conv() of conv.py, whose outcome the text leaves out: λ by decades, with sigmoid neurons.
#include "experiments.h"
#include "row.h"

namespace chapter6 {

const Experiment regularized_dbl_conv{
    .name = "regularized-dbl-conv",
    .description = "20 and 40 filters, 100 neurons, sigmoid, λ from 0 by decades to 100: 3 epochs each",
    .published = "no benefit, says conv.py; no numbers, and nothing in the text",
    .seconds = 200,
    .run =
        [](program::Run& run) {
          const Data data = images_of_the_book(run);
          std::vector<Row> rows;
          std::vector<Trained> trained;
          program::Series best{.title = "best of 3 epochs"};
          for (const double lambda : {0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0}) {
            rows.push_back(
                {.name = fmt::format("λ = {:g}", lambda),
                 .architecture = {.filters = {20, 40}, .neurons = {100}},
                 .lambda = lambda,
                 .epochs = 3});
            trained.push_back(train_one_of_several(run, rows.back(), Start::right, data));
            best.y.push_back(trained.back().best());
          }
          double of_small = 0;
          run.say("{:>12}{:>12}", "λ", "best");
          for (std::size_t i = 0; i < rows.size(); ++i) {
            run.say("{:>12g}{:>12}", rows[i].lambda, in_percent(best.y[i]));
            if (i > 0) of_small = std::max(of_small, best.y[i]);
          }
          draw_accuracies(run, rows, trained, fmt::format("λ by decades, {}", data.name));
          run.finding(
              {.quantity = "validation accuracy with λ = 100",
               .measured = best.y.back(),
               .band = program::Band{0.05, 0.2}});
          run.summary(
              {.quantity = "validation accuracy with the best λ above 0, less that without",
               .measured = of_small - best.y[0],
               .band = program::Band{-0.002, 0.004}});
        },
};

}  // namespace chapter6
