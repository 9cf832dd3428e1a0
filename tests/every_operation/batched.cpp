#include <gradus/graph/inspect.h>
#include <gradus/ops/movement.h>

#include "cases.h"

using namespace gradus;
using namespace checks;

namespace {

constexpr Index calls = 3;

// Other numbers for every call; indices and conditions stay what they are.
Values moved(Values values, const Case& sample, Index call) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_floating(sample.domains[i].dtype)) continue;
    for (double& value : values[i]) value += 0.001 * static_cast<double>(call);
  }
  return values;
}

std::vector<Operand> operands(const Tensors& tensors) {
  return {tensors.begin(), tensors.end()};
}

// What the operation makes of each call, against all calls at once, for one choice of which inputs are stacked.
double difference(const Tensors& results, const std::vector<Tensors>& inputs, std::uint32_t stacked) {
  const Registered& operation = *operation_of(results[0]);
  const Attributes attributes = attributes_of(results[0]);
  const std::size_t count = inputs[0].size();
  Tensors together, singles;
  for (std::size_t i = 0; i < count; ++i) {
    Tensors each;
    for (const Tensors& call : inputs) each.push_back(call[i]);
    together.push_back((stacked >> i & 1) != 0 ? stack(each) : each[0]);
  }
  for (const Tensors& call : inputs) {
    Tensors own;
    for (std::size_t i = 0; i < count; ++i) own.push_back((stacked >> i & 1) != 0 ? call[i] : inputs[0][i]);
    singles.push_back(apply(operation, operands(own), attributes));
  }
  const std::vector<Operand> given = operands(together);
  const Tensor batched = operation.batched(Call(operation, given, attributes, Where::current()), stacked);
  const Tensor expected = stack(singles);
  CHECK(batched.shape() == expected.shape());
  return distance(numbers(batched), numbers(expected));
}

}  // namespace

TEST_CASE("every operation that can do several calls at once gives what single calls give") {
  int compared = 0;
  each_case([&](const Case& sample) {
    Tensors results;
    std::vector<Tensors> inputs;
    for (Index call = 0; call < calls; ++call) {
      results.push_back(result(sample, leaves(sample, moved(draw(sample), sample, call))));
      inputs.push_back(inputs_of(results.back()));
    }
    const Registered* operation = operation_of(results[0]);
    if (!operation || !operation->batched) return;
    for (std::uint32_t stacked = 1; stacked < 1U << inputs[0].size(); ++stacked) {
      CAPTURE(sample.name);
      CAPTURE(stacked);
      CHECK(difference(results, inputs, stacked) <= 1e-12);
      ++compared;
    }
  });
  CHECK(compared > 100);
}
