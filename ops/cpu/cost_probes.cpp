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

using Kind = plan::CostProbe::Kind;

KernelRequest product_request() {
  return request({{32, 256}, {256, 64}}, {32, 64}, {});
}
const plan::RegisteredProbe product_probe({Kind::estimate, product_request, product});

KernelRequest sum_request() {
  constexpr Index last_axis = 0b10;
  return request({{64, 256}}, {64}, {last_axis});
}
const plan::RegisteredProbe sum_probe({Kind::reduction, sum_request, reduce_sum});

}  // namespace

}  // namespace gradus::cpu
