// What is said twice must agree: a kernel and an expansion, a derivative rule and the differentiated expansion, the
// record and the header, a kernel in one go and in pieces.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/graph/inspect.h>

#include "cases.h"

using namespace gradus;
using namespace checks;

namespace {

constexpr double agreement = 1e-12;

/// The node that a case makes, if it is one of the operation under test and nothing around it.
bool is_one_node(const Case& sample, const Tensor& y) {
  return operation_of(y) == sample.operation;
}

Tensor expanded(const Tensor& y) {
  const Tensors inputs = inputs_of(y);
  const std::vector<Operand> operands(inputs.begin(), inputs.end());
  const Registered& operation = *operation_of(y);
  return operation.expand(Call(operation, operands, attributes_of(y), where_of(y)));
}

}  // namespace

TEST_CASE("every operation: kernel and expansion, rule and differentiated expansion agree") {
  int values = 0, rules = 0;
  each_case([&](const Case& sample) {
    const Operation& operation = *sample.operation;
    if (!operation.expand || operation.is_composed()) return;
    const auto fresh = [&] {
      const Tensors inputs = leaves(sample, draw(sample));
      return std::pair(result(sample, inputs), floating(inputs));
    };
    const Tensor y = fresh().first;
    if (!is_one_node(sample, y)) return;
    const Tensor said = expanded(y);
    CHECK(said.shape() == y.shape());
    CHECK(said.dtype() == y.dtype());
    evaluate({y, said});
    const double off = distance(numbers(y), numbers(said));
    CHECK_MESSAGE(off <= agreement, sample.name << ": kernel and expansion are " << off << " apart");
    ++values;
    if (!operation.derivative && !(operation.slopes && operation.slopes->given())) return;
    const auto [by_rule, x] = fresh();
    if (x.empty() || !is_floating(by_rule.dtype())) return;
    const Tensors rule = vjp({by_rule}, {cotangent_for(by_rule)}, x, Missing::zeros);
    const Tensors expansion = vjp({expanded(by_rule)}, {cotangent_for(by_rule)}, x, Missing::zeros);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double apart = distance(numbers(rule[i]), numbers(expansion[i]));
      CHECK_MESSAGE(
          apart <= agreement, sample.name << ": rule and differentiated expansion are " << apart
                                          << " apart in the gradient by input " << i);
      ++rules;
    }
  });
  MESSAGE("statements: " << values << " kernels and " << rules << " rules compared with expansions");
}

namespace {

/// Memory for a kernel's output between blocks of a known byte.
class Guarded {
 public:
  static constexpr std::size_t margin = 256;
  explicit Guarded(Index bytes) : size_(static_cast<std::size_t>(bytes)) {
    memory_ = static_cast<unsigned char*>(::operator new(size_ + 2 * margin, std::align_val_t{64}));
    std::memset(memory_, 0xA5, size_ + 2 * margin);
  }
  ~Guarded() { ::operator delete(memory_, std::align_val_t{64}); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  void* data() { return memory_ + margin; }
  std::string bytes() const { return {reinterpret_cast<const char*>(memory_ + margin), size_}; }
  bool intact() const {
    const auto is_guard = [](unsigned char byte) { return byte == 0xA5; };
    return std::all_of(memory_, memory_ + margin, is_guard) &&
           std::all_of(memory_ + margin + size_, memory_ + 2 * margin + size_, is_guard);
  }

 private:
  std::size_t size_;
  unsigned char* memory_;
};

struct Prepared {
  KernelRequest request;
  std::vector<std::string> inputs;
  std::vector<const void*> pointers;
};

class Scratch {
 public:
  explicit Scratch(Index bytes) : bytes_(static_cast<std::size_t>(bytes) + alignment) {}
  void* data() const {
    const auto at = reinterpret_cast<std::uintptr_t>(bytes_.data());
    return reinterpret_cast<void*>((at + alignment - 1) / alignment * alignment);
  }

