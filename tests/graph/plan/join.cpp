#include <algorithm>
#include <functional>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

#include "planned.h"

using namespace gradus;

namespace {

std::vector<const plan::DraftVertex*> steps_of(const plan::Draft& draft) {
  std::vector<const plan::DraftVertex*> steps;
  for (const plan::VertexId v : draft.order) {
    if (draft[v].is_step()) steps.push_back(&draft[v]);
  }
  return steps;
}

Tensor values(const Shape& shape, int seed) {
  return uniform(shape, {.from = -1, .to = 1, .seed = seed}).detach();
}

// 784-30-10 with sigmoids and a quadratic cost.
struct Network {
  std::vector<Parameter> parameters{
      Parameter(values({784, 30}, 1)), Parameter(values({30}, 2)), Parameter(values({30, 10}, 3)),
      Parameter(values({10}, 4))};
  Tensor images = values({10, 784}, 5), targets = values({10, 10}, 6);

  Tensor cost(const Tensors& p) const {
    const Tensor hidden = sigmoid(matmul(images, p[0]) + p[1]);
    return quadratic_cost(sigmoid(matmul(hidden, p[2]) + p[3]), targets);
  }
  Tensors tensors() const {
    Tensors tensors;
    for (const Parameter& parameter : parameters) tensors.push_back(parameter.tensor());
    return tensors;
  }
};

// Results of a graph with some passes, in one list.
std::vector<float> with_passes(const char* passes, const std::function<Tensors()>& build) {
  plan::set_passes(passes);
  clear_plan_cache();
  const Tensors wanted = build();
  evaluate(wanted);
  plan::set_passes("all");
  std::vector<float> all;
  for (const Tensor& tensor : wanted) {
    const auto some = tensor.values<float>();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace

TEST_CASE("a training step of two layers is nine steps at most, and its products move the weights themselves") {
  const Network network;
  std::vector<Assignment> assignments;
  Tensor cost;
  {
    const Tensors p = network.tensors();
    cost = network.cost(p);
    const Tensors slopes = gradients(cost, p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      assignments.push_back({network.parameters[i], p[i] - variable_number(0.5, Dtype::float32) * slopes[i]});
    }
  }
  const plan::Draft draft = tests::planned(assignments, {cost});
  const auto steps = steps_of(draft);
  CHECK(steps.size() <= 9);
  CHECK(
      std::count_if(steps.begin(), steps.end(), [](const auto* step) { return step->accumulation.has_value(); }) == 2);
  const auto in_place = [](const auto* step) { return step->storage == plan::Storage::parameter; };
  CHECK(std::count_if(steps.begin(), steps.end(), in_place) == 4);
}

TEST_CASE("with momentum, one step makes a gradient and moves both the velocity and the parameter") {
  const Network network;
  std::vector<Parameter> velocities;
  for (const Tensor& tensor : network.tensors()) velocities.emplace_back(tensor * 0.0);
  std::vector<Assignment> assignments;
  Tensor cost;
  {
    const Tensors p = network.tensors();
    cost = network.cost(p);
    const Tensors slopes = gradients(cost, p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      const Tensor velocity = 0.9 * velocities[i].tensor() + slopes[i];
      assignments.push_back({network.parameters[i], p[i] - 0.5 * velocity});
      assignments.push_back({velocities[i], velocity});
    }
  }
  const plan::Draft draft = tests::planned(assignments, {cost});
  CHECK(steps_of(draft).size() <= 9);
  for (const auto& assignment : draft.assignments) {
    CHECK(draft[assignment.writer].storage == plan::Storage::parameter);
    CHECK_FALSE(draft[assignment.writer].is_copy());
  }
}

TEST_CASE("a product, its bias and its activation are one step, which keeps what lies between if somebody holds it") {
  const Tensor x = values({10, 20}, 1), w = values({20, 30}, 2), b = values({30}, 3);
  const Tensor z = matmul(x, w) + b;
  const Tensor y = tanh(z);
  CHECK(explain({y}).steps == 1);
  evaluate({y});
  CHECK(z.evaluated());
  CHECK(y.values<float>() == tanh(z.detach()).values<float>());
}

TEST_CASE("work behind a kernel of many parts gives the same bits as work after it") {
  const auto build = [] {
    const Tensor x = values({700, 300}, 1), w = values({300, 500}, 2), b = values({500}, 3);
    const Tensor z = matmul(x, w) + b;
    const Tensor wide = tanh(matmul(values({9, 700}, 4), values({700, 3000}, 5)) * values({9, 3000}, 6));
    return Tensors{tanh(z) * 0.5, z, wide};
  };
  CHECK(with_passes("simplify,fuse,side_values,epilogue", build) == with_passes("simplify", build));
}

TEST_CASE("a reduction of elementwise work is one step and gives the same bits") {
  const Tensor a = values({40, 70}, 1), b = values({70}, 2), cube = values({5, 6, 7}, 3);
  CHECK(explain({sum(square(a - b))}).steps == 1);
  CHECK(explain({sum(square(a - b), 0) * 0.5}).steps == 1);
  const auto build = [&] {
    Tensors results;
    for (const Axes& axes : {Axes{}, Axes{0}, Axes{1}}) {
      results.push_back(sum(square(a - b), axes));
      results.push_back(norm(tanh(a) + b, axes));
      results.push_back(max(a * b, axes));
    }
    for (const Axes& axes : {Axes{0}, Axes{1}, Axes{2}, Axes{0, 2}, Axes{0, 1}})
      results.push_back(sum(exp(cube), axes));
    results.push_back(sum(square(values({3000, 3}, 4) - 0.5), 0));
    results.push_back(sum(square(values({3000, 300}, 4) - 0.5), 0));
    results.push_back(sum(transpose(a) * 2.0, 0));
    return results;
  };
  CHECK(with_passes("simplify,fuse,prologue,epilogue", build) == with_passes("simplify", build));
}

TEST_CASE("a reduction leaves work alone whose values somebody else reads") {
  const Tensor a = values({40, 70}, 1);
  const Tensor squares = square(a);
  const Tensor total = sum(squares);
  evaluate({total});
  CHECK(squares.evaluated());
  CHECK(squares.values<float>() == square(a).values<float>());
}

TEST_CASE("an operation that depends on another reader's result stays a step of its own") {
  const Tensor a = values({30, 30}, 1);
  const Tensor s = tanh(a * 2.0);
  const Tensor far = s - cumulative_sum(s, 0);
  CHECK(explain({far}).steps == 2);
  CHECK(explain({s * 2.0 + transpose(s)}).steps == 2);
  const auto build = [&] {
    const Tensor t = tanh(a * 2.0);
    return Tensors{t * 2.0 + transpose(t), t - cumulative_sum(t, 0)};
  };
  CHECK(with_passes("all", build) == with_passes("", build));
}

TEST_CASE("a product accumulates over a parameter that it does not read, and over a copy of one that it does") {
  const auto moved = [](bool reads_itself, const char* passes) {
    plan::set_passes(passes);
    clear_plan_cache();
    Parameter w(values({20, 20}, 1));
    const Tensor x = values({20, 20}, 2);
    std::vector<Assignment> assignments;
    {
      const Tensor old = w.tensor();
      assignments.push_back({w, old - 0.5 * matmul(x, reads_itself ? old : x)});
    }
    assign(assignments);
    plan::set_passes("all");
    return w.tensor().values();
  };
  for (const bool reads_itself : {false, true}) {
    const auto plain = moved(reads_itself, ""), accumulated = moved(reads_itself, "all");
    REQUIRE(plain.size() == accumulated.size());
    for (std::size_t i = 0; i < plain.size(); ++i) {
      CHECK(accumulated[i] == doctest::Approx(plain[i]).epsilon(1e-5));
    }
  }
}

TEST_CASE("a weight that decays is scaled by the product that moves it") {
  // In one part, in several, in float64, and as filters of a convolution.
  const auto product = [](const Tensor& x, const Tensor& w) { return sum(matmul(x, w)); };
  const auto convolution = [](const Tensor& x, const Tensor& w) { return sum(square(conv2d(x, w))); };
  struct Case {
    Tensor (*cost)(const Tensor& x, const Tensor& w);
    Shape x, w;
    Dtype dtype;
  };
  for (const Case& c :
       {Case{product, {6, 20}, {20, 30}, Dtype::float32}, Case{product, {10, 640}, {640, 1000}, Dtype::float32},
        Case{product, {6, 20}, {20, 30}, Dtype::float64},
        Case{convolution, {2, 9, 6, 6}, {20, 9, 3, 3}, Dtype::float32},
        Case{convolution, {2, 3, 6, 6}, {4, 3, 3, 3}, Dtype::float32},
        Case{convolution, {2, 3, 6, 6}, {4, 3, 3, 3}, Dtype::float64}}) {
    const Tensor x = cast(values(c.x, 1), c.dtype).detach();
    const auto moved = [&](const char* passes, Index accumulating) {
      plan::set_passes(passes);
      clear_plan_cache();
      Parameter w(cast(values(c.w, 2), c.dtype));
      std::vector<Assignment> assignments;
      {
        const Tensor old = w.tensor(), rate = variable_number(0.5, c.dtype), kept = variable_number(0.9, c.dtype);
        assignments.push_back({w, kept * old - rate * gradients(c.cost(x, old), {old})[0]});
      }
      const plan::Draft draft = tests::planned(assignments, {});
      const auto steps = steps_of(draft);
      CHECK(std::count_if(steps.begin(), steps.end(), [](const auto* step) {
              return step->accumulation && step->accumulation->addend_factors == 1;
            }) == accumulating);
      assign(assignments);
      plan::set_passes("all");
      return w.tensor().values();
    };
    const auto plain = moved("", 0), accumulated = moved("all", 1);
    REQUIRE(plain.size() == accumulated.size());
    double most = 0;
    for (std::size_t i = 0; i < plain.size(); ++i) most = std::max(most, std::abs(accumulated[i] - plain[i]));
    CHECK(most < (c.dtype == Dtype::float64 ? 1e-12 : 1e-3));
  }
}

TEST_CASE("a product of many parts accumulates over a value that is read again") {
  const Tensor x = values({400, 300}, 1), w = values({300, 400}, 2), d = values({400, 400}, 3);
  const auto build = [&] {
    const Tensor base = cumulative_sum(d, 0);
    return Tensors{base + (-2.0) * matmul(x, w), cumulative_sum(base, 1)};
  };
  const auto plain = with_passes("", build), accumulated = with_passes("all", build);
  REQUIRE(plain.size() == accumulated.size());
  for (std::size_t i = 0; i < plain.size(); i += 97) {
    CHECK(accumulated[i] == doctest::Approx(plain[i]).epsilon(1e-4));
  }
}
