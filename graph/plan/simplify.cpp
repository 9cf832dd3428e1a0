#include <unordered_map>
#include <utility>

#include <boost/container_hash/hash.hpp>

#include <gradus/graph/plan/draft.h>
#include <gradus/graph/rewrite.h>

namespace gradus::plan {

namespace {

std::size_t hash_of(const DraftVertex& vertex) {
  std::size_t hash = reinterpret_cast<std::uintptr_t>(vertex.operation);
  for (const VertexId input : vertex.inputs) boost::hash_combine(hash, input);
  for (const Index integer : vertex.attributes.integers()) boost::hash_combine(hash, integer);
  for (const double real : vertex.attributes.reals()) boost::hash_combine(hash, real);
  if (vertex.is_leaf()) boost::hash_combine(hash, vertex.number);
  return hash;
}

// Whether both compute the same value from the same inputs.
bool same(const DraftVertex& a, const DraftVertex& b) {
  if (a.operation != b.operation || a.dtype != b.dtype || a.is_leaf() != b.is_leaf()) return false;
  if (a.is_leaf()) return a.neutral_number && b.neutral_number && a.number == b.number;
  return a.inputs == b.inputs && a.attributes == b.attributes;
}

// Whether both say the same places; the stride of an axis of size 1 is never used.
bool same_places(const Layout& a, const Layout& b) {
  if (a.shape != b.shape || a.offset != b.offset) return false;
  for (int axis = 0; axis < a.shape.rank(); ++axis) {
    if (a.shape[axis] != 1 && a.stride(axis) != b.stride(axis)) return false;
  }
  return true;
}

std::size_t hash_of(VertexId start, const Layout& places) {
  std::size_t hash = start;
  boost::hash_combine(hash, places.offset);
  for (int axis = 0; axis < places.shape.rank(); ++axis) {
    boost::hash_combine(hash, places.shape[axis]);
    if (places.shape[axis] != 1) boost::hash_combine(hash, places.stride(axis));
  }
  return hash;
}

class Simplifier {
 public:
  explicit Simplifier(Draft& draft) : draft_(draft) {}

  void run() {
    const std::vector<VertexId> recorded = std::exchange(draft_.order, {});
    draft_.order.reserve(recorded.size());
    replacement_.resize(boost::num_vertices(draft_.graph));
    for (const VertexId v : recorded) settle(v);
    for (auto& output : draft_.outputs) output.vertex = replacement_[output.vertex];
    for (auto& assignment : draft_.assignments) assignment.value = replacement_[assignment.value];
    draft_.bury_the_dead();
  }

 private:
  // Finds what stands for a vertex whose inputs are settled, and puts both in order.
  void settle(VertexId v) {
    for (VertexId& input : draft_[v].inputs) input = replacement_[input];
    replacement_[v] = better(v);
    draft_.order.push_back(v);
  }

  // A vertex with the same value, or the vertex itself.
  VertexId better(VertexId v) {
    if (draft_[v].is_leaf()) return draft_[v].neutral_number ? first_seen(v) : v;
    if (const VertexId other = without_neutral_element(draft_[v]); other != no_vertex) return other;
    if (const VertexId other = without_detour(v); other != no_vertex) return other;
    if (const VertexId other = rewritten(v); other != no_vertex) return other;
    return first_seen(v);
  }

  VertexId first_seen(VertexId v) {
    const std::size_t hash = hash_of(draft_[v]);
    auto [first, last] = seen_.equal_range(hash);
    for (; first != last; ++first) {
      if (same(draft_[first->second], draft_[v])) return first->second;
    }
    seen_.emplace(hash, v);
    return v;
  }

  // A rule knows only what is settled, and what it makes is settled in turn.
  VertexId rewritten(VertexId v) {
    const Registered* operation = draft_[v].operation;
    if (!operation->rewrite) return no_vertex;
    const std::size_t settled = draft_.order.size();
    const std::optional<Term> term = operation->rewrite(Term(draft_, v));
    const boost::container::small_vector<VertexId, 8> made(
        draft_.order.begin() + static_cast<std::ptrdiff_t>(settled), draft_.order.end());
    draft_.order.resize(settled);
    replacement_.resize(boost::num_vertices(draft_.graph));
    for (const VertexId one : made) settle(one);
    if (!term) return no_vertex;
    return same_kind(replacement_[term->vertex()], v) ? replacement_[term->vertex()] : no_vertex;
  }

  bool same_kind(VertexId a, VertexId b) const {
    return draft_[a].shape == draft_[b].shape && draft_[a].dtype == draft_[b].dtype;
  }

  // Movements one after another are one movement of the value that they start from. One that leads nowhere is that
  // value, and two that put the same entries in the same places are one.
  VertexId without_detour(VertexId v) {
    const DraftVertex& vertex = draft_[v];
    if (!vertex.operation->view) return no_vertex;
    const auto before = movements_.find(vertex.inputs[0]);
    const bool moved = before != movements_.end();
    const VertexId start = moved ? before->second.start : vertex.inputs[0];
    const auto places =
        vertex.operation->view({moved ? before->second.places : draft_[start].layout, vertex.shape, vertex.attributes});
    if (!places) return no_vertex;
    if (same_places(*places, draft_[start].layout)) return start;
    const std::size_t hash = hash_of(start, *places);
    auto [first, last] = moved_.equal_range(hash);
    for (; first != last; ++first) {
      const Movement& other = movements_.at(first->second);
      if (other.start == start && same_places(other.places, *places)) return first->second;
    }
    movements_.emplace(v, Movement{start, *places});
    moved_.emplace(hash, v);
    return no_vertex;
  }

  bool is_number(VertexId v, std::optional<double> wanted) const {
    return wanted && draft_[v].neutral_number && draft_[v].number == *wanted;
  }

  VertexId without_neutral_element(const DraftVertex& vertex) const {
    if (vertex.inputs.size() != 2) return no_vertex;
    VertexId kept = no_vertex;
    if (is_number(vertex.inputs[1], vertex.operation->neutral_right)) kept = vertex.inputs[0];
    if (is_number(vertex.inputs[0], vertex.operation->neutral_left)) kept = vertex.inputs[1];
    if (kept == no_vertex || draft_[kept].shape != vertex.shape || draft_[kept].dtype != vertex.dtype) return no_vertex;
    return kept;
  }

  struct Movement {
    VertexId start;
    Layout places;  // of its entries among those of `start`
  };

  Draft& draft_;
  std::vector<VertexId> replacement_;
  std::unordered_multimap<std::size_t, VertexId> seen_;
  std::unordered_map<VertexId, Movement> movements_;
  std::unordered_multimap<std::size_t, VertexId> moved_;
};

}  // namespace

void simplify(Draft& draft) {
  Simplifier(draft).run();
}

}  // namespace gradus::plan
