#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

TEST_CASE("copies of a parameter share value and version") {
  const Parameter w = tensor<float>({1, 2});
  const Parameter same = w;
  w.assign(w.tensor() * 2.0);
  CHECK(same.values<float>() == std::vector<float>{2, 4});
  CHECK(same.version() == 1);
  CHECK(w == same);
}

TEST_CASE("reading what was built on an older version throws and names both") {
  const Parameter w = Parameter(ones({2}), "weights");
  const Tensor y = (w.tensor() * 3.0).named("prediction");
  w.assign(w.tensor() + 1.0);
  std::string message;
  try {
    y.values<float>();
  } catch (const StaleError& error) {
    message = error.what();
  }
  for (const char* word : {"'prediction'", "'weights'", "version 0", "version 1"}) {
    CAPTURE(message);
    CHECK(message.find(word) != std::string::npos);
  }
}

TEST_CASE("what was evaluated before the parameter moved keeps its value") {
  const Parameter w = ones({2});
  const Tensor y = w.tensor() * 3.0;
  evaluate({y});
  w.assign(w.tensor() + 1.0);
  CHECK(y.values<float>() == std::vector<float>{3, 3});
}

TEST_CASE("a detached parameter is a copy that stays") {
  const Parameter w = tensor<float>({1, 2});
  const Tensor before = w.tensor().detach();
  w.assign(w.tensor() * 10.0);
  CHECK(before.values<float>() == std::vector<float>{1, 2});
}

TEST_CASE("parameters are assigned together, from the values before") {
  const Parameter a = tensor<float>({1, 2}), b = tensor<float>({3, 4});
  assign({{a, b}, {b, a}});
  CHECK(a.values<float>() == std::vector<float>{3, 4});
  CHECK(b.values<float>() == std::vector<float>{1, 2});
  assign({{a, a.tensor() + b}, {b, a.tensor() - b}});
  CHECK(a.values<float>() == std::vector<float>{4, 6});
  CHECK(b.values<float>() == std::vector<float>{2, 2});
}

TEST_CASE("a new value may serve as another's input") {
  // Momentum: the new velocity is both assigned and read.
  const Parameter w = tensor<float>({1, 2}), v = tensor<float>({0.5F, 0.5F});
  const Tensor velocity = v.tensor() * 0.5 - 1.0;
  const Tensor moved = w.tensor() + velocity;
  assign({{v, velocity}, {w, moved}});
  CHECK(v.values<float>() == std::vector<float>{-0.75F, -0.75F});
  CHECK(w.values<float>() == std::vector<float>{0.25F, 1.25F});
  CHECK(velocity.values<float>() == std::vector<float>{-0.75F, -0.75F});
}

TEST_CASE("an old value may still be read by what depends on the new one") {
  const Parameter w = tensor<float>({1, 2});
  const Tensor moved = w.tensor() + 1.0;
  const Tensor both = moved * w.tensor();
  assign({{w, moved}}, {both});
  CHECK(w.values<float>() == std::vector<float>{2, 3});
  CHECK(both.values<float>() == std::vector<float>{2, 6});
}

TEST_CASE("a step that throws leaves every parameter as it was") {
  const Parameter a = tensor<float>({1, 2}), b = tensor<float>({3, 4});
  const Tensor wrong = tensor<std::int32_t>({0, 7});
  CHECK_THROWS_AS(assign({{a, a.tensor() * 10.0}, {b, take(b, wrong)}}), Error);
  CHECK(a.values<float>() == std::vector<float>{1, 2});
  CHECK(b.values<float>() == std::vector<float>{3, 4});
  CHECK(a.version() == 0);
  CHECK(b.version() == 0);
}

TEST_CASE("assignments are checked before anything runs") {
  const Parameter a = tensor<float>({1, 2});
  CHECK_THROWS_AS(a.assign(ones({3})), ShapeError);
  CHECK_THROWS_AS(a.assign(ones({2}, Dtype::float64)), DtypeError);
  CHECK_THROWS_AS(assign({{a, ones({2})}, {a, ones({2})}}), ValueError);
  CHECK(a.version() == 0);
}

TEST_CASE("a parameter's transpose, part or broadcast can be assigned to it") {
  const Parameter w = tensor<float>({1, 2, 3, 4}, {2, 2});
  w.assign(transpose(w));
  CHECK(w.values<float>() == std::vector<float>{1, 3, 2, 4});
  w.assign(broadcast_to(slice(w, 0, 0, 1), {2, 2}));
  CHECK(w.values<float>() == std::vector<float>{1, 3, 1, 3});
  w.assign(matmul(w, w));
  CHECK(w.values<float>() == std::vector<float>{4, 12, 4, 12});
}
