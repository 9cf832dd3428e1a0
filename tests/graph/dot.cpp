#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

TEST_CASE("drawings name operations, parameters and shapes, and escape labels") {
  const Parameter w = Parameter(ones({3, 2}), "the \"w\"");
  const std::string text = dot({sum(matmul(ones({4, 3}), w)).named("total")});
  for (const char* word : {"digraph", "matmul", "the \\\"w\\\"", "[4, 2]", "total"}) {
    CAPTURE(text);
    CHECK(text.find(word) != std::string::npos);
  }
}

TEST_CASE("equal graphs give equal drawings") {
  const auto drawing = [] { return dot({sum(sin(ones({3})) * 2.0)}); };
  CHECK(drawing() == drawing());
}

TEST_CASE("a drawing that cannot be written is an error that names the file") {
  CHECK_THROWS_AS(draw({sin(ones({3}))}, "/nowhere/graph.svg"), DataError);
}

TEST_CASE("an explanation tells steps, tasks and bytes, and draws them") {
  const Explanation plan = explain({sum(sin(ones({3})) * 2.0)});
  CHECK(plan.text().find("sin") != std::string::npos);
  CHECK(plan.dot.find("digraph") != std::string::npos);
  CHECK(plan.steps == static_cast<Index>(plan.step_texts.size()));
}
