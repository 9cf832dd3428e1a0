#include <gradus/optim/random_search.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <gradus/graph/error.h>
#include <gradus/graph/operation.h>
#include <gradus/ops/random.h>

namespace gradus {

namespace {

void require_interval(bool holds, std::string_view range, double from, double to, std::string_view needed) {
  if (holds && std::isfinite(from) && std::isfinite(to)) return;
  throw ValueError(fmt::format("{} range: from {} to {} is none; it needs {}, both finite", range, from, to, needed));
}

std::vector<std::string> names_of(const std::vector<SearchDimension>& dimensions, Where where) {
  std::vector<std::string> names;
  for (const SearchDimension& dimension : dimensions) {
    if (std::find(names.begin(), names.end(), dimension.name) != names.end()) {
      throw ValueError(fmt::format("{}random_search: '{}' is given twice", at(where), dimension.name));
    }
    names.push_back(dimension.name);
  }
  return names;
}

}  // namespace

SearchRange SearchRange::linear(double from, double to) {
  require_interval(from <= to, "linear", from, to, "from <= to");
  return SearchRange([=](double u) { return from + (to - from) * u; });
}

SearchRange SearchRange::logarithmic(double from, double to) {
  require_interval(0 < from && from <= to, "logarithmic", from, to, "0 < from <= to");
  return SearchRange([=](double u) { return from * std::pow(to / from, u); });
}

SearchRange SearchRange::whole(Index from, Index to) {
  const auto first = static_cast<double>(from), last = static_cast<double>(to);
  require_interval(from <= to, "whole", first, last, "from <= to");
  return SearchRange([=](double u) { return std::min(first + std::floor((last - first + 1) * u), last); });
}

SearchRange SearchRange::choice(std::vector<double> values) {
  if (values.empty()) throw ValueError("choice range: there is nothing to choose from");
  return SearchRange([values = std::move(values)](double u) {
    const auto count = static_cast<double>(values.size());
    return values[static_cast<std::size_t>(std::min(std::floor(count * u), count - 1))];
  });
}

double Trial::operator[](const std::string& name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return values[static_cast<std::size_t>(found - names.begin())];
  throw ValueError(fmt::format("trial: there is no hyper-parameter '{}', only {}", name, fmt::join(names, ", ")));
}

std::string SearchTable::text() const {
  if (trials.empty()) return "";
  std::string table = fmt::format("| rank | {} | score | seed |\n|", fmt::join(best().names, " | "));
  for (std::size_t column = 0; column < best().names.size() + 3; ++column) table += "---|";
  table += '\n';
  for (std::size_t rank = 0; rank < trials.size(); ++rank) {
    table += fmt::format("| {} |", rank + 1);
    for (const double value : trials[rank].values) table += fmt::format(" {:.4g} |", value);
    table += fmt::format(" {:.6g} | {} |\n", trials[rank].score, trials[rank].seed);
  }
  return table;
}

SearchTable random_search(
    const std::vector<SearchDimension>& dimensions, const std::function<double(const Trial&)>& score,
    const RandomSearchOptions& options, Where where) {
  if (dimensions.empty()) throw ValueError(at(where) + "random_search: there are no hyper-parameters to search over");
  if (!score) throw ValueError(at(where) + "random_search: the score is an empty function");
  if (options.trials < 1) {
    throw ValueError(
        fmt::format("{}random_search: {} trials are given, but it needs at least 1", at(where), options.trials));
  }
  const std::vector<std::string> names = names_of(dimensions, where);
  const auto width = static_cast<Index>(dimensions.size());
  const UniformOptions drawn{.dtype = Dtype::float64, .seed = options.seed};
  const std::vector<double> places = uniform({options.trials, width}, drawn, where).values();
  SearchTable table;
  for (Index number = 0; number < options.trials; ++number) {
    Trial trial{.number = number, .seed = options.seed + number, .names = names, .values = {}};
    for (std::size_t k = 0; k < dimensions.size(); ++k) {
      trial.values.push_back(dimensions[k].range.at(places[static_cast<std::size_t>(number * width) + k]));
    }
    trial.score = score(trial);
    if (options.on_trial) options.on_trial(trial);
    table.trials.push_back(std::move(trial));
  }
  const double sign = options.better == Better::higher ? 1 : -1;
  std::stable_sort(table.trials.begin(), table.trials.end(), [&](const Trial& a, const Trial& b) {
    if (std::isnan(a.score) || std::isnan(b.score)) return std::isnan(a.score) < std::isnan(b.score);
    return sign * a.score > sign * b.score;
  });
  return table;
}

}  // namespace gradus
