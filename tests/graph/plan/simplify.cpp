#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>

#include <gradus/gradus.h>
#include <gradus/graph/plan/plan.h>

using namespace gradus;

namespace {

// Runs with other passes than all, and a plan of its own.
template <class Function>
auto with_passes(const char* names, const Function& function) {
  plan::set_passes(names);
  clear_plan_cache();
  auto result = function();
  plan::set_passes("all");
  clear_plan_cache();
  return result;
}

Tensor leaf(const Shape& shape, std::int64_t seed) {
  return uniform(shape, {.from = -2, .to = 2, .dtype = Dtype::float64, .seed = seed}).detach();
}

// What there is an identity for, and a little that there is none for, on [3, 4].
Tensor chosen(int choice, const Tensor& a, const Tensor& b) {
  switch (choice) {
    case 0:
      return -a;
    case 1:
      return a + -b;
    case 2:
      return a - -b;
    case 3:
      return -(a - b);
    case 4:
      return a * -1.0;
    case 5:
      return -1.0 * a * (-b);
    case 6:
      return 0.0 - a;
    case 7:
      return (a - 0.0) * 1.0 / 1.0;
    case 8:
      return transpose(transpose(a));
    case 9:
      return reshape(reshape(a, {2, 6}), {3, 4});
    case 10:
      return flip(transpose(flip(transpose(b), {0})), {1});
    case 11:
      return sum(reshape(a, {3, 1, 4}), 1) + squeeze(expand(b, 0), 0);
    case 12:
      return -a / (2.5 + -tanh(b));
    case 13:
      return tanh(a) * reciprocal(3.0 + sin(b));
    case 14:
      return log(softmax(a)) * 0.1;
    case 15:
      return log(sigmoid(a)) * log(1.0 - sigmoid(b));
    case 16:
      return log(transpose(softmax(transpose(a)))) + sigmoid(b);
    case 17:
      return max(broadcast_to(slice(a, 0, 1, 2), {1, 4}), 0, true) + b;
    case 18:
      return sigmoid(a) / softmax(b) * softmax(b);
    default:
      return tanh(a * b);
  }
}

Tensor cost_of(const Tensors& leaves, const std::vector<std::uint16_t>& choices) {
  Tensors nodes = leaves;
  for (const std::uint16_t word : choices) {
    const std::size_t first = word / 20 % nodes.size(), second = word / 600 % nodes.size();
    nodes.push_back(chosen(word % 20, nodes[first], nodes[second]));
  }
  Tensor cost = 0.0;
  for (const Tensor& node : nodes) cost = cost + mean(tanh(node));
  return cost;
}

// The cost and its gradients.
std::vector<double> evaluated(const Tensors& leaves, const std::vector<std::uint16_t>& choices) {
  const Tensor cost = cost_of(leaves, choices);
  const Tensors slopes = gradients(cost, leaves, Missing::zeros);
  std::vector<double> values{cost.item()};
  for (const Tensor& gradient : slopes) {
    for (const double value : gradient.values()) values.push_back(value);
  }
  return values;
}

// Plans in which nothing was left out and nothing fused count every operation as a step.
Index steps(const Tensor& tensor) {
  return with_passes("simplify", [&] { return explain({tensor}).steps; });
}

}  // namespace

TEST_CASE("simplified and plain graphs agree, for random graphs full of identities") {
  const Tensors leaves{leaf({3, 4}, 1), leaf({3, 4}, 2)};
  CHECK(rc::check([&](const std::vector<std::uint16_t>& choices) {
    RC_PRE(choices.size() <= 16);
    const auto plain = with_passes("", [&] { return evaluated(leaves, choices); });
    for (const char* passes : {"simplify", "all"}) {
      const auto simplified = with_passes(passes, [&] { return evaluated(leaves, choices); });
      RC_ASSERT(plain.size() == simplified.size());
      for (std::size_t i = 0; i < plain.size(); ++i)
        RC_ASSERT(std::abs(plain[i] - simplified[i]) <= 1e-11 * (1 + std::abs(plain[i])));
    }
  }));
}

TEST_CASE("negations cancel, and join sums, differences and products") {
  const Tensor a = leaf({3, 4}, 1), b = leaf({3, 4}, 2);
  CHECK(steps(sin(-(-a))) == 1);
  CHECK(steps(a + -b) == 1);
  CHECK(steps(-a + b) == 1);
  CHECK(steps(a - -b) == 1);
  CHECK(steps(-(a - b)) == 1);
  CHECK(steps(-a * -b) == 1);
  CHECK(steps(a + -1.0 * b) == 1);
  CHECK(steps(a + -b / a) == 2);
}

