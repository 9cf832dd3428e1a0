// The four demonstrations of "The cross-entropy cost function": a single neuron learns to turn its input 1 into 0, with
// either cost, from a good and from a bad start. The site's scripts follow ∂C/∂a where the cross-entropy asks for
// ∂C/∂z, so its rates are not comparable; here both costs have η = 0.15, and the last experiment shows the difference.
#include "experiments.h"

#include <gradus/gradus.h>
#include <program/run.h>

namespace chapter3 {

using namespace gradus;

namespace {

struct Start {
  double w, b;
};
constexpr Start good_start{0.6, 0.9}, bad_start{2.0, 2.0};

// Costs of the output a = σ(z) for the target 0.
Tensor quadratic(const Tensor& z) {
  return quadratic_cost(sigmoid(z), zeros_like(z));
}
Tensor cross_entropy_of(const Tensor& z) {
  return cross_entropy_with_logits(z, zeros_like(z));
}
/// What the site descends: 1/(1 − a), the slope by a of the cross-entropy −ln(1 − a), taken for its slope by z.
Tensor as_on_the_site(const Tensor& z) {
  return (1 / (1 - sigmoid(z))).detach() * z;
}

struct Rule {
  const char* name;
  Tensor (*cost)(const Tensor& z);
  double learning_rate;
};

/// Outputs and costs before the first and after every update.
struct Learning {
  std::vector<double> outputs = {}, costs = {};
};

Learning learn(const Rule& rule, const Start& start, Index updates) {
  const Parameter w(full({}, start.w, Dtype::float64), "w"), b(full({}, start.b, Dtype::float64), "b");
  const Tensor x = ones({}, Dtype::float64);
  Sgd optimizer({w, b}, {.learning_rate = rule.learning_rate});
  Learning learning;
  for (Index done = 0;; ++done) {
    const Tensor z = w * x + b;
    const Tensor cost = rule.cost(z);
    learning.outputs.push_back(sigmoid(z).item());
    learning.costs.push_back(cost.item());
    if (done == updates) return learning;
    optimizer.step(cost);
  }
}

/// ∂C/∂z where the bad start begins, at z = 4.
double first_slope(Tensor (*cost)(const Tensor& z)) {
  const Parameter z(full({}, bad_start.w + bad_start.b, Dtype::float64), "z");
  return gradients(cost(z), {z})[0].item();
}

program::Series against_epochs(const Rule& rule, const std::vector<double>& values) {
  program::Series series{
      .title = fmt::format("{}, η = {:g}", rule.name, rule.learning_rate), .style = program::Style::line};
  for (const double value : values) {
    series.x.push_back(static_cast<double>(series.x.size()));
    series.y.push_back(value);
  }
  return series;
}

/// Trains for the epochs 0 to `epochs`, as the site does, by each of the rules, prints and draws how they learn, and
/// returns the last output of each.
std::vector<double> compare(
    program::Run& run, const std::string& picture, const Start& start, const std::vector<Rule>& rules, Index epochs) {
  program::Plot outputs{
      .title =
          fmt::format("What a neuron puts out that should learn to put out 0, from w = {}, b = {}", start.w, start.b),
      .x_label = "epoch: updates so far",
      .y_label = "output a",
      .x_range = program::Band{0, static_cast<double>(epochs + 1)},
      .y_range = program::Band{0, 1}};
  program::Plot costs = outputs;
  costs.title = fmt::format("Its cost, from w = {}, b = {}", start.w, start.b);
  costs.y_label = "cost C";
  costs.y_range = {};

  run.say("From w = {}, b = {}: output after so many updates", start.w, start.b);
  run.say("{:<34}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}", "", 0, 10, 50, 100, 150, 200, epochs + 1);
  std::vector<double> last;
  for (const Rule& rule : rules) {
    const Learning learning = learn(rule, start, epochs + 1);
    std::string row = fmt::format("{:<23} η = {:<6g}", rule.name, rule.learning_rate);
    for (const Index updates : {Index{0}, Index{10}, Index{50}, Index{100}, Index{150}, Index{200}, epochs + 1}) {
      const auto i = static_cast<std::size_t>(updates);
      row += i < learning.outputs.size() ? fmt::format("{:8.3f}", learning.outputs[i]) : fmt::format("{:>8}", "");
    }
    run.print(row);
    outputs.series.push_back(against_epochs(rule, learning.outputs));
    if (rule.cost != as_on_the_site) costs.series.push_back(against_epochs(rule, learning.costs));
    last.push_back(learning.outputs.back());
  }
  run.draw(picture + "_output", outputs);
  run.draw(picture + "_cost", costs);
  return last;
}

Rule quadratic_rule(double learning_rate) {
  return {"quadratic cost", quadratic, learning_rate};
}
Rule cross_entropy_rule(double learning_rate) {
  return {"cross-entropy", cross_entropy_of, learning_rate};
}

}  // namespace

// Nothing here is random: the bands are what a few lines of Python give, to the third digit.
const Experiment saturation_quadratic{
    .name = "saturation-quadratic",
    .description = "a neuron unlearns an output of 0.82 with the quadratic cost: w = 0.6, b = 0.9",
    .published = "0.09 after 300 epochs",
    .run =
        [](program::Run& run) {
          const Rule rule = quadratic_rule(run.number("learning-rate", 0.15));
          const auto last = compare(run, "saturation_quadratic", good_start, {rule}, run.epochs(300));
          run.summary(
              {.quantity = "output in the end",
               .published = 0.09,
               .measured = last[0],
               .band = program::Band{0.093, 0.095}});
        },
};

const Experiment saturation_quadratic_bad_start{
    .name = "saturation-quadratic-bad-start",
    .description = "the same from w = b = 2, where the output is 0.98 and σ is flat",
    .published = "little change for 150 epochs; 0.20 after 300",
    .run =
        [](program::Run& run) {
          const Rule rule = quadratic_rule(run.number("learning-rate", 0.15));
          const Index epochs = run.epochs(300);
          const auto last = compare(run, "saturation_quadratic_bad_start", bad_start, {rule}, epochs);
          run.finding(
              {.quantity = "output after 150 updates",
               .measured = learn(rule, bad_start, 150).outputs.back(),
               .band = program::Band{0.93, 0.936}});
          run.finding(
              {.quantity = "∂C/∂z at the start",
               .measured = first_slope(quadratic),
               .band = program::Band{0.0172, 0.0174}});
          run.summary(
              {.quantity = "output in the end",
               .published = 0.20,
               .measured = last[0],
               .band = program::Band{0.19, 0.21}});
        },
};

const Experiment saturation_cross_entropy{
    .name = "saturation-cross-entropy",
    .description = "from w = 0.6, b = 0.9 with the cross-entropy, beside the quadratic cost",
    .published = "it learns as well",
    .run =
        [](program::Run& run) {
          const double learning_rate = run.number("learning-rate", 0.15);
          const auto last = compare(
              run, "saturation_cross_entropy", good_start,
              {cross_entropy_rule(learning_rate), quadratic_rule(learning_rate)}, run.epochs(300));
          run.summary({.quantity = "output in the end", .measured = last[0], .band = program::Band{0.010, 0.012}});
        },
};

const Experiment saturation_cross_entropy_bad_start{
    .name = "saturation-cross-entropy-bad-start",
    .description = "from w = b = 2 with the cross-entropy, beside the quadratic cost: fast where the error is large",
    .published = "fast from the start",
    .run =
        [](program::Run& run) {
          const double learning_rate = run.number("learning-rate", 0.15);
          const Rule rule = cross_entropy_rule(learning_rate);
          const auto last = compare(
              run, "saturation_cross_entropy_bad_start", bad_start, {rule, quadratic_rule(learning_rate)},
              run.epochs(300));
          run.finding(
              {.quantity = "∂C/∂z at the start",
               .measured = first_slope(cross_entropy_of),
               .band = program::Band{0.981, 0.983}});
          run.finding(
              {.quantity = "output after 50 updates",
               .measured = learn(rule, bad_start, 50).outputs.back(),
               .band = program::Band{0.098, 0.100}});
          run.summary({.quantity = "output in the end", .measured = last[0], .band = program::Band{0.011, 0.013}});
        },
};

const Experiment saturation_book_bug{
    .name = "saturation-book-bug",
    .description = "the site's cross-entropy demonstrations follow 1/(1 − a) instead of a; with the right gradient",
    .published = "η = 0.005 learns fast; that takes the wrong gradient",
    .run =
        [](program::Run& run) {
          const double learning_rate = run.number("learning-rate", 0.005);
          const Index epochs = run.epochs(300);
          run.say("At z = 4 the cross-entropy has ∂C/∂z = a = {:.3f}.", first_slope(cross_entropy_of));
          const std::vector<Rule> rules{
              {"site, 1/(1 − a)", as_on_the_site, learning_rate},
              cross_entropy_rule(learning_rate),
              cross_entropy_rule(0.15)};
          const auto from_good = compare(run, "saturation_book_bug", good_start, rules, epochs);
          const auto from_bad = compare(run, "saturation_book_bug_bad_start", bad_start, rules, epochs);
          const auto find = [&](const char* quantity, double measured, double expected, double tolerance) {
            run.finding(
                {.quantity = quantity,
                 .measured = measured,
                 .band = program::Band{expected - tolerance, expected + tolerance}});
          };
          find("what the site takes for ∂C/∂z at z = 4", first_slope(as_on_the_site), 55.6, 0.05);
          find("output in the end, good start, as on the site", from_good[0], 0.040, 0.001);
          find("output in the end, good start, right gradient", from_good[1], 0.417, 0.001);
          find("output in the end, bad start, as on the site", from_bad[0], 0.047, 0.001);
          run.summary(
              {.quantity = "output in the end, bad start, right gradient",
               .measured = from_bad[1],
               .band = program::Band{0.777, 0.779}});
        },
};

}  // namespace chapter3
