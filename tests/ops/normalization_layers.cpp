#include <gradus/ops/layers/normalization.h>

#include <cmath>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

using Numbers = std::vector<double>;

const BatchNormOptions twice{.dtype = Dtype::float64};

Tensor batch(std::int64_t seed, const Shape& shape = {8, 3, 5}) {
  return normal(shape, {.mean = 2, .deviation = 3, .dtype = Dtype::float64, .seed = seed});
}

void check_equal(const Numbers& found, const Numbers& expected, double tolerance = 1e-13) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::abs(found[i] - expected[i]) < tolerance);
}

/// running ← 0.9 running + 0.1 batch, as PyTorch writes it, of a mean and of an unbiased variance.
struct Running {
  Numbers mean = {0, 0, 0}, variance = {1, 1, 1};

  void follow(const Tensor& x) {
    for (Index channel = 0; channel < 3; ++channel) {
      const Numbers entries = select(x, 1, channel).values();
      const auto n = static_cast<double>(entries.size());
      double sum = 0, squares = 0;
      for (const double entry : entries) sum += entry;
      for (const double entry : entries) squares += (entry - sum / n) * (entry - sum / n);
      const auto c = static_cast<std::size_t>(channel);
      mean[c] = 0.9 * mean[c] + 0.1 * sum / n;
      variance[c] = 0.9 * variance[c] + 0.1 * squares / (n - 1);
    }
  }
};

}  // namespace

TEST_CASE("BatchNorm in training is batch_norm, and follows the statistics of every batch") {
  const BatchNorm norm(3, twice);
  Running expected;
  check_equal(norm.running_mean().values(), expected.mean);
  check_equal(norm.running_variance().values(), expected.variance);
  for (const std::int64_t seed : {1, 2, 3}) {
    check_equal(norm(batch(seed)).values(), batch_norm(batch(seed)).values());
    expected.follow(batch(seed));
  }
  check_equal(norm.running_mean().values(), expected.mean);
  check_equal(norm.running_variance().values(), expected.variance);
  // Asking again changes nothing.
  check_equal(norm.running_mean().values(), expected.mean);
}

TEST_CASE("BatchNorm's running statistics after two batches are those worked out by hand") {
  const BatchNorm norm(1, twice);
  norm(tensor<double>({1, 2, 3, 6}, {4, 1}));  // mean 3, unbiased variance 14/3
  norm(tensor<double>({0, 4}, {2, 1}));        // mean 2, unbiased variance 8
  CHECK(norm.running_mean().item() == doctest::Approx(0.9 * 0.3 + 0.2));
  CHECK(norm.running_variance().item() == doctest::Approx(0.9 * (0.9 + 1.4 / 3) + 0.8));
}

TEST_CASE("BatchNorm in inference uses the running statistics and leaves them as they are") {
  const BatchNorm norm(3, twice);
  norm(batch(1));
  Running running;
  running.follow(batch(1));
  for (const Shape& shape : {Shape{1, 3}, Shape{4, 3, 2, 2}}) {
    const Tensor x = batch(7, shape);
    Numbers expected = x.values();
    const std::size_t positions = static_cast<std::size_t>(shape.count() / shape[0] / 3);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const std::size_t channel = i / positions % 3;
      expected[i] = (expected[i] - running.mean[channel]) / std::sqrt(running.variance[channel] + 1e-5);
    }
    check_equal(norm(x, {.training = false}).values(), expected);
  }
  check_equal(norm.running_mean().values(), running.mean);
  // Each example by itself: the others do not matter.
  const Tensor many = norm(batch(7), {.training = false}), one = norm(slice(batch(7), 0, 0, 1), {.training = false});
  check_equal(select(many, 0, 0).values(), select(one, 0, 0).values(), 1e-15);
}

