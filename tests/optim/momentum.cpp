#include <gradus/optim/momentum.h>

#include <cmath>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

// C = Σ cosh w, whose slope is sinh w: not linear, so that the place of the gradient matters.
Tensor bowl(const Tensor& w) {
  return sum(exp(w) + exp(-w)) * 0.5;
}

std::vector<double> some_numbers(double from, double to) {
  std::vector<double> numbers;
  for (const int percent : *rc::gen::container<std::vector<int>>(6, rc::gen::inRange(0, 101))) {
    numbers.push_back(from + (to - from) * percent / 100.0);
  }
  return numbers;
}

void check_close(double measured, double expected) {
  RC_ASSERT(std::abs(measured - expected) <= 1e-12 * (1 + std::abs(expected)));
}

ScheduledNumber scheduled(const std::vector<double>& numbers) {
  return [numbers](Index step) { return numbers.at(std::min(static_cast<std::size_t>(step), numbers.size() - 1)); };
}

Tensor column(const std::vector<double>& values) {
  return tensor(values, {static_cast<Index>(values.size())});
}

}  // namespace

TEST_CASE("momentum follows (107) and (108), whatever the schedules of both numbers") {
  CHECK(rc::check([] {
    const std::vector<double> start = some_numbers(-1, 1), rates = some_numbers(0, 0.3),
                              frictions = some_numbers(-1, 1.2);
    const Parameter w(column(start), "w");
    Momentum optimizer({w}, {.learning_rate = scheduled(rates), .momentum = scheduled(frictions)});
    std::vector<double> place = start, velocity(start.size());
    for (std::size_t step = 0; step < rates.size(); ++step) {
      optimizer.step(bowl(w));
      for (std::size_t k = 0; k < place.size(); ++k) {
        velocity[k] = frictions[step] * velocity[k] - rates[step] * std::sinh(place[k]);
        place[k] += velocity[k];
        check_close(w.values()[k], place[k]);
        check_close(optimizer.states(0)[0].values()[k], velocity[k]);
      }
    }
  }));
}

TEST_CASE("Nesterov's parameters hold the point ahead of a walk whose gradients are taken there") {
  CHECK(rc::check([] {
    const std::vector<double> start = some_numbers(-1, 1), rates = some_numbers(0, 0.3),
                              frictions = some_numbers(-1, 1.2);
    const Parameter w(column(start), "w");
    Nesterov optimizer({w}, {.learning_rate = scheduled(rates), .momentum = scheduled(frictions)});
    std::vector<double> place = start, velocity(start.size());
    for (std::size_t step = 0; step < rates.size(); ++step) {
      optimizer.step(bowl(w));
      for (std::size_t k = 0; k < place.size(); ++k) {
        const double ahead = place[k] + frictions[step] * velocity[k];
        velocity[k] = frictions[step] * velocity[k] - rates[step] * std::sinh(ahead);
        place[k] += velocity[k];
        const double next_friction = frictions[std::min(step + 1, frictions.size() - 1)];
        check_close(w.values()[k], place[k] + next_friction * velocity[k]);
      }
    }
  }));
}

TEST_CASE("without momentum both are gradient descent, to the bit") {
  const auto place_after = [](auto make) {
    const Parameter w(normal({20}, {.dtype = Dtype::float64, .seed = 3}), "w");
    auto optimizer = make(Parameters{w});
    for (int i = 0; i < 5; ++i) optimizer.step(bowl(w));
    return w.values();
  };
  const auto expected = place_after([](auto w) { return Sgd(w, {.learning_rate = 0.1}); });
  CHECK(place_after([](auto w) { return Momentum(w, {.learning_rate = 0.1, .momentum = 0}); }) == expected);
  CHECK(place_after([](auto w) { return Nesterov(w, {.learning_rate = 0.1, .momentum = 0}); }) == expected);
}

TEST_CASE("a momentum that changes at every step needs no new plan, whatever it passes through") {
  const Parameter w(full({5}, 1), "w");
  const std::vector<double> frictions{0.5, 0, 1, -1, 0.9, 0.25};
  Momentum heavy({w}, {.learning_rate = 0.1, .momentum = scheduled(frictions)});
  Nesterov ahead({w}, {.learning_rate = 0.1, .momentum = scheduled(frictions)});
  heavy.step(sum(square(w)));
  ahead.step(sum(square(w)));
  const Index misses = plan_cache_statistics().misses;
  for (std::size_t i = 1; i < frictions.size(); ++i) {
    heavy.step(sum(square(w)));
    ahead.step(sum(square(w)));
  }
  CHECK(plan_cache_statistics().misses == misses);
}

TEST_CASE("parameters of both dtypes move with momentum") {
  const Parameter single(full({2}, 1), "single"), twice(full({2}, 1, Dtype::float64), "twice");
  Momentum optimizer({single, twice}, {.learning_rate = 0.1, .momentum = 0.5});
  for (int i = 0; i < 3; ++i) {
    optimizer.step(cast(sum(square(single)), Dtype::float64) + sum(square(twice)));
  }
  // 1, 0.8, 0.54, 0.302 by hand.
  CHECK(twice.values()[0] == doctest::Approx(0.302).epsilon(1e-12));
  CHECK(single.values()[0] == doctest::Approx(0.302).epsilon(1e-6));
}

TEST_CASE("a momentum that is no number is refused, naming it") {
  const Parameter w(full({2}, 1), "w");
  CHECK_THROWS_WITH_AS(
      Momentum({w}, {.learning_rate = 0.1, .momentum = NAN}), doctest::Contains("momentum"), ValueError);
  CHECK_THROWS_WITH_AS(
      Nesterov({w}, {.learning_rate = 0.1, .momentum = INFINITY}), doctest::Contains("momentum"), ValueError);
  Momentum optimizer({w}, {.learning_rate = 0.1, .momentum = [](Index step) { return step < 1 ? 0.5 : NAN; }});
  optimizer.step(sum(w));
  CHECK_THROWS_WITH_AS(
      optimizer.step(sum(w)), doctest::Contains("momentum: the schedule gives nan at step 1"), ValueError);
  CHECK(optimizer.steps() == 1);
}
