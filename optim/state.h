#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <gradus/graph/parameter.h>
#include <gradus/optim/schedules.h>

namespace gradus {

/// What has to be remembered so that something can go on later as if it had never stopped: velocities, numbers of
/// steps, the best figure so far. A list of the variables themselves under names that stay the same from run to run, so
/// that what is written and what is read cannot differ: see optim/checkpoint.h. It holds as long as its variables stay
/// where they are.
///
///     State state;
///     state.add("optimizer", optimizer.state());
///     state.add("rule", rule.state());
///     state.add("epoch", epoch);
///     state.add_generator("random");
class State {
 public:
  /// Must be the same text when it is read: the seed of the data's order, say.
  struct Fact {
    std::string text;
  };
  /// Where the program's generator is (ops/random.h).
  struct Generator {};
  /// A Tensor keeps its shape and dtype; a list of numbers may have any length. Of a scheduled number the constant is
  /// remembered: a schedule is a function, which the program has.
  using Variable =
      std::variant<Parameter, Tensor*, std::vector<double>*, double*, Index*, ScheduledNumber*, Generator, Fact>;
  struct Entry {
    std::string name;
    Variable variable;
  };

  // All throw ValueError where the name is empty or taken.
  void add(std::string name, const Parameter& parameter) { add_entry({std::move(name), parameter}); }
  void add(std::string name, Tensor& value) { add_entry({std::move(name), &value}); }
  void add(std::string name, std::vector<double>& numbers) { add_entry({std::move(name), &numbers}); }
  void add(std::string name, double& number) { add_entry({std::move(name), &number}); }
  void add(std::string name, Index& number) { add_entry({std::move(name), &number}); }
  void add(std::string name, ScheduledNumber& number) { add_entry({std::move(name), &number}); }
  /// All of another one's, as "whose.name".
  void add(const std::string& whose, const State& part);
  void add_generator(std::string name) { add_entry({std::move(name), Generator{}}); }
  void add_fact(std::string name, std::string text) { add_entry({std::move(name), Fact{std::move(text)}}); }

  const std::vector<Entry>& entries() const& { return entries_; }
  const std::vector<Entry>& entries() && = delete;  // they would outlive the list
  bool has(const std::string& name) const;

 private:
  void add_entry(Entry entry);
  std::vector<Entry> entries_;
};

}  // namespace gradus
