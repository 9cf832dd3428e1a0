#include <gradus/optim/checkpoint.h>

#include <bit>
#include <cmath>
#include <filesystem>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>

#include "datasets/files.h"

using namespace gradus;
using namespace gradus::tests;

namespace {

const Index epochs = 12;

/// A network with dropout, trained with momentum and a learning rate that falls on plateaus: everything that has a
/// state.
struct Training {
  FeedForward network{{2, 16, 2}, {.initializer = initializers::book_new}};
  Momentum optimizer{network.parameters(), {.learning_rate = 0.3, .regularization = {.l2 = 0.01, .examples = 60}}};
  PlateauDecay decay{{.learning_rate = 0.3, .epochs = 1, .factor = 0.7, .stop_at = 1e-6, .better = Better::lower}};
  std::vector<Epoch> restored = {};

  Objective objective() const {
    const auto logits = [net = network](const Tensor& points, double probability) {
      const Tensor hidden = sigmoid(matmul(points, net.weights()[0]) + net.biases()[0]);
      return matmul(dropout(hidden, probability), net.weights()[1]) + net.biases()[1];
    };
    return {
        .cost = [=](const Tensor& points,
                    const Tensor& labels) { return log_likelihood_with_logits(logits(points, 0.5), labels); },
        .watched_cost = [=](const Tensor& points,
                            const Tensor& labels) { return log_likelihood_with_logits(logits(points, 0), labels); }};
  }

  /// As if the program were killed after so many epochs.
  TrainingHistory train(const CheckpointOptions& checkpoint, Index until = epochs) {
    struct Killed {};
    TrainerOptions options{
        .epochs = epochs,
        .batch_size = 7,
        .seed = 5,
        .watch = {Curve::training_cost},
        .keep_best = Curve::evaluation_cost,
        .checkpoint = checkpoint};
    options.stop = [&](const Epoch& epoch) {
      const bool stop = decay.stops_after(epoch.at(Curve::evaluation_cost));
      optimizer.set_learning_rate(decay.learning_rate());
      return stop;
    };
    options.on_restored_epoch = [&](const Epoch& epoch) { restored.push_back(epoch); };
    options.on_step = [&](Index step, Index total) {
      // In the middle of an epoch.
      if (until < epochs && step == until * (total / epochs) + 4) throw Killed();
    };
    try {
      Trainer trainer(optimizer, objective(), options);
      return trainer.train(datasets::two_moons(60, 0.1, 1), datasets::two_moons(25, 0.3, 2));
    } catch (const Killed&) {
      return {};
    }
  }

  std::vector<std::vector<float>> values() const {
    std::vector<std::vector<float>> all;
    for (const Parameter& parameter : network.parameters()) all.push_back(parameter.values<float>());
    for (Index i = 0; i < 4; ++i) all.push_back(optimizer.states(i)[0].values<float>());
    return all;
  }
};

void check_equal(const TrainingHistory& a, const TrainingHistory& b) {
  CHECK(a.curve(Curve::training_cost) == b.curve(Curve::training_cost));
  CHECK(a.curve(Curve::evaluation_cost) == b.curve(Curve::evaluation_cost));
  CHECK(a.best_epoch == b.best_epoch);
  CHECK(a.stopped == b.stopped);
  for (std::size_t i = 0; i < a.epochs.size(); ++i) CHECK(a.epochs[i].learning_rate == b.epochs[i].learning_rate);
}

}  // namespace

TEST_CASE("a training that is killed again and again ends with the bits of one that nobody disturbed") {
  const TemporaryFolder folder;
  const std::string file = folder / "run.safetensors";
  seed(3);
  Training undisturbed;
  const TrainingHistory expected = undisturbed.train({.file = folder / "undisturbed.safetensors"});
  const auto next_draws = uniform({5}).values<float>();
  CHECK(expected.epochs.front().learning_rate > expected.epochs.back().learning_rate);
  CHECK(*expected.best_epoch < epochs - 1);
  const int threads_before = threads();
  for (const Index until : {Index(0), Index(1), Index(5), Index(6), epochs}) {
    set_threads(1 + static_cast<int>(until) % 3);
    // A program starts with its own seed; what it draws after the training is resumed must not depend on that.
    seed(3);
    Training resumed;
    if (until > 1) seed(1234);
    const TrainingHistory history = resumed.train({.file = file, .resume = true}, until);
    CHECK(std::filesystem::exists(file) == (until > 0));
    if (until < epochs) continue;
    CHECK(resumed.restored.size() == 6);
    check_equal(history, expected);
    CHECK(resumed.values() == undisturbed.values());
    CHECK(uniform({5}).values<float>() == next_draws);
  }
  set_threads(threads_before);
  CHECK(read_bytes(file) == read_bytes(folder / "undisturbed.safetensors"));
}

TEST_CASE("a training that has ended gives everything back without a step") {
  const TemporaryFolder folder;
  const CheckpointOptions checkpoint{.file = folder / "run.safetensors", .resume = true};
  Training first, second;
  const TrainingHistory history = first.train(checkpoint);
  const auto draws = uniform({5}).values<float>();
  check_equal(second.train(checkpoint), history);
  CHECK(second.restored.size() == epochs);
  CHECK(second.optimizer.steps() == first.optimizer.steps());
  CHECK(second.values() == first.values());
  CHECK(uniform({5}).values<float>() == draws);
}

