#include <gradus/graph/plan/order.h>

#include <queue>
#include <ranges>
#include <utility>
#include <vector>

#include <boost/graph/graph_traits.hpp>
#include <boost/range/iterator_range.hpp>

namespace gradus::plan {

bool reorder(Draft& draft) {
  connect(draft);
  std::vector<VertexId> rank(boost::num_vertices(draft.graph));
  std::vector<std::size_t> waiting(rank.size());
  for (VertexId i = 0; i < draft.order.size(); ++i) rank[draft.order[i]] = i;
  std::priority_queue<VertexId, std::vector<VertexId>, std::greater<>> ready;  // old places
  for (const VertexId v : draft.order) {
    waiting[v] = boost::in_degree(v, draft.graph);
    if (waiting[v] == 0) ready.push(rank[v]);
  }
  std::vector<VertexId> order;
  order.reserve(draft.order.size());
  while (!ready.empty()) {
    const VertexId v = draft.order[ready.top()];
    ready.pop();
    order.push_back(v);
    for (const auto edge : boost::make_iterator_range(boost::out_edges(v, draft.graph))) {
      const auto next = static_cast<VertexId>(boost::target(edge, draft.graph));
      if (--waiting[next] == 0) ready.push(rank[next]);
    }
  }
  if (order.size() != draft.order.size()) return false;
  draft.order = std::move(order);
  return true;
}

namespace {

// Vertices in the order in which a walk along inputs leaves them.
class Walk {
 public:
  explicit Walk(const Draft& draft) : draft_(draft), seen_(boost::num_vertices(draft.graph), false) {
    order_.reserve(draft.order.size());
  }

  void visit(VertexId root) {
    push(root);
    while (!stack_.empty()) {
      auto& [v, next] = stack_.back();
      const auto& inputs = draft_[v].inputs;
      if (next < inputs.size()) {
        push(inputs[next++]);
      } else {
        order_.push_back(v);
        stack_.pop_back();
      }
    }
  }

  std::vector<VertexId> order() && { return std::move(order_); }

 private:
  void push(VertexId v) {
    if (seen_[v]) return;
    seen_[v] = true;
    stack_.emplace_back(v, 0);
  }

  const Draft& draft_;
  std::vector<bool> seen_;
  std::vector<std::pair<VertexId, std::size_t>> stack_;
  std::vector<VertexId> order_;
};

}  // namespace

void assignments_first(Draft& draft) {
  Walk walk(draft);
  for (const auto& assignment : std::views::reverse(draft.assignments)) walk.visit(assignment.value);
  for (const VertexId v : draft.order) walk.visit(v);
  draft.order = std::move(walk).order();
}

}  // namespace gradus::plan
