// "Softmax": the sliders of the page, and what the exercises ask about (78) and (79).
#include <fmt/ranges.h>

#include <program/comparison.h>

#include "agreement.h"
#include "curve.h"
#include "experiments.h"

namespace chapter3 {

namespace {

const Tensor& sliders() {
  static const Tensor z = tensor({2.5, -1.0, 3.2, 0.5});
  return z;
}

/// The sliders where one of them has another value.
Tensor with_fourth(double z4) {
  return tensor({2.5, -1.0, 3.2, z4});
}

}  // namespace

const Experiment softmax_sliders{
    .name = "softmax-sliders",
    .description = "the four sliders of the page: their activations, and z₄ moved from −5 to 5",
    .published = ".315 .009 .633 .043",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const auto a = softmax(sliders()).values();
          run.say("z = ({:g}): softmax {:.4f}", fmt::join(sliders().values(), ", "), fmt::join(a, " "));
          run.say("Moving z₄ alone:");
          run.say("{:>6}{:>10}{:>10}{:>10}{:>10}{:>10}", "z₄", "a₁", "a₂", "a₃", "a₄", "sum");
          std::vector<program::Series> series(4);
          for (std::size_t j = 0; j < 4; ++j) {
            series[j] = {.title = fmt::format("a{}", j + 1), .style = program::Style::line};
          }
          for (int step = -50; step <= 50; ++step) {
            const Tensor activations = softmax(with_fourth(step / 10.0));
            const auto moved = activations.values();
            if (step % 20 == 10 || step % 50 == 0) {
              run.say("{:>6.1f}{:>10.4f}{:>20.4f}", step / 10.0, fmt::join(moved, ""), sum(activations).item());
            }
            for (std::size_t j = 0; j < 4; ++j) {
              series[j].x.push_back(step / 10.0);
              series[j].y.push_back(moved[j]);
            }
          }
          run.say("What a₄ gains the others lose, in proportion to what they have.");
          run.draw(
              "softmax_sliders", program::Plot{
                                     .title = "Softmax of (2.5, −1, 3.2, z₄)",
                                     .x_label = "z₄",
                                     .y_label = "activation",
                                     .series = series,
                                     .marks = {{.title = "as the page starts", .x = 0.5}},
                                     .x_range = program::Band{-5, 5},
                                     .y_range = program::Band{0, 1}});
          const double published[] = {0.315, 0.009, 0.633, 0.043};
          for (const std::size_t j : {0U, 1U, 3U, 2U}) {
            const program::Summary found{
                .quantity = fmt::format("activation a{}", j + 1),
                .published = published[j],
                .measured = a[j],
                .band = program::Band{published[j] - 0.0005, published[j] + 0.0005}};
            if (j == 2) {
              run.summary(found);
            } else {
              run.finding(found);
            }
          }
        },
};

