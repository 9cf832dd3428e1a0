#include <unordered_map>

#include <boost/container_hash/hash.hpp>

#include <gradus/graph/plan/draft.h>

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

class Simplifier {
 public:
  explicit Simplifier(Draft& draft) : draft_(draft), replacement_(boost::num_vertices(draft.graph)) {}

  void run() {
    for (const VertexId v : draft_.order) {
      DraftVertex& vertex = draft_[v];
      for (VertexId& input : vertex.inputs) input = replacement_[input];
      replacement_[v] = better(v);
    }
    for (auto& output : draft_.outputs) output.vertex = replacement_[output.vertex];
    for (auto& assignment : draft_.assignments) assignment.value = replacement_[assignment.value];
    bury_the_dead();
  }

 private:
  // A vertex with the same value, or the vertex itself.
  VertexId better(VertexId v) {
    const DraftVertex& vertex = draft_[v];
    if (const VertexId other = without_neutral_element(vertex); other != no_vertex) return other;
    if (vertex.is_leaf() && !vertex.neutral_number) return v;
    auto [first, last] = seen_.equal_range(hash_of(vertex));
    for (; first != last; ++first) {
      if (same(draft_[first->second], vertex)) return first->second;
    }
    seen_.emplace(hash_of(vertex), v);
    return v;
  }

  bool is_number(VertexId v, std::optional<double> wanted) const {
    return wanted && draft_[v].neutral_number && draft_[v].number == *wanted;
  }

  VertexId without_neutral_element(const DraftVertex& vertex) const {
    if (!vertex.operation || vertex.inputs.size() != 2) return no_vertex;
    VertexId kept = no_vertex;
    if (is_number(vertex.inputs[1], vertex.operation->neutral_right)) kept = vertex.inputs[0];
    if (is_number(vertex.inputs[0], vertex.operation->neutral_left)) kept = vertex.inputs[1];
    if (kept == no_vertex || draft_[kept].shape != vertex.shape || draft_[kept].dtype != vertex.dtype) return no_vertex;
    return kept;
  }

  void bury_the_dead() {
    std::vector<bool> alive(replacement_.size(), false);
    for (const auto& output : draft_.outputs) alive[output.vertex] = true;
    for (const auto& assignment : draft_.assignments) alive[assignment.value] = alive[assignment.parameter] = true;
    for (std::size_t i = draft_.order.size(); i-- > 0;) {
      const VertexId v = draft_.order[i];
      if (!alive[v]) continue;
      for (const VertexId input : draft_[v].inputs) alive[input] = true;
    }
    std::erase_if(draft_.order, [&](VertexId v) {
      draft_[v].dead = !alive[v];
      return !alive[v];
    });
  }

  Draft& draft_;
  std::vector<VertexId> replacement_;
  std::unordered_multimap<std::size_t, VertexId> seen_;
};

}  // namespace

void simplify(Draft& draft) {
  Simplifier(draft).run();
}

}  // namespace gradus::plan
