#include <algorithm>
#include <functional>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/graph/plan/trial.h>

using namespace gradus;
using namespace gradus::plan;

namespace {

using Way = plan::Trial::Way;

constexpr int long_enough = 1000;  // runs, for any trial to be over

/// One run that takes what `duration` says.
plan::Trial::Turn run_once(plan::Trial& trial, const std::function<std::int64_t(Way)>& duration) {
  const plan::Trial::Turn turn = trial.next();
  if (turn.timed) trial.took(turn, duration(turn.way));
  return turn;
}

/// Runs until nothing is timed. The way of the first run after the trial.
Way outcome(plan::Trial& trial, const std::function<std::int64_t(Way)>& duration) {
  for (int i = 0; i < long_enough; ++i) {
    const plan::Trial::Turn turn = run_once(trial, duration);
    if (!turn.timed) return turn.way;
  }
  FAIL("the trial does not end");
  return {};
}

/// How many runs pass until one is timed again.
Index pause(plan::Trial& trial) {
  for (Index runs = 0; runs < 1'000'000; ++runs) {
    if (const plan::Trial::Turn turn = trial.next(); turn.timed) return runs;
  }
  FAIL("nothing is tried again");
  return 0;
}

std::function<std::int64_t(Way)> constant(std::int64_t in_order, std::int64_t at_once) {
  return [=](Way way) { return way == Way::in_order ? in_order : at_once; };
}

}  // namespace

TEST_CASE("after a trial tasks run at once exactly if that was at least 5 % faster") {
  CHECK(rc::check([](std::uint16_t in_order, std::uint16_t at_once) {
    plan::Trial trial;
    const Way way = outcome(trial, constant(in_order, at_once));
    RC_ASSERT((way == Way::at_once) == (1.05 * at_once <= in_order));
  }));
}

TEST_CASE("a trial runs both ways") {
  plan::Trial trial;
  int runs[2] = {};
  outcome(trial, [&](Way way) { return ++runs[static_cast<int>(way)], 100; });
  CHECK(runs[0] > 0);
  CHECK(runs[1] > 0);
}

TEST_CASE("neither the first runs after a change of ways nor single interruptions decide a trial") {
  plan::Trial trial;
  Way last = Way::at_once;
  int since_change = 0, runs = 0;
  const Way way = outcome(trial, [&](Way now) -> std::int64_t {
    since_change = now == last ? since_change + 1 : 0;
    last = now;
    if (now == Way::in_order) return 100;
    return since_change < 3 || ++runs % 5 == 0 ? 1'000'000 : 60;
  });
  CHECK(way == Way::at_once);
}

TEST_CASE("an outcome that is confirmed stands longer, one that changed does not") {
  plan::Trial trial;
  CHECK(outcome(trial, constant(100, 60)) == Way::at_once);
  const Index first = pause(trial);
  CHECK(outcome(trial, constant(100, 60)) == Way::at_once);
  const Index confirmed = pause(trial);
  CHECK(confirmed > first);
  CHECK(outcome(trial, constant(60, 100)) == Way::in_order);
  CHECK(pause(trial) == first);
}

TEST_CASE("a run that was under way when the trial moved on is not counted") {
  plan::Trial trial;
  const plan::Trial::Turn late = trial.next();
  while (trial.next().way == late.way) trial.took(late, 100);
  for (int i = 0; i < long_enough; ++i) trial.took(late, 1);
  CHECK(outcome(trial, constant(100, 60)) == Way::at_once);
}
