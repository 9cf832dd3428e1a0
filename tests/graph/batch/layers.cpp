#include <cmath>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>

#include "graph/random_words.h"
#include "optim/plain_descent.h"

using namespace gradus;

namespace {

constexpr Index width = 3;
constexpr std::size_t values_a_layer = 10;

Tensor entries(const Shape& shape, int seed) {
  return uniform(shape, {.from = -0.8, .to = 0.8, .dtype = Dtype::float64, .seed = seed}).detach();
}

Parameters weights() {
  return {Parameter(entries({width, width}, 1), "w"), Parameter(entries({width}, 2), "b")};
}

// One of some operations on two earlier values, which may be one and the same.
Tensor combined(const Parameters& w, unsigned operation, const Tensor& a, const Tensor& b) {
  switch (operation % 9) {
    case 0:
      return tanh(matmul(a, w[0]) + w[1]);
    case 1:
      return a * b;
    case 2:
      return sigmoid(a - 2.0 * b);
    case 3:
      return matmul(w[0], b) + a;
    case 4:
      return softmax(a) * (b + 1.0);
    case 5:
      return reshape(concatenate({reshape(a, {1, width}), reshape(b, {1, width})}, 0), {2 * width}) *
             entries({2 * width}, 7);
    case 6:
      return where(a > b, a, b * w[1]);
    case 7:
      return sum(a * b) * w[1];
    default:
      return slice(concatenate({a, b}), 0, 1, width + 1);
  }
}

Tensor layered(const Parameters& w, const std::vector<std::uint16_t>& bits) {
  Tensors layer;
  for (std::size_t i = 0; i < values_a_layer; ++i) layer.push_back(entries({width}, 20 + static_cast<int>(i)));
  Tensors ends;
  for (std::size_t i = 0; i < bits.size(); i += values_a_layer) {
    Tensors next;
    for (std::size_t k = 0; k < values_a_layer && i + k < bits.size(); ++k) {
      const unsigned word = bits[i + k];
      const Tensor &a = layer[word % layer.size()], &b = layer[word / 16 % layer.size()];
      // Few kinds a layer, so that there is something to repeat.
      const Tensor value = combined(w, bits[i] / 256 + word % 2, a, b);
      if (value.shape()[0] == width) next.push_back(value);
      ends.push_back(sum(square(value)));
    }
    if (!next.empty()) layer = next;
  }
  Tensor total = sum(w[0]) + sum(w[1]);
  for (const Tensor& end : ends) total = total + end;
  return total;
}

bool close(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) <= 1e-11 * (1 + std::abs(b[i])))) return false;
  }
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("graphs of few kinds of cells, read by any number of others, are the same in batches and apart") {
  int runs = 0, in_batches = 0;
  CHECK(rc::check([&] {
    ++runs;
    const std::vector<std::uint16_t> bits = *random_words(10, 61);
    const Parameters together = weights(), apart = weights();
    const Tensor cost = layered(together, bits), expected = layered(apart, bits);
    if (explain({cost}).batches > 0) ++in_batches;
    Sgd({together[0], together[1]}, {.learning_rate = 0.01}).step(cost);
    PlainDescent({apart[0], apart[1]}, 0.01).step(expected);
    RC_ASSERT(close(cost.values(), expected.values()));
    for (std::size_t i = 0; i < 2; ++i) RC_ASSERT(close(together[i].values(), apart[i].values()));
  }));
  CHECK(5 * in_batches > runs);
}

TEST_CASE("values of a repetitive graph are the same in batches and one by one") {
  int runs = 0, in_batches = 0;
  CHECK(rc::check([&] {
    ++runs;
    const std::vector<std::uint16_t> bits = *random_words(10, 61);
    const Parameters w = weights();
    const Tensor total = layered(w, bits);
    if (explain({total}).batches > 0) ++in_batches;
    const auto batched = total.values();
    const Tensor assigned = layered(w, bits);
    const Parameter result(entries({}, 3));
    result.assign(assigned);
    RC_ASSERT(close(batched, result.values()));
  }));
  CHECK(5 * in_batches > runs);
}

TEST_CASE("gradients inside repeated cells begin with what all cells share") {
  const Parameter start(tensor({0.95, 0.3}));
  const auto valley = [](const Tensor& w) { return sum(square(w) * tensor({1.0, 10.0})); };
  for (const int count : {2, 8, 40, 200}) {
    Tensors costs;
    double expected = 0;
    for (int i = 0; i < count; ++i) {
      const double rate = 0.01 + 0.0005 * i;
      Tensor w = start;
      w = w - tensor({rate}, {}) * gradients(valley(w), {w})[0];
      costs.push_back(valley(w));
      const double x = 0.95 * (1 - 2 * rate), y = 0.3 * (1 - 20 * rate);
      expected += x * x + 10 * y * y;
    }
    CHECK(sum(stack(costs)).item() == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("cells that read one value twice, or values that overlap, hand all cotangents on") {
  for (const std::size_t count : {2, 8, 40, 200}) {
    for (const std::size_t apart : {0, 1, 2}) {
      CAPTURE(count);
      CAPTURE(apart);
      const Parameter alone(entries({width, width}, 1)), whole(entries({width, width}, 1));
      Tensors x, rows, costs;
      for (std::size_t i = 0; i < count + apart; ++i) {
        x.push_back(entries({width}, 20 + static_cast<int>(i)));
        rows.push_back(tanh(matmul(x.back(), alone)));
      }
      for (std::size_t i = 0; i < count; ++i) costs.push_back(sum(rows[i] * rows[i + apart]));
      Sgd({alone}, {.learning_rate = 0.1}).step(sum(stack(costs)));
      const auto n = static_cast<Index>(count), shift = static_cast<Index>(apart);
      const Tensor all = tanh(matmul(stack(x), whole));
      Sgd({whole}, {.learning_rate = 0.1}).step(sum(slice(all, 0, 0, n) * slice(all, 0, shift, shift + n)));
      CHECK(close(alone.values(), whole.values()));
    }
  }
}

TEST_CASE("cells that nothing tells apart have the values of one") {
  const Parameter shared(tensor({0.95, 0.3}));
  for (const int count : {2, 8, 40, 200}) {
    Tensors costs;
    double expected = 0;
    for (int i = 0; i < count; ++i) {
      const Tensor first = square(square(shared));
      costs.push_back(sum(first * tensor({0.1 * i, 1.0})) + sum(square(first) * tensor({1.0, 0.1 * i})));
      const double x = std::pow(0.95, 4), y = std::pow(0.3, 4);
      expected += x * 0.1 * i + y + x * x + y * y * 0.1 * i;
    }
    const Tensor total = sum(stack(costs));
    costs.clear();
    CHECK(total.item() == doctest::Approx(expected).epsilon(1e-12));
  }
}
