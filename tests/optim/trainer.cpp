#include <gradus/optim/trainer.h>

#include <cmath>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

struct Classifier {
  Parameter w1{initializers::book_new({2, 8}, {.dtype = Dtype::float64, .seed = 1}), "w1"};
  Parameter b1{zeros({8}, Dtype::float64), "b1"};
  Parameter w2{initializers::book_new({8, 2}, {.dtype = Dtype::float64, .seed = 2}), "w2"};
  Parameter b2{zeros({2}, Dtype::float64), "b2"};

  Parameters parameters() const { return {w1, b1, w2, b2}; }
  Tensor logits(const Tensor& points) const {
    return matmul(tanh(matmul(cast(points, Dtype::float64), w1) + b1), w2) + b2;
  }
  Objective objective() const {
    return {
        .cost = [*this](
                    const Tensor& points,
                    const Tensor& labels) { return log_likelihood_with_logits(logits(points), labels); },
        .right = [*this](
                     const Tensor& points,
                     const Tensor& labels) { return count_nonzero(equal(argmax(logits(points), 1), labels)); }};
  }
  std::vector<double> values() const {
    std::vector<double> all;
    for (const Parameter& parameter : parameters()) {
      const auto some = parameter.values();
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
};

const std::vector<Curve> all_curves{
    Curve::training_cost, Curve::training_accuracy, Curve::evaluation_cost, Curve::evaluation_accuracy};

datasets::Dataset training_set() {
  return datasets::two_moons(60, 0.1, 1);
}
datasets::Dataset evaluation_set() {
  return datasets::two_moons(25, 0.3, 2);
}

}  // namespace

TEST_CASE("a trainer takes the steps of the loop written out") {
  const Classifier trained, by_hand;
  Sgd first(trained.parameters(), {.learning_rate = 0.5}), second(by_hand.parameters(), {.learning_rate = 0.5});
  Trainer(first, trained.objective(), {.epochs = 3, .batch_size = 7, .seed = 11}).train(training_set());
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (const auto& [points, labels] : training_set().batches({.size = 7, .seed = 11 + epoch})) {
      second.step(by_hand.objective().cost(points, labels));
    }
  }
  CHECK(trained.values() == by_hand.values());
  CHECK(first.steps() == 27);
}

TEST_CASE("the four curves are costs and accuracies over whole sets, however they are cut") {
  for (const Index cut : {1000, 7}) {
    const Classifier network;
    Sgd optimizer(network.parameters(), {.learning_rate = 0.5});
    Trainer trainer(optimizer, network.objective(), {.epochs = 1, .watch = all_curves, .watched_batch_size = cut});
    const Epoch epoch = trainer.train(training_set(), evaluation_set()).epochs.at(0);
    const auto check = [&](const datasets::Dataset& set, Curve cost, Curve accuracy) {
      const Tensor points = set.features(), labels = set.labels();
      const Objective objective = network.objective();
      CHECK(epoch.at(cost) == doctest::Approx(objective.cost(points, labels).item()).epsilon(1e-13));
      CHECK(epoch.at(accuracy) == objective.right(points, labels).item() / static_cast<double>(set.size()));
    };
    check(training_set(), Curve::training_cost, Curve::training_accuracy);
    check(evaluation_set(), Curve::evaluation_cost, Curve::evaluation_accuracy);
    CHECK(epoch.learning_rate == 0.5);
  }
}

TEST_CASE("watched costs carry the penalty of the weight decay over the n that is asked for") {
  const auto costs = [](PenaltyOver over) {
    const Classifier network;
    Sgd optimizer(
        network.parameters(), {.learning_rate = 0.5, .regularization = {.l2 = 3, .examples = training_set().size()}});
    Trainer trainer(optimizer, network.objective(), {.epochs = 1, .watch = all_curves, .penalty = over});
    const Epoch epoch = trainer.train(training_set(), evaluation_set()).epochs[0];
    const Tensor penalty = l2_penalty({network.w1, network.w2}, 3, 1);
    return std::vector<double>{*epoch.training_cost, *epoch.evaluation_cost, penalty.item()};
  };
  const auto each = costs(PenaltyOver::each_set), training = costs(PenaltyOver::training_set),
             nothing = costs(PenaltyOver::nothing);
  CHECK(each[0] - nothing[0] == doctest::Approx(each[2] / 60));
  CHECK(each[1] - nothing[1] == doctest::Approx(each[2] / 25));
  CHECK(training[0] == each[0]);
  CHECK(training[1] - nothing[1] == doctest::Approx(each[2] / 60));
}

