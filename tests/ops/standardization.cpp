#include <gradus/ops/standardization.h>

#include <cmath>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>
#include <gradus/graph/gradient_check.h>
#include <gradus/graph/gradients.h>
#include <gradus/ops/arithmetic.h>
#include <gradus/ops/creation.h>
#include <gradus/ops/logic.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/random.h>
#include <gradus/ops/reduction.h>

using namespace gradus;

namespace {

using Numbers = std::vector<double>;

double furthest(const Tensor& a, const Tensor& b) {
  const Numbers left = a.values(), right = b.values();
  REQUIRE(left.size() == right.size());
  double worst = 0;
  for (std::size_t i = 0; i < left.size(); ++i) worst = std::max(worst, std::abs(left[i] - right[i]));
  return worst;
}

double furthest(const Tensor& x, double number) {
  return furthest(x, full(x.shape(), number, x.dtype()));
}

Tensor far_from_standard(const Shape& shape) {
  return normal(shape, {.mean = 5, .deviation = 3, .dtype = Dtype::float64, .seed = 1}).detach();
}

/// y of one group, (x − mean) / √(variance + ε), in long double.
Numbers standardized_by_hand(const Numbers& x, double epsilon) {
  const auto n = static_cast<long double>(x.size());
  long double mean = 0, squares = 0;
  for (const double entry : x) mean += entry / n;
  for (const double entry : x) squares += (entry - mean) * (entry - mean) / n;
  Numbers y;
  for (const double entry : x) y.push_back(static_cast<double>((entry - mean) / std::sqrt(squares + epsilon)));
  return y;
}

/// The entries of one group, one by one.
double furthest_from_hand(const Tensor& x, const Tensor& y, double epsilon) {
  const Numbers found = y.values(), expected = standardized_by_hand(x.values(), epsilon);
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i) worst = std::max(worst, std::abs(found[i] - expected[i]));
  return worst;
}

constexpr StandardizationOptions wide{.epsilon = 0.1};

}  // namespace

TEST_CASE("batch_norm gives every channel mean 0 and variance 1, for any number of spatial axes") {
  for (const Shape& shape : {Shape{40, 3}, Shape{10, 3, 6}, Shape{5, 3, 4, 3}, Shape{4, 3, 2, 3, 2}}) {
    INFO("shape ", shape.text());
    const Tensor x = far_from_standard(shape), y = batch_norm(x, 1.0, 0.0, {.epsilon = 1e-12});
    CHECK(y.shape() == shape);
    for (Index channel = 0; channel < 3; ++channel) {
      CHECK(furthest(mean(select(y, 1, channel)), 0) < 1e-13);
      CHECK(furthest(variance(select(y, 1, channel)), 1) < 1e-12);
      CHECK(furthest_from_hand(select(x, 1, channel), select(batch_norm(x, 1.0, 0.0, wide), 1, channel), 0.1) < 1e-14);
    }
  }
}

TEST_CASE("layer_norm gives every example mean 0 and variance 1 over the last axes") {
  const Tensor x = far_from_standard({4, 3, 5});
  for (const Index axes : {1, 2, 3}) {
    const Tensor y = layer_norm(x, 1.0, 0.0, {.axes = axes, .epsilon = 0.1});
    const Shape rows = axes == 1 ? Shape{12, 5} : axes == 2 ? Shape{4, 15} : Shape{1, 60};
    for (Index row = 0; row < rows[0]; ++row) {
      CHECK(furthest_from_hand(select(reshape(x, rows), 0, row), select(reshape(y, rows), 0, row), 0.1) < 1e-14);
    }
  }
}

TEST_CASE("instance_norm takes every channel of every example by itself") {
  for (const Shape& shape : {Shape{4, 3, 7}, Shape{2, 3, 4, 2}, Shape{2, 2, 2, 3, 2}}) {
    const Tensor x = far_from_standard(shape), y = instance_norm(x, 1.0, 0.0, wide);
    for (Index example = 0; example < shape[0]; ++example) {
      for (Index channel = 0; channel < shape[1]; ++channel) {
        const auto one = [&](const Tensor& all) { return select(select(all, 0, example), 0, channel); };
        CHECK(furthest_from_hand(one(x), one(y), 0.1) < 1e-14);
      }
    }
  }
}

