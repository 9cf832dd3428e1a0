#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>
#include <gradus/graph/plan/plan.h>

using namespace gradus;

namespace {

// A random graph over some leaves: each node is an operation on earlier ones, all [3, 4].
Tensor random_graph(const Tensors& leaves, const std::vector<std::tuple<int, int, int>>& choices) {
  Tensors nodes = leaves;
  for (const auto& [operation, first, second] : choices) {
    const Tensor& a = nodes[static_cast<std::size_t>(first) % nodes.size()];
    const Tensor& b = nodes[static_cast<std::size_t>(second) % nodes.size()];
    switch (operation % 15) {
      case 0:
        nodes.push_back(a + b);
        break;
      case 1:
        nodes.push_back(a * b);
        break;
      case 2:
        nodes.push_back(a - b * 1.0);
        break;
      case 3:
        nodes.push_back(tanh(a));
        break;
      case 4:
        nodes.push_back(sigmoid(a) + 0.0);
        break;
      case 5:
        nodes.push_back(transpose(reshape(a, {4, 3})) * b);
        break;
      case 6:
        nodes.push_back(a - mean(b, -1, true));
        break;
      case 7:
        nodes.push_back(tanh(matmul(matmul(a, transpose(b)), a)));
        break;
      case 8:
        nodes.push_back(concatenate({slice(a, 1, 0, 2), slice(b, 1, 2, 4)}, 1));
        break;
      case 9:
        nodes.push_back(sigmoid(matmul(slice(a, 1, 0, 3), b) + slice(b, 0, 1, 2)));
        break;
      case 10:
        nodes.push_back(a * sum(square(a - b), 0));
        break;
      case 11:
        nodes.push_back(b - sum(tanh(a) * b, -1, true) * 0.5);
        break;
      case 12:
        nodes.push_back(a + matmul(slice(b, 1, 1, 4), a) * 0.25);
        break;
      case 13:
        nodes.push_back(b - mean(exp(a - max(a, 0))) * matmul(slice(a, 1, 1, 4), b));
        break;
      default:
        nodes.push_back(flip(a, {1}) + slice(b, 0, 0, 1));
        break;
    }
  }
  Tensor result = nodes.back();
  for (std::size_t i = nodes.size() - 1; i-- > leaves.size();) result = result + sin(nodes[i]);
  return mean(square(result));
}

std::vector<std::tuple<int, int, int>> choices_of(const std::vector<std::uint16_t>& bits) {
  std::vector<std::tuple<int, int, int>> choices;
  for (const std::uint16_t word : bits) choices.emplace_back(word % 97, word / 97 % 31, word / 311);
  return choices;
}

Tensors leaves() {
  Tensors leaves;
  for (int i = 0; i < 3; ++i) {
    leaves.push_back(uniform({3, 4}, {.from = -1, .to = 1, .dtype = Dtype::float64, .seed = i}).detach());
  }
  return leaves;
}

std::vector<double> values_of(const Tensors& tensors) {
  std::vector<double> values;
  for (const Tensor& tensor : tensors) {
    for (const double value : tensor.values()) values.push_back(value);
  }
  return values;
}

// The cost and its gradients, with a fresh plan.
std::vector<double> run(
    const std::vector<std::tuple<int, int, int>>& choices, const std::string& passes, int thread_count) {
  plan::set_passes(passes);
  clear_plan_cache();
  set_threads(thread_count);
  const Tensors inputs = leaves();
  const Tensor cost = random_graph(inputs, choices);
  Tensors wanted = gradients(cost, inputs, Missing::zeros);
  wanted.push_back(cost);
  evaluate(wanted);
  plan::set_passes("all");
  set_threads(0);
  return values_of(wanted);
}

// A cost of parameters, which then move: by momentum or against the gradient, with decay or without, as the bits of
// `rules` say. Parameters that are updated from each other's values are among them.
std::vector<double> train(
    const std::vector<std::tuple<int, int, int>>& choices, unsigned rules, const std::string& passes,
    int thread_count) {
  plan::set_passes(passes);
  clear_plan_cache();
  set_threads(thread_count);
  std::vector<Parameter> parameters, velocities;
  for (const Tensor& leaf : leaves()) {
    parameters.emplace_back(leaf);
    velocities.emplace_back(leaf * 0.5);
  }
  Tensor cost;
  for (int step = 0; step < 2; ++step) {
    std::vector<Assignment> assignments;
    {
      Tensors values;
      for (const Parameter& parameter : parameters) values.push_back(parameter.tensor());
      cost = random_graph(values, choices);
      const Tensors slopes = gradients(cost, values, Missing::zeros);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const unsigned rule = rules >> 2 * i & 3;
        const Tensor& w = values[i];
        if (rule == 0) assignments.push_back({parameters[i], w - 0.125 * slopes[i]});
        if (rule == 1) assignments.push_back({parameters[i], w * 0.75 - 0.125 * slopes[i]});
        if (rule == 2) assignments.push_back({parameters[i], values[(i + 1) % values.size()] + slopes[i] * 0.125});
        if (rule == 3) {
          const Tensor velocity = 0.9 * velocities[i].tensor() + slopes[i];
          assignments.push_back({velocities[i], velocity});
          assignments.push_back({parameters[i], w - 0.125 * velocity});
        }
      }
    }
    assign(assignments, {cost});
  }
  plan::set_passes("all");
  set_threads(0);
  Tensors moved{cost};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    moved.push_back(parameters[i].tensor());
    moved.push_back(velocities[i].tensor());
  }
  return values_of(moved);
}

