#include <gradus/graph/plan/arrange.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include <gradus/graph/plan/gather.h>

namespace gradus::plan {

namespace {

// Which axis comes first in memory, which next, and so on.
using AxisOrder = std::array<int, max_rank>;

AxisOrder unchanged() {
  AxisOrder order{};
  std::iota(order.begin(), order.end(), 0);
  return order;
}

// The order in which a value lies without gaps; nothing if it does not. Axes of size 1 stay where they are.
std::optional<AxisOrder> order_of(const Layout& layout) {
  AxisOrder order = unchanged();
  const int rank = layout.shape.rank();
  std::array<int, max_rank> longer{};
  const auto end = std::copy_if(
      order.begin(), order.begin() + rank, longer.begin(), [&](int axis) { return layout.shape[axis] > 1; });
  std::stable_sort(longer.begin(), end, [&](int a, int b) { return layout.stride(a) > layout.stride(b); });
  auto next = longer.begin();
  for (int axis = 0; axis < rank; ++axis) {
    if (layout.shape[axis] > 1) order[static_cast<std::size_t>(axis)] = *next++;
  }
  return layout.permuted(order).is_dense() ? std::optional(order) : std::nullopt;
}

AxisOrder inverse(const AxisOrder& order) {
  AxisOrder inverse{};
  for (int i = 0; i < max_rank; ++i) inverse[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = i;
  return inverse;
}

// What most steps do not, so that no more need be found out about them.
bool reads_another_order(const Draft& draft, VertexId v) {
  return std::any_of(draft[v].inputs.begin(), draft[v].inputs.end(), [&](VertexId input) {
    return draft[input].shape == draft[v].shape && !draft[input].layout.is_dense();
  });
}

bool is_assigned(const Draft& draft, VertexId v) {
  return std::any_of(
      draft.assignments.begin(), draft.assignments.end(), [&](const auto& one) { return one.value == v; });
}

bool is_kept(const Draft& draft, VertexId v) {
  return std::any_of(draft.outputs.begin(), draft.outputs.end(), [&](const auto& one) { return one.vertex == v; });
}

// The order in which most of the inputs of the step's own shape lie, if it is not the usual one. What is kept is wanted
// in the usual order, so that wins where there are as many.
std::optional<AxisOrder> better_order(const Draft& draft, VertexId v) {
  std::vector<AxisOrder> orders;
  for (const VertexId input : draft[v].inputs) {
    if (draft[input].shape != draft[v].shape) continue;
    const auto order = order_of(draft[input].layout);
    if (order) orders.push_back(*order);
  }
  const auto usual = std::count(orders.begin(), orders.end(), unchanged());
  std::optional<AxisOrder> best;
  std::ptrdiff_t most = is_kept(draft, v) ? usual : std::max<std::ptrdiff_t>(usual - 1, 0);
  for (const AxisOrder& order : orders) {
    const auto count = std::count(orders.begin(), orders.end(), order);
    if (order == unchanged() || count <= most) continue;
    best = order;
    most = count;
  }
  return best;
}

// An input with its axes in another order, broadcast.
VertexId in_order(Draft& draft, VertexId input, const Shape& shape, const AxisOrder& order) {
  if (draft[input].shape.count() == 1) return input;
  const Layout layout = broadcast_layout(draft[input].layout, shape).permuted(order);
  return seen_through(draft, draft.add_view(input, layout));
}

}  // namespace

VertexId seen_through(const Draft& draft, VertexId v) {
  if (!draft[v].is_view()) return v;
  const VertexId base = draft[v].base;
  const Layout& layout = draft[v].layout;
  return layout.offset == 0 && layout.is_dense() && layout.shape == draft[base].shape && draft[base].layout.is_dense()
             ? base
             : v;
}

void arrange(Draft& draft, VertexId v) {
  if (!reads_another_order(draft, v) || is_assigned(draft, v)) return;
  const auto order = better_order(draft, v);
  if (!order) return;
  DraftVertex step = draft[v];
  for (VertexId& input : step.inputs) input = in_order(draft, input, draft[v].shape, *order);
  step.layout = Layout::dense(Layout::dense(step.shape).permuted(*order).shape);
  step.shape = step.layout.shape;
  const VertexId arranged = draft.add(step);
  DraftVertex& view = draft[v];
  view.layout = draft[arranged].layout.permuted(inverse(*order));
  view.operation = nullptr;
  view.inputs.assign(1, arranged);
  view.base = arranged;
  view.storage = Storage::none;
}

}  // namespace gradus::plan