TEST_CASE("group_norm takes neighbouring channels of every example together") {
  const Tensor x = far_from_standard({3, 6, 2, 2}), y = group_norm(x, 2, 1.0, 0.0, wide);
  for (Index example = 0; example < 3; ++example) {
    for (const Index first : {0, 3}) {
      const auto group = [&](const Tensor& all) { return slice(select(all, 0, example), 0, first, first + 3); };
      CHECK(furthest_from_hand(group(x), group(y), 0.1) < 1e-14);
    }
  }
}

TEST_CASE("group_norm is layer_norm with one group, and instance_norm with as many groups as channels") {
  const Tensor x = far_from_standard({3, 4, 5, 2});
  CHECK(furthest(group_norm(x, 1), layer_norm(x, 1.0, 0.0, {.axes = 3})) < 1e-14);
  CHECK(furthest(group_norm(x, 4), instance_norm(x)) < 1e-14);
  CHECK(furthest(instance_norm(reshape(x, {1, 12, 5, 2})), reshape(instance_norm(x), {1, 12, 5, 2})) < 1e-14);
  CHECK(furthest(batch_norm(reshape(x, {1, 12, 5, 2})), reshape(instance_norm(x), {1, 12, 5, 2})) < 1e-14);
}

TEST_CASE("scale and shift are applied channel by channel, or entry by entry in layer_norm") {
  const Tensor x = far_from_standard({3, 2, 4});
  const Tensor scale = tensor<double>({2, -1}), shift = tensor<double>({0.5, 3});
  const Tensor by_channel = reshape(scale, {2, 1}), to_channel = reshape(shift, {2, 1});
  CHECK(furthest(batch_norm(x, scale, shift), batch_norm(x) * by_channel + to_channel) < 1e-14);
  CHECK(furthest(group_norm(x, 1, scale, shift), group_norm(x, 1) * by_channel + to_channel) < 1e-14);
  CHECK(furthest(instance_norm(x, scale, shift), instance_norm(x) * by_channel + to_channel) < 1e-14);
  CHECK(furthest(batch_norm(x, 2.0, 0.5), batch_norm(x) * 2 + 0.5) < 1e-14);
  const Tensor scales = far_from_standard({2, 4}), shifts = far_from_standard({2, 4}) - 5;
  const LayerNormOptions both{.axes = 2};
  CHECK(furthest(layer_norm(x, scales, shifts, both), layer_norm(x, 1.0, 0.0, both) * scales + shifts) < 1e-14);
}

TEST_CASE("layer_norm and batch_norm give figures worked out by hand, which PyTorch gives too") {
  // Mean 2.5, variance 1.25: ±1.5/√1.25001, ±0.5/√1.25001.
  const Numbers row = layer_norm(tensor<double>({1, 2, 3, 4})).values();
  const Numbers expected = {-1.3416354199, -0.4472118066, 0.4472118066, 1.3416354199};
  for (std::size_t i = 0; i < 4; ++i) CHECK(row[i] == doctest::Approx(expected[i]).epsilon(1e-9));
  // Channel 0 holds 1, 3, 5 (variance 8/3), channel 1 holds 2, 2, 8 (mean 4, variance 8).
  const Tensor y =
      batch_norm(tensor<double>({1, 2, 3, 2, 5, 8}, {3, 2}), tensor<double>({1, 3}), tensor<double>({0, 1}));
  const double first = 2 / std::sqrt(8.0 / 3 + 1e-5), second = 2 / std::sqrt(8 + 1e-5);
  CHECK(
      furthest(y, tensor<double>({-first, 1 - 3 * second, 0, 1 - 3 * second, first, 1 + 6 * second}, {3, 2})) < 1e-14);
}

TEST_CASE("batch_norm_with_statistics of a batch's own statistics is batch_norm") {
  const Tensor x = far_from_standard({6, 3, 4});
  const Tensor scale = tensor<double>({2, 3, 4});
  CHECK(
      furthest(
          batch_norm_with_statistics(x, mean(x, {0, 2}), variance(x, {0, 2}), scale, 1.0), batch_norm(x, scale, 1.0)) <
      1e-14);
  // One example of one position is enough, and (3 − 1) / √(4 − 1e-5 + 1e-5) = 1.
  CHECK(batch_norm_with_statistics(tensor<double>({3}, {1, 1}), 1.0, 4 - 1e-5).item() == doctest::Approx(1));
}