TEST_CASE("without resume a training begins anew, whatever lies in its file") {
  const TemporaryFolder folder;
  const std::string file = folder / "run.safetensors";
  write_bytes(file, {1, 2, 3});
  Training training;
  training.train({.file = file});
  CHECK(training.restored.empty());
  CHECK(read_bytes(file).size() > 1000);
}

TEST_CASE("a loop written out goes on from a checkpoint too, with a schedule and several rules") {
  const TemporaryFolder folder;
  const std::string file = folder / "run.safetensors";
  // The answers of the rules and the parameters, epoch by epoch, of which the first are done before a stop.
  const auto run = [&](Index from, Index until) {
    // Two parameters of one name.
    const Parameter w(full({3}, 2, Dtype::float64), "w"), other(full({3}, 1, Dtype::float64), "w");
    Nesterov optimizer({w, other}, {.learning_rate = schedules::exponential_decay(0.1, 0.9)});
    NoImprovement patience(2, Better::lower);
    GeneralizationLoss loss(5);
    ProgressQuotient quotient(0.5, 3);
    Index epoch = 0;
    State state;
    state.add("optimizer", optimizer.state());
    state.add("patience", patience.state());
    state.add("loss", loss.state());
    state.add("quotient", quotient.state());
    state.add("epoch", epoch);
    state.add_generator("random");
    seed(7);
    if (from > 0) read_checkpoint(file, state);
    std::vector<double> seen;
    for (; epoch < until; ++epoch) {
      const Tensor cost = sum(square(w + other) + normal({3}, {.dtype = Dtype::float64}) * w);
      optimizer.step(cost);
      const double figure = std::abs(cost.item());
      seen.push_back(patience.stops_after(figure));
      seen.push_back(loss.stops_after(figure));
      seen.push_back(quotient.stops_after(figure, figure));
      for (const double number : {loss.loss(), quotient.progress(), optimizer.learning_rate()}) seen.push_back(number);
      for (const double value : w.values()) seen.push_back(value);
    }
    write_checkpoint(file, state);
    return seen;
  };
  const auto expected = run(0, 12);
  const Bytes last = read_bytes(file);
  for (const Index stop : {1, 4, 5, 11}) {
    auto seen = run(0, stop);
    const auto rest = run(stop, 12);
    seen.insert(seen.end(), rest.begin(), rest.end());
    CHECK(seen == expected);
    CHECK(read_bytes(file) == last);
  }
}

TEST_CASE("where one variable of a checkpoint is wrong none of them changes") {
  const TemporaryFolder folder;
  const std::string file = folder / "run.safetensors";
  struct Variables {
    Parameter w{tensor({1.0, 2.0}), "w"};
    std::vector<double> curve{1, 2, 3};
    double figure = 0.5;
    Index count = 4;
    std::string fact = "a fact";
    State state() {
      State state;
      state.add("w", w);
      state.add("curve", curve);
      state.add("figure", figure);
      state.add("count", count);
      state.add_fact("fact", fact);
      return state;
    }
  };
  Variables written;
  write_checkpoint(file, written.state());
  Variables read{.w = Parameter(tensor({5.0, 6.0}), "w"), .curve = {}, .figure = NAN, .count = 0, .fact = "another"};
  CHECK(holds(data_error([&] { read_checkpoint(file, read.state()); }), "fact: 'a fact'; expected 'another'"));
  State more = read.state();
  double unknown = 0;
  more.add("unknown", unknown);
  CHECK(holds(data_error([&] { read_checkpoint(file, more); }), "fact"));
  read.fact = "a fact";
  more = read.state();
  more.add("unknown", unknown);
  CHECK(holds(data_error([&] { read_checkpoint(file, more); }), "unknown: there is no such text"));
  CHECK(holds(data_error([&] { read_checkpoint(file, State()); }), "also holds curve, w, count, fact, figure"));
  CHECK(read.w.values() == std::vector<double>{5, 6});
  CHECK(read.count == 0);
  CHECK(read.curve.empty());
  read_checkpoint(file, read.state());
  CHECK(read.w.values() == std::vector<double>{1, 2});
  CHECK(read.curve == written.curve);
  CHECK(read.figure == 0.5);
  CHECK(read.count == 4);
}

TEST_CASE("any number comes back from a checkpoint to the bit") {
  const TemporaryFolder folder;
  const std::string file = folder / "run.safetensors";
  CHECK(rc::check([&] {
    const auto number = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
    const Index count = *rc::gen::arbitrary<Index>();
    double figure = std::isnan(number) ? NAN : number;
    Index steps = count;
    const GeneratorState generator{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()};
    State state;
    state.add("figure", figure);
    state.add("steps", steps);
    state.add_generator("random");
    set_generator_state(generator);
    write_checkpoint(file, state);
    const double before = std::exchange(figure, 1.0);
    steps = 1;
    seed(0);
    read_checkpoint(file, state);
    RC_ASSERT(std::bit_cast<std::uint64_t>(figure) == std::bit_cast<std::uint64_t>(before));
    RC_ASSERT(steps == count);
    RC_ASSERT(generator_state().seed == generator.seed);
    RC_ASSERT(generator_state().stream == generator.stream);
  }));
  seed(0);
}
