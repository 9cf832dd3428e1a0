#include <gradus/graph/plan/order.h>

#include <queue>

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

}  // namespace gradus::plan
