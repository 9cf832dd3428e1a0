#include <gradus/ops/upsampling.h>

#include <cmath>

#include <doctest/doctest.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/random.h>
#include <gradus/ops/reduction.h>

using namespace gradus;

namespace {

using Numbers = std::vector<double>;

void check_close(const Tensor& y, const Numbers& expected) {
  const Numbers found = y.values();
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::abs(found[i] - expected[i]) < 1e-14);
}

}  // namespace

TEST_CASE("upsampling to the nearest repeats every entry") {
  const Tensor x = tensor<double>({1, 2, 3, 4}, {1, 1, 2, 2});
  const Tensor y = upsample_nearest(x, {2, 3});
  const Tensor slope = gradients(sum(y), {x})[0];
  CHECK(y.shape() == Shape{1, 1, 4, 6});
  CHECK(y.values() == Numbers{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4});
  CHECK(slope.values() == Numbers{6, 6, 6, 6});
  CHECK(upsample_nearest(reshape(x, {1, 2, 2, 1, 1}), {1, 1, 2}).shape() == Shape{1, 2, 2, 1, 2});
  CHECK(upsample_nearest(x, 1).values() == x.values());
}

TEST_CASE("linear upsampling by hand") {
  const Tensor x = tensor<double>({0, 4}, {1, 1, 2});
  check_close(upsample_linear(x, 2), {0, 1, 3, 4});
  check_close(resize_linear(x, 5, {.align_corners = true}), {0, 1, 2, 3, 4});
  check_close(resize_linear(x, 1), {2});
  check_close(resize_linear(x, 1, {.align_corners = true}), {0});
  check_close(resize_linear(x, 2), {0, 4});
  check_close(upsample_linear(tensor<double>({7}, {1, 1, 1}), 3), {7, 7, 7});
  const Tensor image = tensor<double>({0, 4, 8, 12}, {1, 1, 2, 2});
  check_close(upsample_linear(image, 2), {0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12});
  check_close(resize_linear(image, {3, 2}, {.align_corners = true}), {0, 4, 4, 8, 8, 12});
}

TEST_CASE("linear upsampling leaves constants and, with aligned corners, straight lines as they are") {
  const Tensor line = tensor<double>({0, 2, 4, 6}, {1, 1, 4});
  check_close(resize_linear(line, 7, {.align_corners = true}), {0, 1, 2, 3, 4, 5, 6});
  const Tensor x = uniform({2, 3, 3, 4, 2}, {.dtype = Dtype::float64, .seed = 4});
  check_close(resize_linear(x - x + 3, {5, 7, 3}), Numbers(2 * 3 * 5 * 7 * 3, 3));
}