TEST_CASE("identities of signs keep every bit of what is not zero") {
  const Tensor a = leaf({50}, 1), b = leaf({50}, 2);
  const auto values = [&](const char* passes) {
    return with_passes(passes, [&] {
      return concatenate({a + -b, -(a - b), -a * b, a / -b, a * -1.0, 0.0 - b}).values();
    });
  };
  CHECK(values("") == values("simplify"));
}

TEST_CASE("a negation of something smaller stays where it is cheap") {
  const Tensor column = leaf({3, 1}, 1), b = leaf({3, 4}, 2);
  CHECK(steps(-column * b) == 2);
  CHECK(with_passes("simplify", [&] { return explain({-column * b}).text(); }).find("negate") != std::string::npos);
}

TEST_CASE("movements that lead back cost nothing, and two ways to one place are one") {
  const Tensor a = leaf({3, 4}, 1);
  CHECK(steps(sin(transpose(transpose(a)))) == 1);
  CHECK(steps(sin(reshape(reshape(a, {12}), {3, 4}))) == 1);
  CHECK(steps(sin(flip(flip(a, {0}), {0}))) == 1);
  CHECK(steps(sin(broadcast_to(a, {3, 4}))) == 1);
  // Equal places after unequal movements.
  CHECK(
      steps(cumulative_sum(flip(flip(flip(a, {0}), {1}), {0}), 0) * cumulative_sum(flip(a, {1}), 0)) ==
      steps(cumulative_sum(flip(a, {1}), 0) * 2.5));
}

TEST_CASE("a movement that is not undone stays") {
  const Tensor a = leaf({4, 4}, 1);
  const auto values = [&](const char* passes) {
    return with_passes(passes, [&] {
      return concatenate({transpose(a), permute(a, {0, 1}), flip(transpose(a), {0}), transpose(flip(a, {0}))}).values();
    });
  };
  CHECK(values("") == values("simplify"));
}

TEST_CASE("a reduction of single entries is no step") {
  const Tensor a = leaf({1, 4}, 1);
  CHECK(steps(sin(sum(a, 0))) == 1);
  CHECK(steps(sin(max(a, 0, true))) == 1);
  CHECK(sum(a, 0).values() == a.values());
  CHECK(sum(leaf({0, 4}, 1), 0).values() == std::vector<double>(4, 0.0));
}

TEST_CASE("a value that turns out to be a leaf is still a value of its own") {
  const Tensor a = leaf({3, 4}, 1);
  const Tensor same = -(-a), moved = transpose(transpose(a));
  evaluate({same, moved});
  CHECK(same.values() == a.values());
  CHECK(moved.values() == a.values());
}

TEST_CASE("a parameter may become what its old value is rewritten to") {
  const Parameter w(leaf({3, 4}, 1));
  const auto before = w.values();
  assign({{w, -(-w.tensor())}});
  CHECK(w.values() == before);
  assign({{w, transpose(transpose(w.tensor())) + 1.0}});
  CHECK(w.values()[0] == before[0] + 1.0);
}

TEST_CASE("the logarithm of a softmax or sigmoid is finite where these are rounded to 0 or 1") {
  const Tensor z = tensor<float>({-2000, 0, 2000, 3}, {1, 4});
  CHECK(log(softmax(z)).values() == log_softmax(z).values());
  CHECK(log(softmax(transpose(z), 0)).values() == log_softmax(z).values());
  CHECK(log(slice(softmax(z), 1, 0, 1)).item() == -4000);
  CHECK(log(sigmoid(z)).values()[0] == -2000);
  CHECK(log(1.0 - sigmoid(z)).values()[2] == -2000);
}

TEST_CASE("so is the gradient of a cost made of them") {
  const Tensor z = tensor<float>({-2000, 0, 2000, 3}, {1, 4}), y = tensor<float>({0, 0, 0, 1}, {1, 4});
  const auto gradient = [&](const Tensor& cost) { return gradients(cost, {z})[0].values(); };
  CHECK(gradient(-sum(y * log(softmax(z)))) == std::vector<double>{0, 0, 1, -1});

  const Tensor a = sigmoid(z);
  const auto found = gradient(-sum(y * log(a) + (1.0 - y) * log(1.0 - a)));
  const auto expected = (sigmoid(z) - y).values();
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-6));
}

TEST_CASE("a quotient by something that may really be 0 does not cancel") {
  const Tensor x = tensor<float>({0, 2}), y = tensor<float>({3, 5});
  CHECK(std::isnan((y / x * x).values()[0]));
}
