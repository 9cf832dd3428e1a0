#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gradus/graph/tensor.h>
#include <gradus/optim/early_stopping.h>

namespace gradus {

/// Where values of a hyper-parameter are drawn from. All throw ValueError where nothing could be drawn.
class SearchRange {
 public:
  /// Evenly over [from, to).
  static SearchRange linear(double from, double to);
  /// Evenly by order of magnitude: e^u with u even over [log from, log to). 0 < from.
  static SearchRange logarithmic(double from, double to);
  /// Whole numbers, both ends included, each as likely as the others.
  static SearchRange whole(Index from, Index to);
  /// One of the given, each as likely as the others.
  static SearchRange choice(std::vector<double> values);

  /// The value at a place u in [0, 1).
  double at(double u) const { return value_at_(u); }

 private:
  explicit SearchRange(std::function<double(double)> value_at) : value_at_(std::move(value_at)) {}
  std::function<double(double)> value_at_;
};

/// A hyper-parameter and its range.
struct SearchDimension {
  std::string name;
  SearchRange range;
};

/// One choice of all hyper-parameters and what came of it.
struct Trial {
  Index number = 0;
  std::int64_t seed = 0;  ///< for whatever is random in the trial: the search's seed + number
  std::vector<std::string> names;
  std::vector<double> values;
  double score = 0;

  /// The value of a hyper-parameter. Throws ValueError where there is none of that name, naming those there are.
  double operator[](const std::string& name) const;
};

/// The trials, the best first; equals in the order in which they were tried, NaN last.
struct SearchTable {
  std::vector<Trial> trials;

  const Trial& best() const { return trials.front(); }
  /// As a Markdown table: rank, hyper-parameters, score, seed.
  std::string text() const;
};

struct RandomSearchOptions {
  Index trials = 20;
  std::int64_t seed = 0;
  Better better = Better::higher;                   ///< which scores are
  std::function<void(const Trial&)> on_trial = {};  ///< called after every trial
};

/// Tries hyper-parameters at random: `score` trains with a trial's values and seed and returns its figure. The trials
/// depend on the seed alone, and a longer search begins with those of a shorter one. Throws ValueError where there is
/// nothing to search, a name is given twice, or trials < 1; what `score` throws ends the search. J. Bergstra, Y.
/// Bengio, "Random search for hyper-parameter optimization", 2012.
///
///     SearchTable table = random_search(
///         {{"learning_rate", SearchRange::logarithmic(0.01, 10)}, {"lambda", SearchRange::choice({0, 0.1, 1, 5})}},
///         [&](const Trial& trial) { return accuracy_of(trial["learning_rate"], trial["lambda"], trial.seed); });
SearchTable random_search(
    const std::vector<SearchDimension>& dimensions, const std::function<double(const Trial&)>& score,
    const RandomSearchOptions& options = {}, Where where = Where::current());

}  // namespace gradus
