#include <gradus/optim/checkpoint.h>

#include <charconv>
#include <functional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <gradus/formats/safetensors.h>
#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/ops/random.h>

namespace gradus {

namespace {

using safetensors::Contents;

constexpr const char* format_key = "format";
constexpr const char* format = "gradus checkpoint 1";
// Stands for the constant of a number that follows a schedule.
constexpr const char* scheduled = "scheduled";

std::string typed(Dtype dtype, const Shape& shape) {
  return fmt::format("{} {}", name_of(dtype), shape.text());
}

/// Puts one variable into a file.
struct Writer {
  const std::string& name;
  Contents& contents;

  void operator()(const Parameter& parameter) { contents.tensors[name] = parameter.tensor(); }
  void operator()(const Tensor* value) { contents.tensors[name] = *value; }
  void operator()(const std::vector<double>* numbers) {
    contents.tensors[name] = tensor(*numbers, {static_cast<Index>(numbers->size())});
  }
  void operator()(const double* number) { contents.metadata[name] = fmt::format("{}", *number); }
  void operator()(const Index* number) { contents.metadata[name] = fmt::format("{}", *number); }
  void operator()(const ScheduledNumber* number) {
    const auto constant = number->constant();
    contents.metadata[name] = constant ? fmt::format("{}", *constant) : scheduled;
  }
  void operator()(State::Generator) {
    const GeneratorState generator = generator_state();
    contents.metadata[name] = fmt::format("seed {} stream {}", generator.seed, generator.stream);
  }
  void operator()(const State::Fact& fact) { contents.metadata[name] = fact.text; }
};

/// Looks whether the file has what variables need, and only then lets them change.
class Reader {
 public:
  Reader(const std::string& path, const Contents& contents) : path_(path), contents_(contents) {}

  void read(const State::Entry& entry) {
    name_ = &entry.name;
    std::visit([this](const auto& variable) { prepare(variable); }, entry.variable);
  }

  void commit() {
    assign(assignments_);
    for (const auto& change : changes_) change();
  }

 private:
  [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
    throw DataError(fmt::format("'{}', {}: {}; expected {}", path_, *name_, found, expected));
  }

  const Tensor& found_tensor() const {
    const auto found = contents_.tensors.find(*name_);
    if (found == contents_.tensors.end()) fail("there is no such tensor", "a checkpoint of the same program");
    return found->second;
  }
  Tensor found_tensor(Dtype dtype, const Shape& shape) const {
    const Tensor& found = found_tensor();
    if (found.dtype() != dtype || found.shape() != shape) {
      fail(typed(found.dtype(), found.shape()), typed(dtype, shape) + ", as the program has it");
    }
    return found;
  }
  const std::string& found_text() const {
    const auto found = contents_.metadata.find(*name_);
    if (found == contents_.metadata.end()) fail("there is no such text", "a checkpoint of the same program");
    return found->second;
  }
  template <class T>
  T found_number(const char* kind) const {
    const std::string& text = found_text();
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) fail(fmt::format("'{}'", text), kind);
    return number;
  }

  void prepare(const Parameter& parameter) {
    assignments_.push_back({parameter, found_tensor(parameter.dtype(), parameter.shape())});
  }
  void prepare(Tensor* value) {
    changes_.emplace_back([value, found = found_tensor(value->dtype(), value->shape())] { *value = found; });
  }
  void prepare(std::vector<double>* numbers) {
    const Tensor& found = found_tensor();
    if (found.dtype() != Dtype::float64 || found.rank() != 1) {
      fail(typed(found.dtype(), found.shape()), "a list of float64");
    }
    changes_.emplace_back([numbers, values = found.values()] { *numbers = values; });
  }
  void prepare(double* number) {
    changes_.emplace_back([number, found = found_number<double>("a number")] { *number = found; });
  }
  void prepare(Index* number) {
    changes_.emplace_back([number, found = found_number<Index>("a whole number")] { *number = found; });
  }
  void prepare(ScheduledNumber* number) {
    if (found_text() == scheduled) return;
    changes_.emplace_back([number, found = found_number<double>("a number, or 'scheduled'")] { *number = found; });
  }
  void prepare(State::Generator) {
    const std::string& text = found_text();
    GeneratorState found;
    const auto number = [&](std::string_view word, const char* from, std::uint64_t& into) {
      const char* last = text.data() + text.size();
      if (!std::string_view(from, last).starts_with(word)) return last + 1;
      const auto [end, error] = std::from_chars(from + word.size(), last, into);
      return error == std::errc() ? end : last + 1;
    };
    const char* const last = text.data() + text.size();
    const char* middle = number("seed ", text.data(), found.seed);
    if (middle > last || number(" stream ", middle, found.stream) != last) {
      fail(fmt::format("'{}'", text), "'seed N stream N'");
    }
    changes_.emplace_back([found] { set_generator_state(found); });
  }
  void prepare(const State::Fact& fact) {
    if (found_text() != fact.text) {
      fail(fmt::format("'{}'", found_text()), fmt::format("'{}': go on as the run began, or begin anew", fact.text));
    }
  }

  const std::string& path_;
  const Contents& contents_;
  const std::string* name_ = nullptr;
  std::vector<Assignment> assignments_;
  std::vector<std::function<void()>> changes_;
};

void require_format(const std::string& path, const Contents& contents) {
  const auto found = contents.metadata.find(format_key);
  if (found != contents.metadata.end() && found->second == format) return;
  throw DataError(fmt::format(
      "'{}': a safetensors file {}; expected a checkpoint, whose format is '{}'", path,
      found == contents.metadata.end() ? "without a format" : fmt::format("of format '{}'", found->second), format));
}

/// What is there and nobody asks for belongs to another program, or to this one as it was.
void require_nothing_else(const std::string& path, const Contents& contents, const State& state) {
  std::vector<std::string> others;
  for (const auto& [name, tensor] : contents.tensors) {
    if (!state.has(name)) others.push_back(name);
  }
  for (const auto& [name, text] : contents.metadata) {
    if (name != format_key && !state.has(name)) others.push_back(name);
  }
  if (others.empty()) return;
  throw DataError(fmt::format(
      "'{}' also holds {}, which nothing here has; expected a checkpoint of the same program", path,
      fmt::join(others, ", ")));
}

}  // namespace

void write_checkpoint(const std::string& path, const State& state) {
  Contents contents{.metadata = {{format_key, format}}};
  for (const State::Entry& entry : state.entries()) std::visit(Writer{entry.name, contents}, entry.variable);
  safetensors::save(path, contents);
}

void read_checkpoint(const std::string& path, const State& state) {
  const Contents contents = safetensors::load(path);
  require_format(path, contents);
  Reader reader(path, contents);
  for (const State::Entry& entry : state.entries()) reader.read(entry);
  require_nothing_else(path, contents, state);
  reader.commit();
}

}  // namespace gradus