TEST_CASE("BatchNorm's statistics come with the steps of an optimiser, at no evaluation of their own") {
  seed(3);
  const Parameter weight = normal({4, 3}, {.dtype = Dtype::float64}), start = weight.tensor();
  const BatchNorm norm(3, {.dtype = Dtype::float64, .name = "norm1"});
  Sgd optimizer({weight, norm.parameters()[0], norm.parameters()[1]}, {.learning_rate = 0.1});
  const Tensor target = normal({6, 3}, {.dtype = Dtype::float64, .seed = 9});
  Running expected;
  Index misses = 0;
  for (const std::int64_t seed : {1, 2, 3, 4}) {
    const Tensor x = batch(seed, {6, 4});
    expected.follow(matmul(x, weight).detach());
    optimizer.step(quadratic_cost(norm(matmul(x, weight)), target));
    // Steps of the same structure have one plan.
    if (seed == 3) misses = plan_cache_statistics().misses;
    if (seed == 4) CHECK(plan_cache_statistics().misses == misses);
  }
  const auto evaluations = [] { return plan_cache_statistics().hits + plan_cache_statistics().misses; };
  const Index before = evaluations();
  norm.running_mean();
  CHECK(evaluations() == before + 1);  // which moves the running statistics
  check_equal(norm.running_mean().values(), expected.mean);
  check_equal(norm.running_variance().values(), expected.variance);
  CHECK(norm.parameters()[0].values() != Numbers{1, 1, 1});
  CHECK(norm.parameters()[1].values() != Numbers{0, 0, 0});
}

TEST_CASE("BatchNorm used twice in one cost counts both batches") {
  const BatchNorm norm(3, twice);
  const Tensor scale = norm.parameters()[0];
  const Tensor first = norm(batch(1)), cost = sum(first * norm(batch(2)));
  CHECK(gradients(cost, {scale})[0].values().size() == 3);
  CHECK(std::isfinite(cost.item()));
  Running expected;
  expected.follow(batch(1));
  expected.follow(batch(2));
  check_equal(norm.running_mean().values(), expected.mean);
  check_equal(norm.running_variance().values(), expected.variance);
}

TEST_CASE("BatchNorm counts a batch that nobody evaluated, unless it has gone stale") {
  const BatchNorm norm(3, twice);
  Running expected;
  const Parameter factor = full({}, 1, Dtype::float64);
  norm(batch(1) * factor);
  expected.follow(batch(1));
  check_equal(norm.running_mean().values(), expected.mean);
  norm(batch(2) * factor);
  factor.assign(number(2, Dtype::float64));
  check_equal(norm.running_mean().values(), expected.mean);
  norm(batch(3));
  expected.follow(batch(3));
  check_equal(norm.running_mean().values(), expected.mean);
}

TEST_CASE("copies of a BatchNorm share parameters and statistics") {
  const BatchNorm norm(3, twice);
  const BatchNorm copy = norm;  // NOLINT(performance-unnecessary-copy-initialization): what is tested
  norm(batch(1));
  copy(batch(2));
  Running expected;
  expected.follow(batch(1));
  expected.follow(batch(2));
  check_equal(norm.running_mean().values(), expected.mean);
  CHECK(copy.running_mean() == norm.running_mean());
  CHECK(copy.parameters()[0] == norm.parameters()[0]);
}

TEST_CASE("BatchNorm's momentum is how far one batch counts") {
  const BatchNorm last(3, {.momentum = 1, .dtype = Dtype::float64}), never(3, {.momentum = 0, .dtype = Dtype::float64});
  last(batch(1));
  never(batch(1));
  check_equal(last.running_mean().values(), mean(batch(1), {0, 2}).values());
  check_equal(last.running_variance().values(), variance(batch(1), {0, 2}, false, 1).values());
  check_equal(never.running_mean().values(), {0, 0, 0});
}

TEST_CASE("statistics that are assigned, from a file for instance, are what inference uses") {
  const BatchNorm norm(1, twice);
  norm.running_mean().assign(tensor<double>({5}));
  norm.running_variance().assign(tensor<double>({4 - 1e-5}));
  CHECK(norm(tensor<double>({9}, {1, 1}), {.training = false}).item() == doctest::Approx(2));
}

