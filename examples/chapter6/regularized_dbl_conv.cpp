// regularized_dbl_conv() of conv.py, whose outcome the text leaves out: λ by decades, with sigmoid neurons.
#include <algorithm>

#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

/// λ = 0 has no place on a logarithmic axis: it is the line.
void draw_by_lambda(
    program::Run& run, const std::vector<Row>& rows, const std::vector<double>& best, const std::string& data) {
  program::Series series{.title = "best epoch"};
  for (std::size_t i = 1; i < rows.size(); ++i) {
    series.x.push_back(rows[i].lambda);
    series.y.push_back(100 * best[i]);
  }
  run.draw(
      "lambda", program::Plot{
                    .title = fmt::format("λ by decades, {}", data),
                    .x_label = "λ",
                    .y_label = "validation accuracy in %",
                    .series = {series},
                    .references = {{"λ = 0", 100 * best[0]}},
                    .logarithmic_x = true});
}

}  // namespace

const Experiment regularized_dbl_conv{
    .name = "regularized-dbl-conv",
    .description = "20 and 40 filters, 100 neurons, sigmoid, λ from 0 by decades to 100: 3 epochs each",
    .published = "no benefit, says conv.py; no numbers, and nothing in the text",
    .seconds = 200,
    .run =
        [](program::Run& run) {
          const Data data = images_of_the_book(run);
          std::vector<Row> rows;
          std::vector<double> best;
          for (const double lambda : {0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0}) {
            rows.push_back(
                {.name = fmt::format("λ = {:g}", lambda),
                 .architecture = {.filters = {20, 40}, .neurons = {100}},
                 .lambda = lambda,
                 .epochs = 3});
            best.push_back(train_one_of_several(run, rows.back(), Start::book, data).best());
          }
          double of_small = 0;
          run.say("{:>12}{:>12}", "λ", "best");
          for (std::size_t i = 0; i < rows.size(); ++i) {
            run.say("{:>12g}{:>12}", rows[i].lambda, in_percent(best[i]));
            if (i > 0) of_small = std::max(of_small, best[i]);
          }
          draw_by_lambda(run, rows, best, data.name);
          run.finding(
              {.quantity = "validation accuracy with λ = 100",
               .measured = best.back(),
               .band = program::Band{0.05, 0.2}});
          run.summary(
              {.quantity = "validation accuracy with the best λ above 0, less that without",
               .measured = of_small - best[0],
               .band = program::Band{-0.002, 0.004}});
        },
};

}  // namespace chapter6