const Experiment sigmoids_do_not_sum_to_one{
    .name = "sigmoids-do-not-sum-to-one",
    .description = "sums of four sigmoid outputs against sums of softmax outputs, for the sliders and random z",
    .published = "an exercise: sigmoid outputs need not sum to 1",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor z = normal({run.quick() ? 1000 : 20'000, 4}, {.deviation = 2, .dtype = Dtype::float64});
          const Tensor sums = sum(sigmoid(z), 1), softmax_sums = sum(softmax(z), 1);
          evaluate({sums, softmax_sums});
          const double of_sliders = sum(sigmoid(sliders())).item();
          run.say(
              "z = (2.5, −1, 3.2, 0.5): sigmoids sum to {:.4f}, softmax to {:.4f}", of_sliders,
              sum(softmax(sliders())).item());
          run.say(
              "{} random z from N(0, 2²): sigmoids sum to {:.3f} … {:.3f}, softmax to 1 ± {:.1e}", z.size(0),
              min(sums).item(), max(sums).item(), max(absolute(softmax_sums - 1.0)).item());

          program::Series bars{.title = "sums of four sigmoids", .style = program::Style::boxes};
          for (int bin = 0; bin <= 40; ++bin) {
            bars.x.push_back(bin / 10.0);
            bars.y.push_back(100 * mean(cast(equal(round(10.0 * sums), double(bin)), Dtype::float64)).item());
          }
          run.draw(
              "sigmoid_sums", program::Plot{
                                  .title = "Sigmoid outputs are no probability distribution",
                                  .x_label = "sum of four outputs",
                                  .y_label = "share of random z, in percent",
                                  .series = {bars},
                                  .marks = {{.title = "softmax: always 1", .x = 1}},
                                  .x_range = program::Band{-0.1, 4.1}});
          run.finding(
              {.quantity = "largest distance of a softmax sum from 1",
               .measured = max(absolute(softmax_sums - 1.0)).item(),
               .band = program::Band{0, 1e-12}});
          run.summary(
              {.quantity = "sum of the sigmoids of the page's z",
               .measured = of_sliders,
               .band = program::Band{2.7763, 2.7765}});
        },
};

const Experiment softmax_jacobian{
    .name = "softmax-jacobian",
    .description = "∂a_j/∂z_k = a_j(δ_jk − a_k): positive for j = k, negative elsewhere, nowhere 0",
    .published = "exercises: monotonicity; every activation depends on every z",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Parameter z(sliders(), "z");
          const Tensor a = softmax(z), matrix = jacobian(a, z);
          run.say("∂a_j/∂z_k at z = (2.5, −1, 3.2, 0.5), j downwards:");
          for (Index j = 0; j < 4; ++j) run.say("  {:10.5f}", fmt::join(select(matrix, 0, j).values(), ""));
          run.say("Rows sum to 0: the same added to every z changes nothing. Columns too: the sum of a stays 1.");

          const Parameter many(normal({run.quick() ? 20 : 200, 4}, {.deviation = 2, .dtype = Dtype::float64}));
          Index wrong = 0;
          for (Index i = 0; i < many.size(0); ++i) {
            const Parameter one(select(many, 0, i));
            const Tensor eye4 = eye(4, 4, Dtype::float64), signs = sign(jacobian(softmax(one), one));
            wrong += static_cast<Index>(sum(absolute(signs - (2.0 * eye4 - 1.0)) / 2.0).item());
          }
          run.say("Of {} random z, {} entries have another sign than that.", many.size(0), wrong);
          run.say("The Jacobian of four sigmoids, for comparison, is diagonal: a_j depends on z_j alone.");
          run.draw(
              "softmax_jacobian", program::HeatMap{
                                      .title = "∂a_j/∂z_k of softmax at the page's z",
                                      .x_label = "k",
                                      .y_label = "j",
                                      .value_label = "∂a_j/∂z_k",
                                      .values = matrix.values(),
                                      .rows = 4,
                                      .columns = 4,
                                      .x = {1, 4},
                                      .y = {1, 4}});
          Agreement agreement(run);
          agreement.check(
              "∂a_j/∂z_k = a_j(δ_jk − a_k)", matrix, expand(a, 1) * (eye(4, 4, Dtype::float64) - expand(a, 0)));
          run.finding(
              {.quantity = "entries of a wrong sign",
               .measured = static_cast<double>(wrong),
               .band = program::Band{0, 0}});
          run.summary(agreement.worst());
        },
};