// Each pass alone and with those that it builds on.
constexpr const char* sets_of_passes[] = {
    "all",
    "simplify",
    "sum_calls",
    "simplify,sum_calls",
    "fuse",
    "prologue",
    "side_values",
    "epilogue",
    "epilogue,accumulate",
    "fuse,prologue",
    "fuse,side_values",
    "fuse,epilogue",
    "simplify,fuse,side_values,epilogue",
    "fuse,prologue,epilogue,accumulate",
    "fuse,prologue,side_values,epilogue"};

bool close(const std::vector<double>& a, const std::vector<double>& b, double tolerance = 1e-12) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) <= tolerance * (1 + std::abs(a[i])))) return false;
  }
  return true;
}

// The sine of what is too large is anything.
bool is_moderate(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return std::abs(value) < 1000; });
}

}  // namespace

TEST_CASE("every set of passes gives what the plain plan gives, for random graphs") {
  CHECK(rc::check([](const std::vector<std::uint16_t>& bits) {
    RC_PRE(bits.size() <= 25);
    const auto choices = choices_of(bits);
    const auto plain = run(choices, "", 1);
    RC_PRE(is_moderate(plain));
    for (const char* passes : sets_of_passes) RC_ASSERT(close(plain, run(choices, passes, 1)));
  }));
}

TEST_CASE("every set of passes moves parameters as the plain plan does, for random graphs") {
  CHECK(rc::check([](const std::vector<std::uint16_t>& bits, unsigned rules) {
    RC_PRE(bits.size() <= 12);
    const auto choices = choices_of(bits);
    const auto plain = train(choices, rules, "", 1);
    RC_PRE(is_moderate(plain));
    for (const char* passes : sets_of_passes) {
      // The second step enlarges what another order of additions changed in the first.
      RC_ASSERT(close(plain, train(choices, rules, passes, 1), 1e-9));
    }
    RC_ASSERT(train(choices, rules, "all", 1) == train(choices, rules, "all", 3));
  }));
}

TEST_CASE(
    "a product of a parameter is taken before the parameter is written over, even if it is added to something later") {
  const auto choices = choices_of({7, 97, 113});
  CHECK(close(train(choices, 0, "", 1), train(choices, 0, "side_values", 1)));
}

TEST_CASE("one thread and many give the same bits, for random graphs") {
  CHECK(rc::check([](const std::vector<std::uint16_t>& bits) {
    RC_PRE(bits.size() <= 25);
    const auto choices = choices_of(bits);
    const auto serial = run(choices, "all", 1);
    for (const int count : {2, 3, 7}) RC_ASSERT(serial == run(choices, "all", count));
  }));
}

