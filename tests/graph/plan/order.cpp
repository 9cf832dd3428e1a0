#include <map>

#include <doctest/doctest.h>

#include <gradus/gradus.h>

#include "planned.h"

using namespace gradus;

namespace {

Tensor drawn(const Shape& shape, std::int64_t seed) {
  return uniform(shape, {.from = -1, .to = 1, .seed = seed}).detach();
}

// Networks that share nothing but the mini-batch, trained by one cost.
struct Members {
  std::vector<Parameter> parameters;  // two a member
  Tensor cost;

  explicit Members(int count) {
    const Tensor images = drawn({4, 6}, 1), labels = tensor({0, 2, 1, 2});
    for (int member = 0; member < count; ++member) {
      const Parameter first(drawn({6, 5}, 2 + member)), second(drawn({5, 3}, 12 + member));
      const Tensor logits = matmul(relu(matmul(images, first)), second);
      const Tensor own = log_likelihood_with_logits(logits, labels);
      cost = member == 0 ? own : cost + own;
      parameters.push_back(first);
      parameters.push_back(second);
    }
  }

  std::vector<Assignment> step() const {
    std::vector<Assignment> assignments;
    for (const Parameter& parameter : parameters)
      assignments.push_back({parameter, parameter - 0.5 * gradients(cost, {parameter})[0]});
    return assignments;
  }
};

}  // namespace

TEST_CASE("of several networks in one graph each has learnt before the next one begins") {
  const Members members(3);
  const plan::Draft draft = tests::planned(members.step(), {members.cost});
  std::map<plan::VertexId, std::size_t> member_of;
  for (std::size_t i = 0; i < draft.assignments.size(); ++i) member_of[draft.assignments[i].parameter] = i / 2;
  std::vector<std::size_t> at_work;
  for (const plan::VertexId v : draft.order) {
    if (!draft[v].is_step()) continue;
    for (const plan::VertexId input : draft[v].inputs) {
      const auto found = member_of.find(draft.memory_of(input));
      if (found == member_of.end() || (!at_work.empty() && at_work.back() == found->second)) continue;
      at_work.push_back(found->second);
    }
  }
  CHECK(at_work == std::vector<std::size_t>{2, 1, 0});
}