TEST_CASE("what is watched may differ from what is descended") {
  const Classifier network;
  Sgd optimizer(network.parameters(), {.learning_rate = 0.5});
  Objective objective = network.objective();
  objective.watched_cost = [](const Tensor&, const Tensor& labels) { return mean(cast(labels, Dtype::float64)); };
  const auto history =
      Trainer(optimizer, objective, {.epochs = 2, .watch = {Curve::training_cost}}).train(training_set());
  CHECK(history.curve(Curve::training_cost) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("the best epoch's parameters come back") {
  // A rate that is far too large from the third epoch on.
  const Classifier network;
  Sgd optimizer(network.parameters(), {.learning_rate = [](Index step) { return step < 12 ? 0.5 : 200.0; }});
  std::vector<std::vector<double>> after;
  Trainer trainer(
      optimizer, network.objective(), {.epochs = 5, .keep_best = Curve::evaluation_cost, .on_epoch = [&](const Epoch&) {
                                         after.push_back(network.values());
                                       }});
  const auto history = trainer.train(training_set(), evaluation_set());
  const auto curve = history.curve(Curve::evaluation_cost);
  const auto best = static_cast<std::size_t>(std::min_element(curve.begin(), curve.end()) - curve.begin());
  REQUIRE(history.best_epoch);
  CHECK(*history.best_epoch == static_cast<Index>(best));
  CHECK(best < 4);
  CHECK(network.values() == after[best]);
  CHECK(network.values() != after.back());
}

TEST_CASE("without a best to keep, the last epoch's parameters stay") {
  const Classifier network;
  Sgd optimizer(network.parameters(), {.learning_rate = 0.5});
  std::vector<double> last;
  Trainer trainer(
      optimizer, network.objective(), {.epochs = 2, .on_epoch = [&](const Epoch&) { last = network.values(); }});
  CHECK(!trainer.train(training_set()).best_epoch);
  CHECK(network.values() == last);
}

TEST_CASE("a rule stops training after its epoch, and may move the learning rate") {
  const Classifier network;
  PlateauDecay decay({.learning_rate = 0.5, .epochs = 1, .stop_at = 0.2, .better = Better::lower});
  Sgd optimizer(network.parameters(), {.learning_rate = decay.learning_rate()});
  TrainerOptions options{.epochs = 50, .watch = {Curve::training_cost}};
  options.stop = [&](const Epoch&) {
    const bool stop = decay.stops_after(1.0);
    optimizer.set_learning_rate(decay.learning_rate());
    return stop;
  };
  const auto history = Trainer(optimizer, network.objective(), options).train(training_set());
  std::vector<double> rates;
  for (const Epoch& epoch : history.epochs) rates.push_back(epoch.learning_rate);
  CHECK(rates == std::vector<double>{0.5, 0.5, 0.25, 0.125});
  CHECK(history.stopped);
}

TEST_CASE("progress is told after every mini-batch, and a second call trains on") {
  const Classifier network;
  Sgd optimizer(network.parameters(), {.learning_rate = 0.5});
  std::vector<Index> told;
  Trainer trainer(
      optimizer, network.objective(), {.epochs = 2, .batch_size = 25, .on_step = [&](Index done, Index total) {
                                         told.push_back(done);
                                         CHECK(total == 6);
                                       }});
  CHECK(!trainer.train(training_set()).stopped);
  CHECK(told == std::vector<Index>{1, 2, 3, 4, 5, 6});
  const auto before = network.values();
  trainer.train(training_set());
  CHECK(network.values() != before);
  CHECK(optimizer.steps() == 12);
}

TEST_CASE("a seed gives the same bits on any number of threads") {
  const auto trained = [](int threads_used, std::int64_t seed) {
    const int before = threads();
    set_threads(threads_used);
    const Classifier network;
    Momentum optimizer(network.parameters(), {.learning_rate = 0.1, .regularization = {.l2 = 0.1, .examples = 60}});
    Trainer trainer(optimizer, network.objective(), {.epochs = 3, .seed = seed, .watch = {Curve::training_cost}});
    auto costs = trainer.train(training_set()).curve(Curve::training_cost);
    set_threads(before);
    return costs;
  };
  CHECK(trained(1, 5) == trained(4, 5));
  CHECK(trained(1, 5) != trained(1, 6));
}

TEST_CASE("anything that comes in mini-batches can be trained on") {
  // Batches that are made as they are asked for: the same points, turned by half a circle.
  struct Turned {
    datasets::Dataset set = training_set();
    Index size() const { return set.size(); }
    struct Options {
      Index size;
      std::int64_t seed;
      bool shuffle;
    };
    std::vector<std::pair<Tensor, Tensor>> batches(const Options& options) const {
      std::vector<std::pair<Tensor, Tensor>> all;
      for (const auto& [points, labels] :
           set.batches({.size = options.size, .seed = options.seed, .shuffle = options.shuffle})) {
        all.emplace_back(-points, labels);
      }
      return all;
    }
  };
  const Classifier network;
  Momentum optimizer(network.parameters(), {.learning_rate = 0.1});
  Trainer trainer(optimizer, network.objective(), {.epochs = 40, .watch = {Curve::training_accuracy}});
  CHECK(trainer.train(Turned{}).epochs.back().training_accuracy > 0.95);
}

TEST_CASE("a trainer says what it lacks") {
  const Classifier network;
  Sgd optimizer(network.parameters(), {.learning_rate = 0.5});
  const Objective cost_alone{.cost = network.objective().cost};
  CHECK_THROWS_WITH_AS(Trainer(optimizer, {}), doctest::Contains("cost"), ValueError);
  CHECK_THROWS_WITH_AS(
      Trainer(optimizer, cost_alone, {.keep_best = Curve::evaluation_accuracy}), doctest::Contains(".right"),
      ValueError);
  CHECK_THROWS_WITH_AS(Trainer(optimizer, cost_alone, {.epochs = 0}), doctest::Contains("epochs is 0"), ValueError);
  CHECK_THROWS_AS(Trainer(optimizer, cost_alone, {.batch_size = 0}), ValueError);
  CHECK_THROWS_AS(Trainer(optimizer, cost_alone, {.watched_batch_size = 0}), ValueError);
  Trainer trainer(optimizer, cost_alone, {.watch = {Curve::evaluation_cost}});
  CHECK_THROWS_WITH_AS(trainer.train(training_set()), doctest::Contains("second set"), ValueError);
  CHECK_THROWS_WITH_AS(trainer.train(datasets::Dataset()), doctest::Contains("no training examples"), ValueError);
  CHECK_THROWS_WITH_AS(Epoch().at(Curve::training_accuracy), doctest::Contains("training_accuracy"), ValueError);
  CHECK(optimizer.steps() == 0);
}