 private:
  static constexpr std::size_t alignment = 64;
  std::vector<std::byte> bytes_;
};

Prepared prepare_for(const Tensor& y) {
  Prepared prepared;
  for (const Tensor& input : inputs_of(y)) {
    prepared.request.inputs.push_back(Layout::dense(input.shape()));
    prepared.request.dtypes.push_back(input.dtype());
    prepared.inputs.push_back(raw(input));
  }
  for (const std::string& input : prepared.inputs) prepared.pointers.push_back(input.data());
  prepared.request.output = Layout::dense(y.shape());
  prepared.request.dtype = y.dtype();
  prepared.request.attributes = attributes_of(y);
  return prepared;
}

}  // namespace

TEST_CASE("every kernel stays within its output and may run in pieces, in any order") {
  int kernels = 0, in_pieces = 0;
  for (const Registered* operation : operations()) {
    if (!operation->prepare) continue;
    std::vector<Case> cases = cases_of(*operation);
    for (std::size_t i = cases.size(); i-- > 0;) {
      Case large = cases[i];
      if (blow_up(large, 12)) cases.push_back(large);
    }
    for (const Case& sample : cases) {
      for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
        guarded(sample.name, [&] {
          const Tensor y = result(sample, leaves(sample, draw(sample), dtype));
          if (!is_one_node(sample, y)) return;
          const Prepared prepared = prepare_for(y);
          const KernelPointer kernel = operation->prepare(prepared.request);
          REQUIRE(kernel != nullptr);
          const Index parts = kernel->parts(), bytes = y.count() * bytes_of(y.dtype());
          Guarded whole(bytes), pieces(bytes);
          const Scratch scratch(kernel->scratch_bytes());
          void* const in_one_go[] = {whole.data(), scratch.data()};
          kernel->start(prepared.pointers.data(), in_one_go);
          kernel->run(prepared.pointers.data(), in_one_go, 0, parts);
          kernel->finish(prepared.pointers.data(), in_one_go);
          void* const part_by_part[] = {pieces.data(), scratch.data()};
          kernel->start(prepared.pointers.data(), part_by_part);
          for (Index part = parts; part-- > 0;) kernel->run(prepared.pointers.data(), part_by_part, part, part + 1);
          kernel->finish(prepared.pointers.data(), part_by_part);
          ++kernels;
          in_pieces += parts > 1 ? 1 : 0;
          CHECK_MESSAGE(whole.intact(), sample.name << " writes outside its output");
          CHECK_MESSAGE(pieces.intact(), sample.name << " writes outside its output when run in pieces");
          CHECK_MESSAGE(pieces.bytes() == whole.bytes(), sample.name << " gives other bits in pieces");
          CHECK_MESSAGE(raw(y) == whole.bytes(), sample.name << " gives other bits in a plan");
        });
      }
    }
  }
  MESSAGE("kernels: " << kernels << " run between guards, " << in_pieces << " of them in several pieces");
  CHECK(kernels > 0);
}

TEST_CASE("every tile stays within its output") {
  for (const Registered* operation : operations()) {
    if (!operation->is_elementwise()) continue;
    for (int d = 0; d < dtype_count; ++d) {
      const Tile tile = operation->tiles[static_cast<std::size_t>(d)];
      if (!tile) continue;
      for (const Index n : {0, 1, 7, 64}) {
        // Inputs and outputs have at most eight bytes an entry; none of these entries is 0, which could not be divided
        // by.
        const auto count = static_cast<std::size_t>(n);
        const std::vector<std::uint8_t> bytes(8 * count + 8, 1);
        const std::vector<std::int32_t> ones(2 * count + 2, 1);
        const void* input =
            static_cast<Dtype>(d) == Dtype::int32 ? static_cast<const void*>(ones.data()) : bytes.data();
        const std::vector<const void*> pointers(operation->inputs.size(), input);
        Guarded output(n * 8);
        tile(pointers.data(), output.data(), n);
        CHECK_MESSAGE(output.intact(), operation->name << " writes outside its tile");
      }
    }
  }
}

TEST_CASE("every operation is declared in a header of ops/") {
  std::string headers;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(GRADUS_SOURCE_DIR "/ops")) {
    if (entry.path().extension() != ".h") continue;
    std::ifstream file(entry.path());
    headers.append(std::istreambuf_iterator<char>(file), {});
  }
  std::ifstream operators(GRADUS_SOURCE_DIR "/graph/operators.h");
  headers.append(std::istreambuf_iterator<char>(operators), {});
  for (const Registered* operation : operations()) {
    INFO("operation: ", operation->name);
    CHECK(!operation->formula.empty());
    std::string name(operation->name);
    // One function, several operations: cast to each dtype.
    for (int d = 0; d < dtype_count; ++d) {
      const std::string suffix = "_" + std::string(name_of(static_cast<Dtype>(d)));
      if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    }
    const auto declared = [&](const std::string& function) {
      return headers.find("Tensor " + function + "(") != std::string::npos;
    };
    CHECK_MESSAGE(
        (declared(name) || (!operation->symbol.empty() && declared("operator" + std::string(operation->symbol)))),
        "no header of ops/ declares Tensor " << name << "(…)");
  }
}
