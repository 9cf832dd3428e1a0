#include <gradus/optim/random_search.h>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/graph/error.h>

using namespace gradus;

namespace {

std::vector<SearchDimension> space() {
  return {
      {"rate", SearchRange::logarithmic(0.001, 10)},
      {"momentum", SearchRange::linear(-1, 1)},
      {"neurons", SearchRange::whole(1, 3)},
      {"lambda", SearchRange::choice({0, 0.5, 5})}};
}

double first_value(const Trial& trial) {
  return trial.values[0];
}

std::vector<Trial> in_order(std::vector<Trial> trials) {
  std::sort(trials.begin(), trials.end(), [](const Trial& a, const Trial& b) { return a.number < b.number; });
  return trials;
}

}  // namespace

TEST_CASE("values lie in their ranges, and every part of a range is reached") {
  int small_rates = 0, negative = 0, counts[3] = {}, choices[3] = {};
  const auto table = random_search(
      space(),
      [&](const Trial& trial) {
        CHECK(trial["rate"] >= 0.001);
        CHECK(trial["rate"] < 10);
        CHECK(trial["momentum"] >= -1);
        CHECK(trial["momentum"] < 1);
        small_rates += trial["rate"] < 0.1;
        negative += trial["momentum"] < 0;
        ++counts[static_cast<int>(trial["neurons"]) - 1];
        ++choices[trial["lambda"] == 0 ? 0 : trial["lambda"] == 0.5 ? 1 : 2];
        return 0.0;
      },
      {.trials = 600, .seed = 3});
  CHECK(table.trials.size() == 600);
  // Five deviations of a fair draw.
  CHECK(std::abs(small_rates - 300) < 62);
  CHECK(std::abs(negative - 300) < 62);
  for (int k = 0; k < 3; ++k) {
    CHECK(std::abs(counts[k] - 200) < 58);
    CHECK(std::abs(choices[k] - 200) < 58);
  }
}

TEST_CASE("trials depend on the seed alone, and a longer search begins with a shorter one") {
  CHECK(rc::check([](std::int16_t seed) {
    const auto shorter = in_order(random_search(space(), first_value, {.trials = 5, .seed = seed}).trials);
    const auto longer = in_order(random_search(space(), first_value, {.trials = 12, .seed = seed}).trials);
    for (std::size_t k = 0; k < shorter.size(); ++k) {
      RC_ASSERT(shorter[k].values == longer[k].values);
      RC_ASSERT(shorter[k].seed == seed + static_cast<int>(k));
    }
    const auto other = random_search(space(), first_value, {.trials = 5, .seed = seed + 1});
    RC_ASSERT(in_order(other.trials)[0].values != shorter[0].values);
  }));
}

TEST_CASE("the table has the best first, NaN last, and equals in their order") {
  const double scores[] = {0.5, NAN, 0.75, 0.5, 0.25};
  const auto score = [&](const Trial& trial) { return scores[trial.number]; };
  const auto numbers = [](const SearchTable& table) {
    std::vector<Index> found;
    for (const Trial& trial : table.trials) found.push_back(trial.number);
    return found;
  };
  Index told = 0;
  const auto table = random_search(space(), score, {.trials = 5, .on_trial = [&](const Trial&) { ++told; }});
  CHECK(numbers(table) == std::vector<Index>{2, 0, 3, 4, 1});
  CHECK(table.best().score == 0.75);
  CHECK(told == 5);
  CHECK(
      numbers(random_search(space(), score, {.trials = 5, .better = Better::lower})) ==
      std::vector<Index>{4, 0, 3, 2, 1});
}

TEST_CASE("the table's text names every hyper-parameter and has a row a trial") {
  const auto table = random_search(
      {{"lambda", SearchRange::choice({5})}}, [](const Trial&) { return 0.9642; }, {.trials = 2, .seed = 7});
  CHECK(
      table.text() ==
      "| rank | lambda | score | seed |\n|---|---|---|---|\n| 1 | 5 | 0.9642 | 7 |\n| 2 | 5 | 0.9642 | 8 |\n");
}

TEST_CASE("a search that cannot be made says why") {
  CHECK_THROWS_AS(random_search({}, first_value), ValueError);
  CHECK_THROWS_AS(random_search(space(), nullptr), ValueError);
  CHECK_THROWS_AS(random_search(space(), first_value, {.trials = 0}), ValueError);
  auto twice = space();
  twice.push_back(twice[0]);
  CHECK_THROWS_WITH_AS(random_search(twice, first_value), doctest::Contains("'rate' is given twice"), ValueError);
  CHECK_THROWS_WITH_AS(
      random_search(space(), [](const Trial& trial) { return trial["rat"]; }),
      doctest::Contains("only rate, momentum, neurons, lambda"), ValueError);
  CHECK_THROWS_AS(SearchRange::linear(1, 0), ValueError);
  CHECK_THROWS_WITH_AS(SearchRange::logarithmic(0, 1), doctest::Contains("0 < from"), ValueError);
  CHECK_THROWS_AS(SearchRange::linear(0, INFINITY), ValueError);
  CHECK_THROWS_AS(SearchRange::whole(3, 2), ValueError);
  CHECK_THROWS_AS(SearchRange::choice({}), ValueError);
}
