#include <doctest/doctest.h>

#include <gradus/gradus.h>
#include <gradus/operation.h>

using namespace gradus;

TEST_CASE("gradients are tensors and can be differentiated again") {
  const Tensor x = tensor<double>({2});
  const Tensor y = sum(x * x * x);
  const Tensor first = gradients(y, {x})[0];
  const Tensor second = gradients(sum(first), {x})[0];
  const Tensor third = gradients(sum(second), {x})[0];
  CHECK(first.item() == doctest::Approx(12));
  CHECK(second.item() == doctest::Approx(12));
  CHECK(third.item() == doctest::Approx(6));
}

TEST_CASE("a tensor used several times collects all its gradients") {
  const Tensor x = tensor<double>({3});
  CHECK(gradients(sum(x * x + x), {x})[0].item() == doctest::Approx(7));
  const Tensor y = x + x;
  const Tensors both = gradients(sum(y * y), {x, y});
  CHECK(both[0].item() == doctest::Approx(24));
  CHECK(both[1].item() == doctest::Approx(12));
}

TEST_CASE("gradients undo broadcasting") {
  const Tensor bias = tensor<double>({1, 2, 3});
  const Tensor x = ones({4, 3}, Dtype::float64);
  const Tensor g = gradients(sum(x * bias * 2.0), {bias})[0];
  CHECK(g.shape() == Shape{3});
  CHECK(g.values() == std::vector<double>{8, 8, 8});
}

TEST_CASE("a parameter that the cost does not depend on is an error unless zeros are asked for") {
  const Parameter w = Parameter(ones({2}), "used"), v = Parameter(ones({3}), "unused");
  const Tensor cost = sum(w.tensor());
  std::string message;
  try {
    gradients(cost, {w, v});
  } catch (const GradientError& error) {
    message = error.what();
  }
  CHECK(message.find("'unused'") != std::string::npos);
  CHECK(gradients(cost, {w, v}, Missing::zeros)[1].values() == std::vector<double>{0, 0, 0});
}

TEST_CASE("a path that breaks is named with the operation that breaks it") {
  const Parameter w = Parameter(ones({2}), "w");
  std::string message;
  try {
    gradients(sum(cast(argmax(w.tensor()), Dtype::float32)), {w});
  } catch (const GradientError& error) {
    message = error.what();
  }
  CAPTURE(message);
  CHECK(message.find("'argmax'") != std::string::npos);
  CHECK(message.find("gradients.cpp:") != std::string::npos);
}

TEST_CASE("detach cuts the gradient") {
  const Parameter w = ones({2});
  CHECK(gradients(sum(w.tensor() * w.tensor().detach()), {w})[0].values() == std::vector<double>{1, 1});
  CHECK_THROWS_AS(gradients(sum(w.tensor().detach()), {w}), GradientError);
}

TEST_CASE("the cost must be one floating number") {
  const Parameter w = ones({2});
  CHECK_THROWS_AS(gradients(w, {w}), ShapeError);
  CHECK_THROWS_AS(gradients(sum(tensor<std::int32_t>({1})), {w}), ShapeError);
  CHECK_THROWS_AS(gradients(sum(w.tensor()), {tensor<std::int32_t>({1})}), DtypeError);
}

TEST_CASE("jacobian-vector products agree with the jacobian") {
  const Parameter point = tensor<double>({0.3, -0.7, 1.1});
  const Tensor x = point;
  const Tensor y = sin(x) * sum(x);
  const Tensor full = jacobian(y, x);
  const Tensor direction = tensor<double>({1, 2, -1});
  const auto expected = matmul(full, direction).values();
  const auto found = jvp(y, {x}, {direction}).values();
  for (std::size_t i = 0; i < 3; ++i) CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-12));
}

TEST_CASE("hessians are symmetric and agree with hessian-vector products") {
  // A parameter: what depends on it can be differentiated after it was evaluated.
  const Parameter point = tensor<double>({0.3, -0.7, 1.1});
  const Tensor x = point;
  const Tensor cost = sum(exp(x) * x) * sum(square(x));
  const Tensor h = hessian(cost, x);
  CHECK(h.shape() == Shape{3, 3});
  const auto entries = h.values();
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK(entries[3 * i + j] == doctest::Approx(entries[3 * j + i]).epsilon(1e-12));
  }
  const Tensor v = tensor<double>({1, -2, 0.5});
  const auto product = hessian_vector_product(cost, {x}, {v})[0].values();
  const auto expected = matmul(h, v).values();
  for (std::size_t i = 0; i < 3; ++i) CHECK(product[i] == doctest::Approx(expected[i]).epsilon(1e-12));
}

TEST_CASE("a derivative rule cannot read values") {
  // Registered only here: it would not pass the checks that walk the registry.
  const Registered peeking_op = elementwise(
      "peeking_square", [](auto x) { return x * x; },
      {
          .formula = "y = x²",
          .slope = [](Tensor x, Tensor) { return x * 0.0 + 2 * x.values()[0]; },
      });
  const Tensor x = tensor<double>({2});
  CHECK_THROWS_AS(gradients(sum(apply(peeking_op, {x})), {x}), GradientError);
}

TEST_CASE("a chain of a million nodes can be walked, differentiated and freed") {
  const Parameter w = Parameter(tensor<double>({0.5}), "w");
  Tensor y = w;
  for (int i = 0; i < 1000000; ++i) y = -y;
  const Tensor g = gradients(sum(y), {w})[0];
  CHECK(g.count() == 1);
}

TEST_CASE("a deep chain can be evaluated") {
  const Parameter w = Parameter(tensor<double>({0.5}), "w");
  Tensor y = w;
  for (int i = 0; i < 20000; ++i) y = y * 0.9999;
  const Tensor g = gradients(sum(y), {w})[0];
  CHECK(g.item() == doctest::Approx(0.13532));
}
