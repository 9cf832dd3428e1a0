#include <gradus/optim/early_stopping.h>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/graph/error.h>

using namespace gradus;

namespace {

// After how many epochs a rule stops; −1 if it does not.
template <class Rule>
int epochs_until_stop(Rule rule, const std::vector<double>& figures) {
  for (std::size_t epoch = 0; epoch < figures.size(); ++epoch) {
    if (rule.stops_after(figures[epoch])) return static_cast<int>(epoch) + 1;
  }
  return -1;
}

}  // namespace

TEST_CASE("no improvement in n stops when the first best figure is n epochs old") {
  CHECK(rc::check([] {
    const auto figures = *rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, 8), [](int figure) { return static_cast<double>(figure); }));
    const int patience = *rc::gen::inRange(1, 6);
    int expected = -1;
    for (std::size_t last = 0; last < figures.size() && expected < 0; ++last) {
      const auto end = figures.begin() + static_cast<std::ptrdiff_t>(last) + 1;
      const auto best = std::max_element(figures.begin(), end);
      if (end - 1 - best >= patience) expected = static_cast<int>(last) + 1;
    }
    RC_ASSERT(epochs_until_stop(NoImprovement(patience), figures) == expected);
    std::vector<double> costs = figures;
    for (double& cost : costs) cost = -cost;
    RC_ASSERT(epochs_until_stop(NoImprovement(patience, Better::lower), costs) == expected);
  }));
}

TEST_CASE("an equal figure and NaN are no improvement") {
  NoImprovement rule(2);
  CHECK(!rule.stops_after(NAN));
  CHECK(rule.best().epoch() == -1);
  CHECK(!rule.stops_after(0.5));
  CHECK(!rule.stops_after(0.5));
  CHECK(rule.stops_after(NAN));
  CHECK(rule.best().epoch() == 1);
  CHECK(rule.best().figure() == 0.5);
  CHECK(epochs_until_stop(NoImprovement(3), {NAN, NAN, NAN}) == 3);
}

TEST_CASE("the generalisation loss is the rise above the least error in percent") {
  GeneralizationLoss rule(10);
  CHECK(!rule.stops_after(2.0));
  CHECK(rule.loss() == 0);
  CHECK(!rule.stops_after(1.0));
  CHECK(!rule.stops_after(1.09));
  CHECK(rule.loss() == doctest::Approx(9));
  CHECK(rule.stops_after(1.11));
  CHECK(rule.best().epoch() == 1);
  CHECK(!rule.stops_after(0));
  CHECK(!rule.stops_after(0));
  CHECK(rule.stops_after(1e-9));
}

TEST_CASE("the progress quotient stops at the end of a strip that loses more than it gains") {
  // Strips of 2 with training errors (e, 1): P = 1000 ((e + 1)/2 − 1).
  ProgressQuotient rule(0.5, 2);
  CHECK(!rule.stops_after(1.1, 1.0));
  CHECK(!rule.stops_after(1.0, 1.2));
  CHECK(rule.progress() == doctest::Approx(50));
  // GL = 30 > 0.5 · 50, but within a strip.
  CHECK(!rule.stops_after(1.1, 1.3));
  CHECK(rule.stops_after(1.0, 1.3));
  CHECK(rule.best().epoch() == 0);
  // Nothing is gained and nothing lost.
  ProgressQuotient idle(0, 1);
  CHECK(!idle.stops_after(1, 1));
  CHECK(!idle.stops_after(1, 1));
  CHECK(!idle.stops_after(0, 0));
}

TEST_CASE("a learning rate halves on a plateau until it has come down to 1/128") {
  PlateauDecay decay({.learning_rate = 0.5, .epochs = 10});
  CHECK(!decay.stops_after(0.9));
  for (int halving = 1; halving <= 7; ++halving) {
    for (int epoch = 1; epoch < 10; ++epoch) CHECK(!decay.stops_after(0.8));
    CHECK(decay.stops_after(0.8) == (halving == 7));
    CHECK(decay.learning_rate() == 0.5 / (1 << halving));
  }
  CHECK(decay.best().epoch() == 0);
}

TEST_CASE("an improvement makes a plateau's epochs count anew") {
  PlateauDecay decay({.learning_rate = 1, .epochs = 2, .factor = 0.1, .stop_at = 0.05, .better = Better::lower});
  for (const double cost : {5.0, 6.0, 4.0, 4.0, 3.0}) CHECK(!decay.stops_after(cost));
  CHECK(decay.learning_rate() == 1);
  CHECK(!decay.stops_after(3));
  CHECK(!decay.stops_after(3));
  CHECK(decay.learning_rate() == doctest::Approx(0.1));
  CHECK(!decay.stops_after(3));
  CHECK(decay.stops_after(3));
}

TEST_CASE("stopping rules refuse what they cannot judge by") {
  CHECK_THROWS_WITH_AS(NoImprovement(0), doctest::Contains("at least 1"), ValueError);
  CHECK_THROWS_WITH_AS(GeneralizationLoss(-1), doctest::Contains("alpha"), ValueError);
  CHECK_THROWS_AS(ProgressQuotient(NAN), ValueError);
  CHECK_THROWS_AS(ProgressQuotient(1, 0), ValueError);
  CHECK_THROWS_WITH_AS(GeneralizationLoss(1).stops_after(-0.5), doctest::Contains("cost"), ValueError);
  CHECK_THROWS_AS(PlateauDecay({.learning_rate = INFINITY}), ValueError);
  CHECK_THROWS_AS(PlateauDecay({.learning_rate = 1, .epochs = 0}), ValueError);
  CHECK_THROWS_WITH_AS(PlateauDecay({.learning_rate = 1, .factor = 1}), doctest::Contains("factor"), ValueError);
  CHECK_THROWS_WITH_AS(PlateauDecay({.learning_rate = 1, .stop_at = 0}), doctest::Contains("stop_at"), ValueError);
}