TEST_CASE("float32 agrees with float64 far from 0, where the mean of squares would have lost the variance") {
  for (const double centre : {100.0, 1000.0, 10000.0}) {
    const Tensor x = normal({64, 3, 50}, {.mean = centre, .deviation = 0.5, .seed = 4}).detach();
    const Tensor twice = cast(x, Dtype::float64).detach();
    // All of a group is moved by what its mean lost in three roundings: of the sum, of 1/n, and of their product.
    const double allowed = 3 * centre * 0x1p-24 / 0.5 + 1e-5;
    INFO("around ", centre);
    CHECK(furthest(cast(batch_norm(x), Dtype::float64), batch_norm(twice)) < allowed);
    CHECK(furthest(cast(layer_norm(x), Dtype::float64), layer_norm(twice)) < allowed);
    CHECK(furthest(cast(group_norm(x, 3), Dtype::float64), group_norm(twice, 3)) < allowed);
    CHECK(furthest(cast(instance_norm(x), Dtype::float64), instance_norm(twice)) < allowed);
    const Tensor weights = normal({64, 3, 50}, {.dtype = Dtype::float64, .seed = 5});
    const Tensor by = gradients(sum(batch_norm(twice) * weights), {twice})[0];
    const Tensor single = gradients(sum(batch_norm(x) * cast(weights, Dtype::float32)), {x})[0];
    CHECK(furthest(cast(single, Dtype::float64), by) < 10 * allowed);
  }
  const Tensor x = normal({10'000}, {.mean = 10000, .deviation = 0.5, .seed = 4});
  CHECK(std::abs(variance(x).item() - 0.25) < 0.01);
  CHECK(std::abs((mean(square(x)) - square(mean(x))).item() - 0.25) > 0.1);
}

TEST_CASE("entries that are all the same become the shift, and pass a finite gradient") {
  const Tensor x = full({4, 2, 3}, 7, Dtype::float64).detach();
  CHECK(furthest(batch_norm(x, 5.0, 2.0), 2) == 0);
  CHECK(furthest(layer_norm(x, 5.0, 2.0), 2) == 0);
  const Tensor weights = normal({4, 2, 3}, {.dtype = Dtype::float64, .seed = 5});
  for (const double entry : gradients(sum(batch_norm(x) * weights), {x})[0].values()) CHECK(std::isfinite(entry));
}

TEST_CASE("the gradients of what is normalised add up to 0, and are right to second order") {
  const Tensor x = far_from_standard({4, 2, 3}), weights = normal({4, 2, 3}, {.dtype = Dtype::float64, .seed = 6});
  const Tensor scale = tensor<double>({2, -1}), shift = tensor<double>({0.5, 3});
  CHECK(furthest(sum(gradients(sum(batch_norm(x) * weights), {x})[0], {0, 2}), 0) < 1e-13);
  const auto check = [&](const Function& function, const Tensors& inputs) {
    const GradientCheckResult found = gradient_check(function, inputs);
    CHECK_MESSAGE(found.passed, found.message);
    CHECK(found.comparisons > 0);
  };
  check([](const Tensors& in) { return batch_norm(in[0], in[1], in[2]); }, {x, scale, shift});
  check([](const Tensors& in) { return group_norm(in[0], 2, in[1], in[2]); }, {x, scale, shift});
  check([](const Tensors& in) { return instance_norm(in[0], in[1], in[2]); }, {x, scale, shift});
  check(
      [](const Tensors& in) { return batch_norm(in[0], in[1]) * layer_norm(in[0], 1.0, 0.0, {.axes = 2}); },
      {x, scale});
}

TEST_CASE("normalisation of no examples makes nothing, and of one entry is refused") {
  CHECK(batch_norm(tensor<float>({}, {0, 3})).values().empty());
  CHECK(group_norm(tensor<float>({}, {0, 4, 2}), 2).values().empty());
  CHECK(layer_norm(tensor<float>({}, {3, 0})).values().empty());
  CHECK_THROWS_WITH_AS(
      batch_norm(tensor<float>({1, 2}, {1, 2})), doctest::Contains("one entry a channel has no variance"), ShapeError);
  CHECK_THROWS_AS(instance_norm(tensor<float>({1, 2}, {1, 2, 1})), ShapeError);
  CHECK_THROWS_AS(group_norm(tensor<float>({1, 2}, {1, 2}), 2), ShapeError);
  CHECK_THROWS_AS(layer_norm(1.0), ShapeError);
  CHECK_THROWS_AS(batch_norm(Tensor()), ValueError);
  CHECK_THROWS_AS(batch_norm(tensor<double>({1, 2}, {2, 1}), tensor<float>({1})), DtypeError);
}
