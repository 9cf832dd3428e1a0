#include <gradus/graph/plan/cost_model.h>
#include <gradus/ops/cpu/product.h>
#include <gradus/ops/cpu/reduction.h>

// What the planner times to learn how fast this machine is.

namespace gradus::cpu {

namespace {

KernelRequest request(const std::vector<Shape>& inputs, const Shape& output, const Attributes& attributes) {
  KernelRequest request;
  request.output = Layout::dense(output);
  request.attributes = attributes;
  for (const Shape& shape : inputs) {
    request.inputs.push_back(Layout::dense(shape));
    request.dtypes.push_back(Dtype::float32);
  }
  return request;
}

const plan::CostProbe product_probe(
    plan::CostProbe::Kind::estimate,
    [] {
      return request({{32, 256}, {256, 64}}, {32, 64}, {});
    },
    product);

// Which axes are summed are the bits of the attribute.
const plan::CostProbe sum_probe(
    plan::CostProbe::Kind::reduction,
    [] {
      return request({{64, 256}}, {64}, {0b10});
    },
    reduce_sum);

}  // namespace

}  // namespace gradus::cpu
