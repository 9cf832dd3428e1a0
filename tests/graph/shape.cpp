#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

TEST_CASE("a shape knows its rank, count and text") {
  CHECK(Shape{}.rank() == 0);
  CHECK(Shape{}.count() == 1);
  CHECK(Shape{10, 784}.count() == 7840);
  CHECK(Shape{3, 0, 5}.count() == 0);
  CHECK(Shape{10, 784}.text() == "[10, 784]");
}

TEST_CASE("shapes refuse negative sizes, too many axes and uncountable products") {
  CHECK_THROWS_AS((Shape{2, -1}), ShapeError);
  CHECK_THROWS_AS((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), ShapeError);
  CHECK_THROWS_AS((Shape{Index{1} << 40, Index{1} << 40}.count()), ShapeError);
}

TEST_CASE("shapes broadcast from the last axis on, where sizes are equal or 1") {
  CHECK(broadcast({10, 30}, {30}) == Shape{10, 30});
  CHECK(broadcast({10, 1}, {1, 30}) == Shape{10, 30});
  CHECK(broadcast({}, {2, 3}) == Shape{2, 3});
  CHECK(broadcast({1}, {0}) == Shape{0});
  CHECK_FALSE(broadcastable({10, 30}, {10}));
  CHECK_THROWS_AS(broadcast({2, 3}, {2}), ShapeError);
}

TEST_CASE("axes can be left out and put in") {
  CHECK(Shape{2, 3, 4}.without(1) == Shape{2, 4});
  CHECK(Shape{2, 4}.with(1, 3) == Shape{2, 3, 4});
  CHECK(Shape{2, 4}.with(2, 3) == Shape{2, 4, 3});
}
