#include <gradus/datasets/warp.h>

#include <cmath>
#include <numbers>
#include <vector>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/graph/error.h>

namespace {

using namespace gradus;
using namespace gradus::datasets;

std::vector<double> warped(
    const ImageLayout& layout, const Deformation& deformation, const std::vector<double>& image) {
  std::vector<double> result(image.size());
  warp(layout, deformation, 0.0, image.data(), result.data());
  return result;
}

}  // namespace

TEST_CASE("a shift by whole pixels moves pixels as they are, and leaves background behind") {
  CHECK(rc::check([] {
    const auto rows = *rc::gen::inRange<Index>(1, 7), columns = *rc::gen::inRange<Index>(1, 7);
    const auto down = *rc::gen::inRange<Index>(-8, 9), right = *rc::gen::inRange<Index>(-8, 9);
    const auto image = *rc::gen::container<std::vector<double>>(
        static_cast<std::size_t>(rows * columns),
        rc::gen::map(rc::gen::inRange(-1000, 1000), [](int k) { return k / 7.0; }));
    const auto result =
        warped({1, rows, columns}, {.right = static_cast<double>(right), .down = static_cast<double>(down)}, image);
    for (Index row = 0; row < rows; ++row) {
      for (Index column = 0; column < columns; ++column) {
        const Index from_row = row - down, from_column = column - right;
        const bool inside = from_row >= 0 && from_row < rows && from_column >= 0 && from_column < columns;
        const double expected = inside ? image[static_cast<std::size_t>(from_row * columns + from_column)] : 0;
        RC_ASSERT(result[static_cast<std::size_t>(row * columns + column)] == expected);
      }
    }
  }));
}

TEST_CASE("a quarter turn to the left brings the right edge to the top") {
  const auto turned = warped({1, 3, 3}, {.rotation = std::numbers::pi / 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const std::vector<double> expected{3, 6, 9, 2, 5, 8, 1, 4, 7};
  for (std::size_t i = 0; i < 9; ++i) CHECK(turned[i] == doctest::Approx(expected[i]));
}

TEST_CASE("a skew of one moves every row by its distance from the centre") {
  CHECK(warped({1, 3, 3}, {.skew = 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}) == std::vector<double>{2, 3, 0, 4, 5, 6, 0, 7, 8});
}

TEST_CASE("what is skewed is turned after that and shifted last") {
  // One pixel, below the centre: skewed to the right of it, turned up, shifted left.
  std::vector<double> image(49), expected(49);
  image[5 * 7 + 3] = 1;
  const auto result = warped({1, 7, 7}, {.right = -1, .rotation = std::numbers::pi / 2, .skew = 1}, image);
  // (0, 2) → (2, 2) → (2, -2) → (1, -2)
  expected[1 * 7 + 4] = 1;
  for (std::size_t i = 0; i < 49; ++i) CHECK(result[i] == doctest::Approx(expected[i]));
}

TEST_CASE("between pixels the value is interpolated bilinearly, towards the background beyond the edges") {
  CHECK(warped({1, 2, 2}, {.right = -0.5, .down = -0.25}, {0, 4, 8, 16}) == std::vector<double>{4.5, 3.5, 9, 6});
  std::vector<float> result(1);
  const float pixel = 2;
  warp({1, 1, 1}, {.right = 0.5}, 4.0F, &pixel, result.data());
  CHECK(result[0] == 3);
}

TEST_CASE("displacements say for each pixel where it comes from, wherever that is") {
  const std::vector<float> x{1, 0, -0.5F, 1e30F}, y{0, 1, 0, std::nanf("")};
  const auto result = warped({1, 2, 2}, {.displacement_x = x, .displacement_y = y}, {1, 2, 3, 4});
  CHECK(result == std::vector<double>{2, 4, 1.5, 0});
}

TEST_CASE("all planes of an example are deformed alike") {
  CHECK(warped({2, 1, 2}, {.right = 1}, {1, 2, 3, 4}) == std::vector<double>{0, 1, 0, 3});
}

TEST_CASE("an example is one image or several, by its last axes, as a square or as one says") {
  const auto layout = [](const Shape& example, const Shape& image) {
    const ImageLayout found = image_layout(example, image, "test", Where::current());
    return std::vector<Index>{found.planes, found.rows, found.columns};
  };
  CHECK(layout({784}, {}) == std::vector<Index>{1, 28, 28});
  CHECK(layout({4, 5}, {}) == std::vector<Index>{1, 4, 5});
  CHECK(layout({3, 4, 5}, {}) == std::vector<Index>{3, 4, 5});
  CHECK(layout({60}, {4, 5}) == std::vector<Index>{3, 4, 5});
  CHECK_THROWS_WITH_AS(layout({60}, {}), doctest::Contains("examples of [60] are no square images"), ShapeError);
  CHECK_THROWS_WITH_AS(layout({60}, {7, 5}), doctest::Contains("an image of [7, 5] in examples of [60]"), ShapeError);
  CHECK_THROWS_AS(layout({}, {}), ShapeError);
  CHECK_THROWS_AS(layout({60}, {60}), ShapeError);
  CHECK_THROWS_AS(layout({60}, {0, 5}), ShapeError);
}
