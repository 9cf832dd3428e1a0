#include <malloc.h>

#include <doctest/doctest.h>

#include <gradus/gradus.h>
#include <gradus/graph/inspect.h>

using namespace gradus;

TEST_CASE("an evaluated tensor that needs no gradient drops its inputs") {
  auto memory = std::make_shared<std::vector<float>>(1000, 1.0F);
  const std::weak_ptr<std::vector<float>> watch = memory;
  Tensor x = tensor_over(memory->data(), Dtype::float32, {1000}, memory);
  const Tensor y = sum(x * 2.0);
  memory.reset();
  x = Tensor();
  CHECK_FALSE(watch.expired());
  CHECK(y.item() == 2000);
  CHECK(watch.expired());
}

TEST_CASE("an evaluated tensor that depends on a parameter keeps its inputs until the parameter moves") {
  const Parameter w = ones({3});
  const Tensor y = sum(w.tensor() * 2.0);
  CHECK(y.item() == 6);
  CHECK(gradients(y, {w})[0].values() == std::vector<double>{2, 2, 2});
  CHECK_FALSE(inputs_of(y).empty());
  w.assign(w.tensor() * 2.0);
  CHECK(inputs_of(y).empty());
  CHECK_THROWS_AS(gradients(y, {w}), StaleError);
}

TEST_CASE("another parameter's step leaves inputs alone") {
  const Parameter w = ones({3}), other = ones({3});
  const Tensor y = sum(w.tensor() * 2.0);
  y.item();
  other.assign(other.tensor() * 2.0);
  CHECK(gradients(y, {w})[0].values() == std::vector<double>{2, 2, 2});
}

TEST_CASE("a sum of costs over many steps holds scalars, not graphs") {
  const Parameter w = ones({50});
  std::vector<std::weak_ptr<std::vector<float>>> batches;
  Tensor total = 0.0;
  for (int i = 0; i < 5; ++i) {
    auto memory = std::make_shared<std::vector<float>>(50, 0.01F);
    batches.push_back(memory);
    const Tensor cost = sum(square(tensor_over(memory->data(), Dtype::float32, {50}, memory) * w));
    memory.reset();
    Sgd({w}, {.learning_rate = 0.1}).step(cost);
    total += cost;
  }
  for (const auto& batch : batches) CHECK(batch.expired());
  CHECK(total.item() > 0);
}

TEST_CASE("a gradient that would go through something forgotten is an error, not a smaller number") {
  const Tensor x = tensor<double>({1, 2, 3});
  const Tensor y = x * x;
  y.values();
  CHECK_THROWS_AS(gradients(sum(y) + sum(x), {x}), GradientError);
  CHECK_THROWS_AS(gradients(sum(y) + sum(x), {x}, Missing::zeros), GradientError);
}

TEST_CASE("what was forgotten before a tensor was made does not concern its gradient") {
  const Tensor images = tensor<double>({1, 2, 3}) / 3.0;
  images.values();
  const Tensor x = tensor<double>({1, 1, 1});
  CHECK(gradients(sum(images * x), {x})[0].values()[2] == doctest::Approx(1));
}

TEST_CASE("a training loop holds constant memory") {
  set_threads(1);
  const Parameter w = normal({20, 30}, {.seed = 1}), v = normal({30, 5}, {.seed = 2});
  const Tensor x = normal({10, 20}, {.seed = 3}).detach();
  Sgd optimizer({w, v}, {.learning_rate = 0.001});
  Tensor total = 0.0;
  std::size_t after_warm_up = 0;
  for (int step = 0; step < 4000; ++step) {
    const Tensor cost = mean(square(matmul(tanh(matmul(x, w)), v)));
    optimizer.step(cost);
    total = (total + cost).detach();
    if (step == 1000) after_warm_up = mallinfo2().uordblks;
  }
  CHECK(total.item() > 0);
  // One byte a step would be three thousand.
  CHECK(mallinfo2().uordblks <= after_warm_up + 2000);
  set_threads(0);
}

TEST_CASE("a way to a parameter that was forgotten because another one moved is an error, not a smaller number") {
  const Parameter p = ones({3}), q = ones({3});
  const Tensor y = sum(p.tensor() * q.tensor());
  y.item();
  SUBCASE("by an assignment") {
    q.assign(q.tensor() * 2.0);
  }
  SUBCASE("by a step, which evaluates it") {
    Sgd({q}, {.learning_rate = 0.5}).step(y);
  }
  SUBCASE("by a step of something made of it") {
    Sgd({q}, {.learning_rate = 0.5}).step(square(y));
  }
  CHECK_THROWS_AS(gradients(y + sum(p), {p}), StaleError);
  CHECK_THROWS_AS(gradients(y, {p}, Missing::zeros), StaleError);
  CHECK_THROWS_AS(gradients(y * y + sum(p), {p}), StaleError);
  const Tensor further = y * sum(p);
  further.item();
  CHECK_THROWS_AS(gradients(further, {p}), StaleError);
  // As a constant it is what it is, and what leads to another parameter is whole.
  CHECK(gradients(y.detach() + sum(p), {p})[0].values() == std::vector<double>{1, 1, 1});
  CHECK(gradients(y + sum(q), {q})[0].values() == std::vector<double>{1, 1, 1});
  p.assign(p.tensor() * 2.0);
  CHECK(gradients(y + sum(p), {p})[0].values() == std::vector<double>{1, 1, 1});
}

TEST_CASE("what was evaluated before counts as a way to its parameters") {
  const Parameter p = ones({3}), q = ones({3});
  const Tensor part = p.tensor() * 2.0;
  part.values();
  const Tensor y = sum(part * q);
  Sgd({q}, {.learning_rate = 0.5}).step(y);
  CHECK_THROWS_AS(gradients(y + sum(p), {p}), StaleError);
  CHECK(gradients(sum(part), {p})[0].values() == std::vector<double>{2, 2, 2});
}
