// The same bits after an epoch, whatever the number of threads.

#include <doctest/doctest.h>

#include <gradus/datasets/sha256.h>
#include <gradus/gradus.h>

using namespace gradus;

namespace {

datasets::Dataset digits() {
  constexpr Index examples = 2000;
  const Tensor ink = uniform({examples, 784}, {.seed = 1});
  return datasets::Dataset::from(where(ink > 0.8, ink, 0.0), random_integers({examples}, 0, 10, {.seed = 2}));
}

/// 784-H-10 with sigmoids.
struct Network {
  Network(Index hidden, std::int64_t seed)
      : w1(normal({784, hidden}, {.deviation = 0.03, .seed = seed})),
        b1(zeros({hidden})),
        w2(normal({hidden, 10}, {.deviation = 0.1, .seed = seed + 1})),
        b2(zeros({10})) {}

  Tensor output(const Tensor& images, double dropped = 0, std::int64_t seed = 0) const {
    Tensor activation = sigmoid(matmul(images, w1) + b1);
    if (dropped > 0) activation = dropout(activation, dropped, {.seed = seed});
    return sigmoid(matmul(activation, w2) + b2);
  }

  Parameter w1, b1, w2, b2;
};

struct Run {
  std::size_t members = 1;
  Index hidden = 30, batch = 10;
  double dropped = 0;
};

struct Outcome {
  std::string sum;
  bool parallel = false;  ///< whether tasks ran at once
};

Outcome after_an_epoch(const Run& run, const datasets::Dataset& data, int count) {
  set_threads(count);
  clear_plan_cache();
  std::vector<Network> networks;
  Parameters parameters;
  for (std::size_t i = 0; i < run.members; ++i) {
    networks.emplace_back(run.hidden, static_cast<std::int64_t>(10 * i));
    parameters.insert(parameters.end(), {networks[i].w1, networks[i].b1, networks[i].w2, networks[i].b2});
  }
  Sgd optimizer(parameters, {.learning_rate = 3.0});
  Outcome outcome;
  std::int64_t step = 0;
  for (auto [images, labels] : data.batches({.size = run.batch, .seed = 5})) {
    Tensor cost = 0.0F;
    for (const Network& network : networks)
      cost += quadratic_cost(network.output(images, run.dropped, ++step), one_hot(labels, 10));
    if (step == static_cast<std::int64_t>(run.members)) {
      Tensors wanted = gradients(cost, {parameters.begin(), parameters.end()});
      wanted.push_back(cost);
      outcome.parallel = explain(wanted).parallel;
    }
    optimizer.step(cost);
  }
  set_threads(0);
  datasets::Sha256 sum;
  for (const Parameter& parameter : parameters) {
    const auto values = parameter.tensor().values<float>();
    sum.add({reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)});
  }
  outcome.sum = sum.digits();
  return outcome;
}

void check_all_threads(const Run& run, bool parallel) {
  const datasets::Dataset data = digits();
  const Outcome serial = after_an_epoch(run, data, 1);
  CHECK(serial.parallel == parallel);
  for (const int count : {2, 3, 7}) {
    CAPTURE(count);
    CHECK(after_an_epoch(run, data, count).sum == serial.sum);
  }
  // The sum tells networks apart.
  Run other = run;
  other.hidden += 1;
  CHECK(after_an_epoch(other, data, 1).sum != serial.sum);
}

}  // namespace

TEST_CASE("weights of chapter 1's network are the same for 1, 2, 3 and 7 threads") {
  check_all_threads({}, false);
}

TEST_CASE("weights of a network whose products are split are the same for 1, 2, 3 and 7 threads") {
  check_all_threads({.hidden = 200, .batch = 500}, false);
}

TEST_CASE("weights of an ensemble are the same for 1, 2, 3 and 7 threads") {
  check_all_threads({.members = 6, .hidden = 60, .batch = 40}, true);
}

TEST_CASE("weights of a network with dropout are the same for 1, 2, 3 and 7 threads") {
  check_all_threads({.members = 4, .hidden = 100, .batch = 100, .dropped = 0.5}, true);
}