const Experiment softmax_inverse{
    .name = "softmax-inverse",
    .description = "from the activations back to z = ln a + C, and that C is all that is lost",
    .published = "a problem: z_j = ln a_j + C, the same C for all j",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor z = normal({1000, 10}, {.deviation = 3, .dtype = Dtype::float64});
          const Tensor a = softmax(z);
          evaluate({z, a});
          const Tensor constants = z - log(a);
          run.say("{:>8}{:>12}{:>12}{:>14}", "z", "a", "ln a", "C = z − ln a");
          const Tensor page = softmax(sliders()).detach();
          for (Index j = 0; j < 4; ++j) {
            const double at = select(sliders(), 0, j).item(), one = select(log(page), 0, j).item();
            run.say("{:>8g}{:>12.6f}{:>12.6f}{:>14.6f}", at, select(page, 0, j).item(), one, at - one);
          }
          run.say("C = ln Σ e^z = {:.6f}; it cannot be known from a:", logsumexp(sliders()).item());
          run.say("softmax(z + 7) is softmax(z), to {:.1e}.", max(absolute(softmax(z + 7.0) - a)).item());
          program::Plot plot{
              .title = "Weighted inputs over the logarithms of their activations: lines of slope 1",
              .x_label = "ln a",
              .y_label = "z",
              .same_scale = true};
          for (Index i = 0; i < 4; ++i) {
            const Tensor from = select(z, 0, i);
            plot.series.push_back(curve(
                fmt::format("C = {:.2f}", logsumexp(from).item()), log(select(a, 0, i)), from, program::Style::points));
          }
          run.draw("softmax_inverse", plot);
          Agreement agreement(run);
          agreement.check(
              "z_j − ln a_j, the same C for all j: ln Σ e^z", constants,
              broadcast_to(logsumexp(z, 1, keep_axes), z.shape()));
          agreement.check("softmax(ln a) = a", softmax(log(a)), a);
          run.summary(agreement.worst());
        },
};

const Experiment softmax_constant{
    .name = "softmax-constant",
    .description = "(83), e^(cz) instead of e^z: c = 1, 10, 100; the greatest takes all, equals share",
    .published = "a problem: as c → ∞, 1 for the greatest z and 0 for the others",
    .seconds = 0,
    .run =
        [](program::Run& run) {
          const Tensor tied = tensor({1.0, 1.0, 0.8, -1.0});
          run.say("{:>6}   {:<36}{}", "c", "z = (2.5, −1, 3.2, 0.5)", "z = (1, 1, 0.8, −1)");
          for (const double c : {0.0, 1.0, 10.0, 100.0}) {
            run.say(
                "{:>6g}   {:.5f}     {:.5f}", c, fmt::join(softmax(c * sliders()).values(), " "),
                fmt::join(softmax(c * tied).values(), " "));
          }
          run.say("Whatever c, the sum is 1. c = 1 is a softened form of the choice of the greatest.");
          std::vector<program::Series> series(4);
          for (std::size_t j = 0; j < 4; ++j) {
            series[j] = {
                .title = fmt::format("z{} = {:g}", j + 1, sliders().values()[j]), .style = program::Style::line};
          }
          for (int step = -20; step <= 20; ++step) {
            const double c = std::pow(10, step / 10.0);
            const auto a = softmax(c * sliders()).values();
            for (std::size_t j = 0; j < 4; ++j) {
              series[j].x.push_back(c);
              series[j].y.push_back(a[j]);
            }
          }
          run.draw(
              "softmax_constant", program::Plot{
                                      .title = "e^(cz) / Σ e^(cz): from even shares to the greatest alone",
                                      .x_label = "c",
                                      .y_label = "activation",
                                      .series = series,
                                      .y_range = program::Band{0, 1.05},
                                      .logarithmic_x = true});
          run.finding(
              {.quantity = "share of each of two equals at c = 100",
               .published = 0.5,
               .measured = select(softmax(100.0 * tied), 0, 0).item(),
               .band = program::Band{0.5 - 1e-6, 0.5 + 1e-6}});
          run.summary(
              {.quantity = "activation of the greatest z at c = 100",
               .published = 1,
               .measured = select(softmax(100.0 * sliders()), 0, 2).item(),
               .band = program::Band{1 - 1e-9, 1}});
        },
};

}  // namespace chapter3