TEST_CASE("normalisation layers are their operations, with parameters that are trained") {
  const Tensor x = batch(1, {4, 6, 2, 3});
  const NormalizationOptions options{.dtype = Dtype::float64, .name = "n"};
  const Tensor by_channel = normal({6}, {.dtype = Dtype::float64, .seed = 2});
  const LayerNorm layer({6, 2, 3}, options);
  const GroupNorm group(3, 6, options);
  const InstanceNorm instance(6, options);
  check_equal(layer(x).values(), layer_norm(x, 1.0, 0.0, {.axes = 3}).values());
  check_equal(group(x).values(), group_norm(x, 3).values());
  check_equal(instance(x).values(), instance_norm(x).values());
  for (const Parameters& parameters : {layer.parameters(), group.parameters(), instance.parameters()}) {
    REQUIRE(parameters.size() == 2);
    CHECK(parameters[0].name() == "n.scale");
    CHECK(parameters[1].name() == "n.shift");
  }
  CHECK(layer.parameters()[0].shape() == Shape{6, 2, 3});
  group.parameters()[0].assign(by_channel);
  instance.parameters()[1].assign(by_channel);
  check_equal(group(x).values(), group_norm(x, 3, by_channel).values());
  check_equal(instance(x).values(), instance_norm(x, 1.0, by_channel).values());
  const NormalizationOptions plain{.scale_and_shift = false};
  CHECK(GroupNorm(3, 6, plain).parameters().empty());
  check_equal(GroupNorm(3, 6, plain)(x).values(), group_norm(x, 3).values());
}

TEST_CASE("the gradients of a BatchNorm in training and in inference are right to second order") {
  const BatchNorm norm(2, twice);
  norm(batch(1, {4, 2, 3}));
  for (const bool training : {true, false}) {
    const GradientCheckResult found =
        gradient_check([&](const Tensors& in) { return norm(in[0], {.training = training}); }, {batch(2, {4, 2, 3})});
    CHECK_MESSAGE(found.passed, found.message);
  }
}

TEST_CASE("normalisation layers refuse what cannot be one, and inputs that are not theirs") {
  CHECK_THROWS_WITH_AS(BatchNorm(0), doctest::Contains("0 channels"), ValueError);
  CHECK_THROWS_WITH_AS(InstanceNorm(-1), doctest::Contains("-1 channels"), ValueError);
  CHECK_THROWS_WITH_AS(BatchNorm(3, {.momentum = 1.5}), doctest::Contains("momentum is 1.5"), ValueError);
  CHECK_THROWS_WITH_AS(BatchNorm(3, {.epsilon = 0}), doctest::Contains("epsilon is 0"), ValueError);
  CHECK_THROWS_WITH_AS(GroupNorm(4, 6), doctest::Contains("4 groups"), ValueError);
  CHECK_THROWS_WITH_AS(GroupNorm(0, 6), doctest::Contains("0 groups"), ValueError);
  CHECK_THROWS_WITH_AS(LayerNorm(Shape{}), doctest::Contains("no sizes"), ShapeError);
  const Tensor x = zeros({2, 4, 3});
  CHECK_THROWS_WITH_AS(BatchNorm(3)(x), doctest::Contains("one of 3 channels, but axis 1 of x has 4"), ShapeError);
  CHECK_THROWS_WITH_AS(LayerNorm({4})(x), doctest::Contains("last axes of x must be [4]"), ShapeError);
  CHECK_THROWS_WITH_AS(LayerNorm({1, 2, 4, 3})(x), doctest::Contains("[1, 2, 4, 3]"), ShapeError);
  CHECK_THROWS_WITH_AS(BatchNorm(4)(zeros({1, 4})), doctest::Contains("one entry a channel"), ShapeError);
  CHECK_THROWS_WITH_AS(BatchNorm(4)(zeros({4})), doctest::Contains("[examples, channels"), ShapeError);
  CHECK_THROWS_WITH_AS(BatchNorm(4, twice)(x), doctest::Contains("one of float64"), DtypeError);
  CHECK_THROWS_AS(BatchNorm(4)(Tensor()), ValueError);
  CHECK_THROWS_AS(BatchNorm(4)(Tensor(), {.training = false}), ValueError);
  CHECK_THROWS_AS(LayerNorm({4})(Tensor()), ValueError);
}