TEST_CASE("gradients of random graphs match numerical ones") {
  CHECK(rc::check([](const std::vector<std::uint16_t>& bits) {
    RC_PRE(bits.size() <= 6);
    const auto choices = choices_of(bits);
    const auto result = gradient_check(
        [&](const Tensors& inputs) { return random_graph(inputs, choices); }, leaves(),
        {.order = 1, .directions = true, .direction_count = 2, .tolerance = 1e-5});
    RC_LOG(result.message);
    RC_ASSERT(result.passed);
  }));
}

TEST_CASE("equal expressions are computed once, and neutral elements not at all") {
  const Tensor x = tensor<float>({1, 2, 3});
  const Explanation twice = explain({cumulative_sum(x, 0) + cumulative_sum(x, 0)});
  CHECK(twice.steps == 1);
  const Explanation neutral = explain({sin(x * 1.0 + 0.0)});
  CHECK(neutral.steps == 1);
}

TEST_CASE("a chain of elementwise operations is one step, whoever else reads what lies between") {
  const Tensor x = uniform({10, 30}, {.seed = 1}).detach(), bias = uniform({30}, {.seed = 2}).detach();
  CHECK(explain({tanh((x + bias) * x) - 0.5}).steps == 1);
  const Tensor between = x + bias;
  CHECK(explain({tanh(between) * 2.0}).steps == 1);
  evaluate({tanh(between) * 2.0});
  CHECK(between.values<float>() == (x + bias).values<float>());
}

TEST_CASE("fused and unfused chains give the same bits") {
  const auto values = [](const char* passes) {
    plan::set_passes(passes);
    clear_plan_cache();
    const Tensor x = uniform({37, 29}, {.from = -3, .to = 3, .seed = 1}).detach();
    const Tensor bias = uniform({29}, {.seed = 2}).detach(), column = uniform({37, 1}, {.seed = 3}).detach();
    const auto result =
        where(x > 0.0, sigmoid(x + bias) * column, exp(x - column) / (1.0 + square(transpose(transpose(x) * 2.0))));
    auto found = result.values<float>();
    plan::set_passes("all");
    return found;
  };
  CHECK(values("simplify,fuse") == values("simplify"));
  CHECK(values("simplify,fuse,side_values") == values("simplify"));
}

TEST_CASE("a plan made for -0, which is no neutral element, serves other numbers") {
  const Tensor x = tensor<float>({1, 2, 3});
  clear_plan_cache();
  CHECK((x + (-0.0)).values() == std::vector<double>{1, 2, 3});
  CHECK((x + 2.5).values() == std::vector<double>{3.5, 4.5, 5.5});
}

TEST_CASE("a graph with other numbers needs no new plan, one with other attributes does") {
  const Tensor x = tensor<float>({1, 2, 3});
  (x * 3.25).values();
  const Index misses = plan_cache_statistics().misses;
  (x * 7.5).values();
  CHECK(plan_cache_statistics().misses == misses);
  sum(x * 2.0, 0, true).values();
  sum(x * 2.0, 0, false).values();
  CHECK(plan_cache_statistics().misses == misses + 2);
}

TEST_CASE("transposes, slices and broadcasts cost no step where their reader takes them") {
  const Tensor a = ones({4, 3}).detach(), b = ones({4, 5}).detach();
  CHECK(explain({matmul(transpose(a), b)}).steps == 1);
  CHECK(explain({tanh(slice(transpose(a), 0, 1, 3))}).steps == 1);
}

TEST_CASE("a pass that there is not is refused, with those that there are") {
  CHECK_THROWS_WITH_AS(plan::set_passes("fuse,fuze"), doctest::Contains("'fuze'"), ValueError);
  CHECK_THROWS_WITH_AS(plan::set_passes("schedule"), doctest::Contains("simplify, sum_calls"), ValueError);
  CHECK_NOTHROW(plan::set_passes("fuse,arrange"));
  plan::set_passes("all");
}
