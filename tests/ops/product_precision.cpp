#include <gradus/graph/product_precision.h>

#include <bit>
#include <cmath>
#include <optional>

#include <doctest/doctest.h>

#include <gradus/gradus.h>
#include <gradus/ops/cpu/bfloat16.h>

using namespace gradus;

namespace {

class ScopedPrecision {
 public:
  explicit ScopedPrecision(ProductPrecision precision) : before_(product_precision()) {
    set_product_precision(precision);
  }
  ~ScopedPrecision() { set_product_precision(before_); }
  ScopedPrecision(const ScopedPrecision&) = delete;
  ScopedPrecision& operator=(const ScopedPrecision&) = delete;

 private:
  ProductPrecision before_;
};

/// Products of bfloat16 by instructions that the processor may not have: oneDNN emulates them where it has AVX-512.
class PretendedInstructions {
 public:
  PretendedInstructions() { pretend(true); }
  ~PretendedInstructions() { pretend({}); }
  PretendedInstructions(const PretendedInstructions&) = delete;
  PretendedInstructions& operator=(const PretendedInstructions&) = delete;

 private:
  static void pretend(std::optional<bool> pretended) {
    cpu::pretend_to_multiply_bfloat16(pretended);
    clear_plan_cache();
  }
};

Tensor drawn(const Shape& shape, std::int64_t seed) {
  return uniform(shape, {.from = -1, .to = 1, .seed = seed}).detach();
}

/// Rounded entry by entry, in float64.
Tensor rounded(const Tensor& x) {
  std::vector<double> values = x.values();
  for (double& value : values) {
    int exponent = 0;
    const double digits = std::frexp(value, &exponent);
    value = std::ldexp(std::nearbyint(digits * 256), exponent - 8);
  }
  return tensor(values, x.shape());
}

double difference(const Tensor& a, const Tensor& b) {
  const auto x = a.values(), y = b.values();
  REQUIRE(x.size() == y.size());
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i) most = std::max(most, std::abs(x[i] - y[i]));
  return most;
}

}  // namespace

TEST_CASE("bfloat16 is the nearest number with eight significant bits; ties go to the even one") {
  const auto round_trip = [](float x) { return cpu::from_bfloat16(cpu::to_bfloat16(x)); };
  CHECK(round_trip(1.0F) == 1.0F);
  CHECK(round_trip(1.0F + 1.0F / 256) == 1.0F);  // between 1 and 1 + 1/128: even
  CHECK(round_trip(1.0F + 3.0F / 256) == 1.0F + 4.0F / 256);
  CHECK(round_trip(-1.0F - 1.01F / 256) == -1.0F - 2.0F / 256);
  CHECK(round_trip(0.0F) == 0.0F);
  CHECK(std::isinf(round_trip(HUGE_VALF)));
  CHECK(std::isinf(round_trip(3.4e38F)));  // nearer to 2¹²⁸ than to the greatest bfloat16
  CHECK(std::isnan(round_trip(std::bit_cast<float>(0x7f800001U))));
}

TEST_CASE("with bfloat16, products are those of rounded factors, added up in float32") {
  std::optional<PretendedInstructions> pretended;
  SUBCASE("rounded") {}
  SUBCASE("by instructions") {
    pretended.emplace();
  }
  const Tensor a = drawn({7, 33}, 1), b = drawn({33, 20}, 2);
  const Tensor exact = matmul(cast(a, Dtype::float64), cast(b, Dtype::float64));
  const Tensor expected = matmul(rounded(a), rounded(b));
  const ScopedPrecision precision(ProductPrecision::bfloat16);
  CHECK(difference(matmul(a, b), expected) < 1e-5);
  CHECK(difference(matmul(a, b), exact) > 1e-4);
  // Views and many products in one.
  CHECK(
      difference(
          matmul(transpose(transpose(a)), transpose(drawn({20, 33}, 2))),
          matmul(rounded(a), rounded(transpose(drawn({20, 33}, 2))))) < 1e-5);
  const Tensor many = drawn({3, 5, 33}, 3);
  CHECK(difference(matmul(many, b), matmul(rounded(many), rounded(b))) < 1e-5);
  // float64 is none of its business.
  CHECK(difference(matmul(cast(a, Dtype::float64), cast(b, Dtype::float64)), exact) == 0);
}

TEST_CASE("with bfloat16, convolutions and their gradients are those of rounded factors") {
  std::optional<PretendedInstructions> pretended;
  SUBCASE("rounded") {}
  SUBCASE("by instructions") {
    pretended.emplace();
  }
  const Tensor x = drawn({3, 4, 9, 8}, 1), w = drawn({10, 4, 3, 3}, 2), g = drawn({3, 10, 9, 8}, 3);
  const auto gradients_of = [](const Tensor& images, const Tensor& filters, const Tensor& cotangent) {
    return gradients(sum(conv2d(images, filters, {.padding = 1}) * cotangent), {images, filters});
  };
  const Tensor expected = conv2d(rounded(x), rounded(w), {.padding = 1});
  const Tensors expected_gradients = gradients_of(rounded(x), rounded(w), rounded(g));
  const ScopedPrecision precision(ProductPrecision::bfloat16);
  CHECK(difference(conv2d(x, w, {.padding = 1}), expected) < 1e-5);
  const Tensors found = gradients_of(x, w, g);
  CHECK(difference(found[0], expected_gradients[0]) < 1e-4);
  CHECK(difference(found[1], expected_gradients[1]) < 1e-3);
}

TEST_CASE("plans made with one precision are not used with the other") {
  const Tensor a = drawn({7, 33}, 1), b = drawn({33, 20}, 2);
  const auto in_float32 = matmul(a, b).values();
  {
    const ScopedPrecision precision(ProductPrecision::bfloat16);
    CHECK(matmul(a, b).values() != in_float32);
  }
  CHECK(matmul(a, b).values() == in_float32);
}

TEST_CASE("with bfloat16, a training step that updates weights in place computes what separate steps do") {
  std::optional<PretendedInstructions> pretended;
  SUBCASE("rounded") {}
  SUBCASE("by instructions") {
    pretended.emplace();
  }
  const ScopedPrecision precision(ProductPrecision::bfloat16);
  const Parameter w(drawn({33, 20}, 2));
  const Tensor x = drawn({7, 33}, 1), target = drawn({7, 20}, 4);
  const Tensor gradient = gradients(mean(square(matmul(x, w) - target)), {w})[0];
  const Tensor expected = (w.tensor() - gradient * 0.5).detach();
  evaluate({expected});
  Sgd optimizer({w}, {.learning_rate = 0.5});
  optimizer.step(mean(square(matmul(x, w) - target)));
  CHECK(difference(w.tensor(), expected) < 1e-6);
}
