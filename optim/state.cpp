#include <gradus/optim/state.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/graph/error.h>

namespace gradus {

void State::add(const std::string& whose, const State& part) {
  for (const Entry& entry : part.entries()) add_entry({fmt::format("{}.{}", whose, entry.name), entry.variable});
}

bool State::has(const std::string& name) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
}

void State::add_entry(Entry entry) {
  if (entry.name.empty()) throw ValueError("state: a variable without a name could not be found again; give it one");
  if (has(entry.name)) throw ValueError(fmt::format("state: the name '{}' is taken; names must differ", entry.name));
  entries_.push_back(std::move(entry));
}

}  // namespace gradus
