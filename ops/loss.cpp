#include <gradus/ops/loss.h>

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <gradus/ops/activation.h>
#include <gradus/ops/arguments.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/cpu/pointwise.h>
#include <gradus/ops/elementwise.h>
#include <gradus/ops/exponential.h>
#include <gradus/ops/indexing.h>
#include <gradus/ops/normalization.h>
#include <gradus/ops/reduction.h>

namespace gradus {

namespace {

void require_alike(const Call& call) {
  call.require(
      call[0].shape() == call[1].shape(),
      "both must have the same shape (nothing is broadcast: [n, 1] against [n] would make n x n errors)");
  same_floating(call);
}

// n, the number of rows; a vector is one example.
double examples(const Tensor& output) {
  return output.rank() < 2 ? 1 : static_cast<double>(output.shape()[0]);
}

const Domain probability{.from = 0.05, .to = 0.95};
const Domain fraction{.from = 0, .to = 1};
const Domain classes_of_three{.from = 0, .to = 2, .dtype = Dtype::int32};

const std::vector<Sample> pairs = {
    {{{3, 4}, {3, 4}}}, {{{5}, {5}}}, {{{}, {}}}, {{{2, 1}, {2, 1}}}, {{{2, 2, 3}, {2, 2, 3}}}};

// Samples on both sides of what is smooth only in between.
std::vector<Sample> apart(const Domain& left, const Domain& middle, const Domain& right) {
  return {
      {{{3, 2}, {3, 2}}, nullptr, {left, middle}},
      {{{4}, {4}}, nullptr, {right, middle}},
      {{{}, {}}, nullptr, {right, middle}}};
}

const std::vector<Misfit> unlike_pairs = {
    {{{10, 3}, {3}}, "same shape"},
    {{{4, 1}, {4}}, "same shape"},
    {{{2, 3}, {2, 3}}, "dtypes differ", nullptr, {Domain{}, classes_of_three}},
};

}  // namespace

const Registered quadratic_cost_op = Operation{
    .name = "quadratic_cost",
    .formula = "C = 1/(2n) sum |target - output|^2, n rows",
    .inputs = {"output", "target"},
    .expand =
        [](const Call& c) {
          require_alike(c);
          return sum(square(c[0] - c[1])) * (0.5 / examples(c[0]));
        },
    .samples = pairs,
    .misfits = unlike_pairs,
};
Tensor quadratic_cost(const Operand& output, const Operand& target) {
  return apply(quadratic_cost_op, {output, target});
}

const Registered x_log_y_op = elementwise(
    "x_log_y",
    [](auto x, auto y) {
      using T = typename decltype(y)::Scalar;
      // In this order NaN stays NaN, as with std::max.
      return x * (cpu::log(y).max)(std::numeric_limits<T>::lowest());
    },
    {
        .formula = "x log y, where log 0 is the lowest number",
        // Where x and y are 0, x / y must be 0 as well: the quotient by the smallest positive number is.
        .slope = {
            [](Tensor, Tensor y, Tensor) { return x_log_y(1, y); },
            [](Tensor x, Tensor y, Tensor) {
              return x / maximum(y, static_cast<double>(std::numeric_limits<float>::min()));
            }},
        .domains = {fraction, probability},
    });
Tensor x_log_y(const Operand& x, const Operand& y) {
  return apply(x_log_y_op, {x, y});
}

const Registered cross_entropy_op = Operation{
    .name = "cross_entropy",
    .formula = "C = -1/n sum (y log a + (1 - y) log(1 - a)), n rows",
    .inputs = {"activations", "target"},
    .expand =
        [](const Call& c) {
          require_alike(c);
          const Tensor &a = c[0], &y = c[1];
          return sum(x_log_y(y, a) + x_log_y(1 - y, 1 - a)) * (-1 / examples(a));
        },
    .domains = {probability, fraction},
    .samples = pairs,
    .misfits = unlike_pairs,
};
Tensor cross_entropy(const Operand& activations, const Operand& target) {
  return apply(cross_entropy_op, {activations, target});
}

const Registered logistic_loss_op = elementwise(
    "logistic_loss",
    [](auto z, auto y) {
      using T = typename decltype(z)::Scalar;
      return (z.max)(T(0)) - z * y + cpu::log1p(cpu::exp(-z.abs()));
    },
    {
        .formula = "max(z, 0) - z y + log(1 + e^-|z|)",
        .slope = {
            [](Tensor z, Tensor y, Tensor) { return sigmoid(z) - y; }, [](Tensor z, Tensor, Tensor) { return -z; }},
        .domains = {Domain{.from = -3, .to = 3, .far_from = -30, .far_to = 30}, fraction},
    });
Tensor logistic_loss(const Operand& z, const Operand& y) {
  return apply(logistic_loss_op, {z, y});
}

const Registered cross_entropy_with_logits_op = Operation{
    .name = "cross_entropy_with_logits",
    .formula = "C = 1/n sum (max(z, 0) - z y + log(1 + e^-|z|)), n rows",
    .inputs = {"z", "target"},
    .expand =
        [](const Call& c) {
          require_alike(c);
          return sum(logistic_loss(c[0], c[1])) * (1 / examples(c[0]));
        },
    .domains = {Domain{.from = -3, .to = 3}, fraction},
    .samples = pairs,
    .misfits = unlike_pairs,
};
Tensor cross_entropy_with_logits(const Operand& z, const Operand& target) {
  return apply(cross_entropy_with_logits_op, {z, target});
}

namespace {

void require_labels(const Call& call) {
  const Tensor &outputs = call[0], &labels = call[1];
  call.require_dtype(is_floating(outputs.dtype()), "takes float32 or float64; cast first");
  call.require(outputs.rank() >= 1, "a scalar has no axis of classes");
  if (labels.dtype() == Dtype::int32) {
    const Shape rows = outputs.shape().without(outputs.rank() - 1);
    if (labels.shape() == rows) return;
    call.fail(fmt::format("int32 labels have no axis of classes: they must have shape {}", rows.text()));
  }
  call.require_dtype(
      labels.dtype() == outputs.dtype(), "labels must be int32, or one-hot in the dtype of the other input");
  call.require(labels.shape() == outputs.shape(), "one-hot labels must have the shape of the other input");
}

// Minus the mean of the rows' sums.
Tensor mean_of_rows(const Tensor& terms, const Tensor& outputs) {
  const auto classes = static_cast<double>(outputs.shape()[outputs.rank() - 1]);
  return sum(terms) * (-classes / static_cast<double>(outputs.count()));
}

std::vector<Sample> labelled(const Domain& outputs) {
  return {
      {{{4, 3}, {4}}, nullptr, {outputs, classes_of_three}},
      {{{3}, {}}, nullptr, {outputs, classes_of_three}},
      {{{2, 2, 3}, {2, 2}}, nullptr, {outputs, classes_of_three}},
      {{{2, 3}, {2, 3}}, nullptr, {outputs, fraction}},
      {{{4}, {4}}, nullptr, {outputs, fraction}}};
}

std::vector<Misfit> mislabelled(const Domain& outputs) {
  return {
      {{{4, 3}, {4, 1}}, "must have shape [4]", nullptr, {outputs, classes_of_three}},
      {{{4, 3}, {4}}, "one-hot", nullptr, {outputs, fraction}},
      {{{}, {}}, "no axis of classes", nullptr, {outputs, classes_of_three}}};
}

}  // namespace

const Registered log_likelihood_op = Operation{
    .name = "log_likelihood",
    .formula = "C = -1/n sum log a_label, n rows",
    .inputs = {"activations", "labels"},
    .expand =
        [](const Call& c) {
          require_labels(c);
          const Tensor &a = c[0], &labels = c[1];
          if (labels.dtype() == Dtype::int32) return mean_of_rows(x_log_y(1, take_along(a, labels, -1)), a);
          return mean_of_rows(x_log_y(labels, a), a);
        },
    .samples = labelled(probability),
    .misfits = mislabelled(probability),
};
Tensor log_likelihood(const Operand& activations, const Operand& labels) {
  return apply(log_likelihood_op, {activations, labels});
}

const Registered log_likelihood_with_logits_op = Operation{
    .name = "log_likelihood_with_logits",
    .formula = "C = -1/n sum log softmax(z)_label, n rows",
    .inputs = {"z", "labels"},
    .expand =
        [](const Call& c) {
          require_labels(c);
          const Tensor &z = c[0], &labels = c[1];
          if (labels.dtype() == Dtype::int32) return mean_of_rows(take_along(log_softmax(z), labels, -1), z);
          return mean_of_rows(labels * log_softmax(z), z);
        },
    .samples = labelled(Domain{}),
    .misfits = mislabelled(Domain{}),
};
Tensor log_likelihood_with_logits(const Operand& z, const Operand& labels) {
  return apply(log_likelihood_with_logits_op, {z, labels});
}

const Registered mean_squared_error_op = Operation{
    .name = "mean_squared_error",
    .formula = "C = mean (output - target)^2",
    .inputs = {"output", "target"},
    .expand =
        [](const Call& c) {
          require_alike(c);
          return mean(square(c[0] - c[1]));
        },
    .samples = pairs,
    .misfits = unlike_pairs,
};
Tensor mean_squared_error(const Operand& output, const Operand& target) {
  return apply(mean_squared_error_op, {output, target});
}

const Registered mean_absolute_error_op = Operation{
    .name = "mean_absolute_error",
    .formula = "C = mean |output - target|",
    .inputs = {"output", "target"},
    .expand =
        [](const Call& c) {
          require_alike(c);
          return mean(absolute(c[0] - c[1]));
        },
    .samples = apart({.from = -3, .to = -2}, {.from = -1, .to = 1}, {.from = 2, .to = 3}),
    .misfits = unlike_pairs,
};
Tensor mean_absolute_error(const Operand& output, const Operand& target) {
  return apply(mean_absolute_error_op, {output, target});
}

namespace {

Tensor huber_of_one(const Tensors& in) {
  return huber(in[0], in[1], 1.0);
}

std::vector<Sample> huber_samples() {
  std::vector<Sample> samples = apart({.from = -4, .to = -3}, {.from = -1, .to = 1}, {.from = 3, .to = 4});
  const Domain near{.from = -0.45, .to = 0.45};
  samples.push_back({{{3, 2}, {3, 2}}, nullptr, {near, near}});
  for (Sample& sample : samples) sample.build = huber_of_one;
  return samples;
}

}  // namespace

const Registered huber_op = Operation{
    .name = "huber",
    .formula = "C = mean (d^2/2 where |d| <= delta, else delta (|d| - delta/2)), d = output - target",
    .inputs = {"output", "target"},
    .expand =
        [](const Call& c) {
          require_alike(c);
          // With c = d cut off at ±delta this is c (d − c/2), whose slope is c, and 1 is the slope of that at d = 0.
          const Tensor d = c[0] - c[1];
          const Tensor cut = clip(d, -c.real(0), c.real(0));
          return mean(cut * (d - 0.5 * cut));
        },
    .samples = huber_samples(),
    .misfits =
        {{{{10, 3}, {3}}, "same shape", huber_of_one},
         {{{3}, {3}}, "must be above 0", [](const Tensors& in) { return huber(in[0], in[1], 0.0); }}},
};
Tensor huber(const Operand& output, const Operand& target, double delta) {
  if (!(delta > 0)) fail_value("huber", output, fmt::format("delta is {}, but must be above 0", delta));
  return apply(huber_op, {output, target}, Attributes({}, {delta}));
}

const Registered hinge_op = Operation{
    .name = "hinge",
    .formula = "C = mean max(0, 1 - target output)",
    .inputs = {"output", "target"},
    .expand =
        [](const Call& c) {
          require_alike(c);
          return mean(relu(1 - c[1] * c[0]));
        },
    .samples = apart({.from = -0.8, .to = 0.8}, {.from = 0.5, .to = 1.2}, {.from = 3, .to = 4}),
    .misfits = unlike_pairs,
};
Tensor hinge(const Operand& output, const Operand& target) {
  return apply(hinge_op, {output, target});
}

}  // namespace gradus
